"""What nobody stores any more: data of persons who have withdrawn, or were erased (docs/consent.md, https://hl7.org/fhir/R4/consent.html)."""

from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

from ..core.mapping import table_columns
from ..core.naming import PERSONS, named, own_identifiers
from ..core.provenance import HEADER
from ..core.query_params import find_param
from ..endpoints.withdrawal import ERASE, RETAIN, STOP
from ..fhir import json
from ..fhir.dates import SECOND, from_day
from ..fhir.errors import FhirError, Issue, error
from ..store.read import State
from ..store.withdrawals import find_identified, find_withdrawals, read_deleted

WITHDRAWAL = "https://registry.example/CodeSystem/withdrawal"
MODES = frozenset({STOP, RETAIN, ERASE})
_DAY = 86400 * SECOND


class Write(NamedTuple):
    """A resource (dict) that is about to be stored; state: what is there, or None. path: in the request."""

    type: str
    id: str
    resource: dict
    state: State | None
    path: str | None


def check_withdrawal(consent, path):
    """The Issues of a Consent (dict, valid R4) that withdraws, and would not hold as it stands."""
    codings = [coding for concept in consent.get("category", ()) for coding in concept.get("coding", ())]
    modes = {coding.get("code") for coding in codings if coding.get("system") == WITHDRAWAL}
    if not modes or consent.get("status") != "active":
        return []
    issues = []
    if len(modes) > 1 or not modes <= MODES:
        message = f"A withdrawal has one mode, {' or '.join(sorted(MODES))}"
        issues.append(Issue("error", "business-rule", message, f"{path}.category"))
    if "reference" not in consent.get("patient", {}):
        message = "A withdrawal holds for the Patient that it refers to; set patient.reference, such as Patient/123"
        issues.append(Issue("error", "business-rule", message, f"{path}.patient.reference"))
    return issues


class Guard:
    """Refuses what one write transaction must not store. One short question says whether there can be anything."""

    def __init__(self, registry, writer):
        self._registry, self._writer, self._tombstones = registry, writer, registry.store.tombstones
        self._erased, self._withdrawn = self._tombstones.has_any(writer.connection, writer.site)

    @property
    def is_needed(self):
        """Whether somebody was erased, or has withdrawn."""
        return self._erased or self._withdrawn

    def refuse(self, writes):
        """Raise erased or unprocessable when one of these Writes must not be stored."""
        self.refuse_erased(writes)
        if self._withdrawn:
            store, connection, site = self._registry.store, self._writer.connection, self._writer.site
            patients = self._patients(writes)
            everybody = set().union(*(about | same for about, same in patients))
            found = find_withdrawals(store, connection, site, everybody, self._registry.home)
            issues = []
            for write, (about, same) in zip(writes, patients, strict=True):
                told = [self._second(write, id_, each) for id_ in sorted(same) for each in found.get(id_, ())]
                told += [self._forbidden(write, each) for id_ in sorted(about) for each in found.get(id_, ())]
                issues += [issue for issue in told if issue][:1]
            if issues:
                raise FhirError("unprocessable", issues)

    def refuse_erased(self, writes):
        """Raise erased when one of these Writes is, or names, what was erased."""
        if not self._erased:
            return
        names = [_names(write) for write in writes]
        found = self._tombstones.find(self._writer.connection, self._writer.site, set().union(*names))
        erased = [
            (write, min(told & found.keys())) for write, told in zip(writes, names, strict=True) if told & found.keys()
        ]
        if erased:
            told = self._may_read("Patient")
            issues = [(_was_erased(found[name] if told else None), write.path) for write, name in erased]
            raise FhirError("erased", [Issue("error", "business-rule", *issue) for issue in issues])

    def _patients(self, writes):
        """[({ids of the patients} whom each Write is about, {ids of those whose identifiers a Patient takes})].

        A patient may be named by an identifier only. A Patient that has it already has been told apart before.
        """
        told = [named(write.resource) for write in writes]
        known = self._holders(set().union(*(each.identifiers for each in told)))
        patients = []
        for write, each in zip(writes, told, strict=True):
            own = own_identifiers(write.resource) if write.type in PERSONS else set()  # says who somebody is
            places = {(base, id_) for base, type_, id_ in each.references if type_ == "Patient"}
            about = {id_ for _, id_ in places}
            about.update(*(known.get(identifier, ()) for identifier in each.identifiers - own))
            same = set()
            if write.type == "Patient":
                about.add(write.id)
                holders = [known[identifier] for identifier in own & known.keys()]
                same.update(*(ids for ids in holders if write.id not in ids))
                # A link to a Patient of another server makes nobody one with a Patient here.
                same -= {id_ for base, id_ in places if base in (None, self._registry.home)}
            patients.append((about, same))
        return patients

    def _holders(self, identifiers):
        """{(system, value): ids of the Patients that have it}, of deleted ones too where they have withdrawn."""
        if not identifiers:
            return {}
        param = find_param(self._registry.content.search_params, "Patient", "identifier")
        known = find_identified(self._registry.store, self._writer.connection, self._writer.site, param.id, identifiers)
        for identifier in identifiers & self._deleted.keys():
            known.setdefault(identifier, set()).update(self._deleted[identifier])
        return known

    @cached_property
    def _deleted(self):
        """{(system, value): ids of the deleted Patients who have withdrawn, and had it at last}."""
        found = defaultdict(set)
        for id_, body in read_deleted(self._registry.store, self._writer.connection, self._writer.site):
            for identifier in own_identifiers(json.parse(body)):
                found[identifier].add(id_)
        return found

    def _forbidden(self, write, withdrawal):
        """The Issue that a Write is not stored because of a Withdrawal; None when it is."""
        if write.type == "Consent" or write.path == HEADER:  # which tells of what is stored, or was
            return None
        is_new = write.state is None or write.state.deleted
        if is_new and withdrawal.mode != RETAIN:
            why = "This is new, and about a patient who has withdrawn"
        elif not is_new and self._writer.find_same(*write[:4]):
            return None
        elif any(withdrawal.day is None or day > withdrawal.day for day in self._days(write)):
            why = "This is dated after the withdrawal of its patient"
        else:
            return None
        message = f"{why}{self._which(withdrawal)}; take it out of what you send"
        return Issue("error", "business-rule", message, write.path)

    def _second(self, write, patient, withdrawal):
        """The Issue that a Patient takes an identifier of another one who has withdrawn."""
        whose = f"Patient/{patient}," if self._may_read("Patient") else "a patient"
        why = f"This has an identifier of {whose} who has withdrawn{self._which(withdrawal)}"
        message = f"{why}, and may not come again under another id; take it out, or link the two by Patient.link"
        return Issue("error", "business-rule", message, write.path)

    def _which(self, withdrawal):
        return f" (Consent/{withdrawal.consent}, {withdrawal.mode})" if self._may_read("Consent") else ""

    def _may_read(self, type):
        """Whether the client may read all resources of the type: who only writes is told of none by a guess."""
        return self._registry.access.permits(type, "r") == ()

    def _days(self, write):
        return days_of(self._registry.store.rows, {**write.resource, "id": write.id})


def days_of(rows, resource):
    """The days of a resource (dict), each the first that its date may mean, that a mapped table holds. rows: Rows."""
    views = rows.views.get(resource["resourceType"], ())
    mapped = rows.map(resource) if views else {}
    for view in views:
        at = [n for n, (name, _) in enumerate(table_columns(view)) if name.endswith("_lo")]
        yield from (row[n] for row in mapped[view.name] for n in at if row[n] is not None)


def refuse_unknown(registry, connection, site, type, id, what=None):
    """Raise deleted (410) for a resource that was erased, not-found (404) for one that was never here.

    what: how the message names it, by default Type/id.
    """
    found = registry.store.tombstones.find(connection, site, [(type, id)])
    if found:
        raise error("deleted", "deleted", _was_erased(*found.values()))
    raise error("not-found", "not-found", f"{what or f'{type}/{id}'} is not known")


def sent_before():
    """The FhirError for what is sent again after something that it created was erased."""
    message = "Something that was created by this before has been erased; send what else it holds without that"
    return error("erased", "business-rule", message)


def _was_erased(tombstone):
    """tombstone: None for who is not told when and why."""
    when = f" on {from_day(tombstone.erased // _DAY)} ({tombstone.reason})" if tombstone else ""
    return f"This is, or names, what was erased{when}; nothing of it is stored again"


def _names(write):
    """What tombstones may know of a Write: itself, what it refers to (on any server), identifiers of patients."""
    found = named(write.resource)
    return {(write.type, write.id), *((type_, id_) for _, type_, id_ in found.references), *found.identifiers}
