"""Which patients are one person: the links of mergers (https://hl7.org/fhir/R4/patient.html#link).

Only patients with a link, and those they name, are read and walked; everybody else is a person alone.
"""

from collections import defaultdict

from sqlalchemy import select, text

from ..fhir import json
from .derived_tables import LINKED, LINKED_INDEX

CHUNK = 500  # ids in one statement


def local(key, type, base):
    """The id of a resource here, of its URL too; keys of other servers stay URLs."""
    return key.removeprefix(f"{base}/{type}/") if key and base else key


def read_mergers(store, connection, site, base=None):
    """{surviving Patient id: its patients, the surviving one first} of the persons with several patients.

    base: URL of this server; links that begin with it are to patients here. A circle survives in its smallest id.
    """
    replaced_by, replaces = _read_links(store, connection, site, base)
    named = {*replaced_by.values(), *(old for old, _ in replaces)} - replaced_by.keys() - {None}
    replaced_by |= dict.fromkeys(_stored(store, connection, site, named))
    for old, survivor in replaces:
        # Both ends of a merger may tell of it; the one that was merged knows best.
        if old in replaced_by and replaced_by[old] is None and old != survivor:
            replaced_by[old] = survivor
    persons = defaultdict(list)
    for id_, survivor in _find_survivors(replaced_by).items():
        persons[survivor].append(id_)
    return {
        survivor: sorted(members, key=lambda id_, survivor=survivor: (id_ != survivor, id_))
        for survivor, members in persons.items()
        if len(members) > 1
    }


def _read_links(store, connection, site, base):
    """({patient with a link: the one it was merged into, or None}, [(merged patient, the one that tells so)])."""
    table = store.tables.mapped["patient"]
    patient = table.c
    query = select(patient.patient, patient.replaced_by, patient.replaces).where(patient._site == site, text(LINKED))
    # SQLite would take the order of the table for the better choice.
    query = query.order_by(patient.patient).with_hint(table, f"INDEXED BY {LINKED_INDEX}{store.tables.slot}", "sqlite")
    replaced_by, replaces = {}, []
    for id_, survivor, merged in connection.execute(query):
        replaced_by[id_] = local(survivor, "Patient", base)
        replaces += [(local(old, "Patient", base), id_) for old in json.parse((merged or "[]").encode())]
    return replaced_by, replaces


def linked_with(store, connection, site, patients, base=None):
    """These patients and all that links join to them, be it by a link that another one overrules."""
    replaced_by, replaces = _read_links(store, connection, site, base)
    return join((*replaced_by.items(), *replaces), patients)


def join(pairs, patients):
    """These patients and all that pairs, (patient, another one or None), join to them."""
    joined = defaultdict(set)
    for one, other in pairs:
        joined[one].add(other)
        joined[other].add(one)
    found, open_ = set(patients), list(patients)
    while open_:
        more = joined[open_.pop()] - found - {None}
        found |= more
        open_ += more
    return found


def _find_survivors(replaced_by):
    """{patient: the last of its chain} of {patient: the one it was merged into, or None}."""
    survivors = {}
    for start in replaced_by:
        path, here = [], start
        while here in replaced_by and here not in survivors and here not in path:
            path.append(here)
            here = replaced_by[here]
        last = path[path.index(here) :] if here in path else path[-1:]  # a circle, or the end of the chain
        survivors |= dict.fromkeys(path, survivors.get(here) or min(last))
    return survivors


def survivors(store, connection, site, patients, base=None):
    """{Patient id: id of the surviving patient, its own mostly} of those `patients` that are Patients here."""
    mergers = read_mergers(store, connection, site, base)
    merged = {member: survivor for survivor, members in mergers.items() for member in members}
    return {id_: merged.get(id_, id_) for id_ in _stored(store, connection, site, patients)}


def _stored(store, connection, site, ids):
    """Those of the ids that are Patients here, sorted."""
    patient, found, ids = store.tables.mapped["patient"].c, [], sorted(ids)
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        query = select(patient.patient).where(patient._site == site, patient.patient.in_(some)).distinct()
        found += connection.execute(query.order_by(patient.patient)).scalars()
    return found
