"""A site's resources become files, one a type (docs/deidentification.md; https://hl7.org/fhir/uv/bulkdata/export.html)."""

import hashlib
import os
import tempfile
from contextlib import ExitStack
from typing import NamedTuple

import fhir_registry

from ..core.audit import READS, Part, seal
from ..fhir import json
from ..fhir.dates import instant_literal
from ..fhir.errors import nearest
from ..store.current import count_current, read_current
from ..store.site import number_of
from ..store.wall import EVERYWHERE
from .deidentify import Deidentifier
from .own_file import open_own

MANIFEST = "manifest.json"
PROGRESS = 100  # resources between two words of it
TOLD_AT_ONCE = 1000  # patients in one event of the audit log


class ExportError(Exception):
    """What was asked for cannot be exported; the message says why and what to do."""


class Exported(NamedTuple):
    """manifest: as it is in its file. classes: Counter of persons by core.anonymity.Class; None when identified."""

    manifest: dict
    classes: dict | None


def export(registry, folder, site, types=(), disguise=None, small_cell=0, event=None, progress=None, base=None):
    """Write the current resources of a site, as of one moment, into a folder that is there and empty.

    site: its name. types: () for all. disguise: (key, purpose, systems of linkage, base) as a Deidentifier takes them;
    None leaves resources as they are. small_cell: classes of fewer persons are counted in the manifest. event: for
    the audit log. progress: function of (type, resources done, all). base: URL of this server, when there is no
    disguise. Raises ExportError, FhirError.
    """
    store, base = registry.store, disguise[3] if disguise else base
    touched = set()  # ids of patients

    def note(body):
        touched.update(store.rows.patients.of_body(body, base))

    number = number_of(store, site)
    with store.read(EVERYWHERE, limited=False) as connection:
        counts = _count(registry, connection, number)
        unknown = [name for name in types if name not in registry.content.definitions.resource_types]
        if unknown:
            known = nearest(unknown[0], registry.content.definitions.resource_types)
            raise ExportError(f"{unknown[0]} is no resource type{known}")
        wanted = [type_ for type_ in counts if not types or type_ in types]
        teller = Deidentifier(registry, connection, (number, site), *disguise) if disguise else None
        told = [type_ for type_ in wanted if teller is None or type_ in teller.rules.types]
        taken = instant_literal(store.now())
        output = [
            _write_type(
                registry, connection, number, type_, folder, teller, note if event else None, counts[type_], progress
            )
            for type_ in told
        ]
    manifest = {"program": fhir_registry.__version__, "transactionTime": taken, "deidentified": disguise is not None}
    if teller:
        manifest |= {"purpose": disguise[1]} | _tell_left_out(teller, {t: counts[t] for t in wanted if t not in told})
        classes = teller.anonymity.classes()
        small = [persons for persons in classes.values() if persons < small_cell]
        manifest["anonymity"] = {
            "k": small_cell,
            "persons": sum(classes.values()),
            "classes": len(classes),
            "smallClasses": len(small),
            "personsInSmallClasses": sum(small),
        }
    manifest["output"] = [each for each in output if each["count"]]
    _write(folder / MANIFEST, [json.dumps(manifest, pretty=True)])
    if event:
        _record(store, number, event, manifest, sorted(touched))
    return Exported(manifest, classes if teller else None)


def _count(registry, connection, site):
    """{type: how many resources} of what is no content."""
    owned = [type_ for type_, _ in registry.owned]
    counts = {t: n - owned.count(t) for t, n in count_current(registry.store, connection, site).items()}
    return {type_: number for type_, number in counts.items() if number}


def _write_type(registry, connection, site, type, folder, teller, note, total, progress):
    """Write <type>.ndjson; what the manifest says of it. note: function of the text of each resource, or None."""
    digest, count, path = hashlib.sha256(), 0, folder / f"{type}.ndjson"
    lines = _lines(registry, connection, site, type, teller, note, total, progress)
    if teller:
        lines = sort_by_pseudonym(lines, type, folder)

    def counted():
        nonlocal count
        for line in lines:
            digest.update(line)
            count += 1
            yield line

    _write(path, counted())
    if not count:
        path.unlink()
    return {"type": type, "url": path.name, "count": count, "sha256": digest.hexdigest()}


def _lines(registry, connection, site, type, teller, note, total, progress):
    done = 0
    for id_, body in read_current(registry.store, connection, site, type):
        if (type, id_) in registry.owned:
            continue
        told = body if teller is None else teller.tell(type, id_, body)
        if told is not None:
            if note:
                note(body)
            yield told + b"\n"
        done += 1
        if progress and (done % PROGRESS == 0 or done == total):
            progress(type, done, total)


def sort_by_pseudonym(lines, type, folder):
    """De-identified lines in the order of their ids: that of their creation would tell who came when.

    What does not fit into memory is divided among files by the first digits of the id.
    """
    at = len(f'{{"resourceType":"{type}","id":"')
    with ExitStack() as open_:
        parts = {}
        for line in lines:
            digits = line[at : at + 2]
            if digits not in parts:
                parts[digits] = open_.enter_context(tempfile.TemporaryFile(dir=folder))
            parts[digits].write(line)
        for _, part in sorted(parts.items()):
            part.seek(0)
            yield from sorted(part)


def _write(path, parts):
    with open_own(path) as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())


def _tell_left_out(teller, types):
    """What the manifest says of what is not in the files; types: {type that is never told: count}."""
    left_out = {type_: {"type-not-told": number} for type_, number in types.items()}
    for (type_, reason), number in sorted(teller.left_out.items()):
        left_out.setdefault(type_, {})[reason] = number
    return {"leftOut": left_out}


def _record(store, site, event, manifest, patients):
    """Store an event of it, and others of the patients: an erasure takes the reason of an event that is about him."""
    kind = f"purpose {manifest['purpose']}" if manifest["deidentified"] else "identified"
    count = sum(each["count"] for each in manifest["output"])
    events = [event._replace(count=count, reason=f"export, {kind}")]
    for start in range(0, len(patients), TOLD_AT_ONCE):
        events.append(event._replace(parts=tuple(map(Part, patients[start : start + TOLD_AT_ONCE])), reason=""))
    with store.database.write(site) as connection:
        store.audit.append(connection, site, READS, [seal(each, store.now()) for each in events])
