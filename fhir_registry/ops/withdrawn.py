"""What nobody stores any more: data of persons who have withdrawn, or were erased (docs/consent.md, https://hl7.org/fhir/R4/consent.html)."""

from typing import NamedTuple

from ..core.mapping import table_columns
from ..core.naming import PERSONS, named, own_identifiers
from ..core.query_params import find_param
from ..endpoints.withdrawal import ERASE, RETAIN, STOP
from ..fhir.dates import SECOND, from_day
from ..fhir.errors import FhirError, Issue, error
from ..store.read import State
from ..store.withdrawals import find_identified, find_withdrawals

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
            patients = self._patients(writes)
            everybody = set().union(*(about | same for about, same in patients))
            found = find_withdrawals(self._registry.store, self._writer.connection, self._writer.site, everybody)
            issues = []
            for write, (about, same) in zip(writes, patients, strict=True):
                told = [_second(write, id_, each) for id_ in sorted(same) for each in found.get(id_, ())]
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
            raise FhirError(
                "erased",
                [Issue("error", "business-rule", _was_erased(found[name]), write.path) for write, name in erased],
            )

    def _patients(self, writes):
        """[({ids of the patients} whom each Write is about, {ids of those whose identifiers a Patient takes})].

        A patient may be named by an identifier only. A Patient that has it already has been told apart before.
        """
        told = [named(write.resource) for write in writes]
        store, param = self._registry.store, find_param(self._registry.content.search_params, "Patient", "identifier")
        wanted = set().union(*(each.identifiers for each in told))
        known = find_identified(store, self._writer.connection, self._writer.site, param.id, wanted)
        patients = []
        for write, each in zip(writes, told, strict=True):
            own = own_identifiers(write.resource) if write.type in PERSONS else set()  # says who somebody is
            about = {id_ for _, type_, id_ in each.references if type_ == "Patient"}
            about.update(*(known.get(identifier, ()) for identifier in each.identifiers - own))
            same = set()
            if write.type == "Patient":
                about.add(write.id)
                holders = [known[identifier] for identifier in own & known.keys()]
                same.update(*(ids for ids in holders if write.id not in ids))
            patients.append((about, same - about))
        return patients

    def _forbidden(self, write, withdrawal):
        """The Issue that a Write is not stored because of a Withdrawal; None when it is."""
        if write.type == "Consent":
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
        message = f"{why} (Consent/{withdrawal.consent}, {withdrawal.mode}); take it out of what you send"
        return Issue("error", "business-rule", message, write.path)

    def _days(self, write):
        return days_of(self._registry.store.rows, {**write.resource, "id": write.id})


def _second(write, patient, withdrawal):
    """The Issue that a Patient takes an identifier of another one who has withdrawn."""
    where = f"Consent/{withdrawal.consent}, {withdrawal.mode}"
    why = f"This has an identifier of Patient/{patient}, who has withdrawn ({where})"
    message = f"{why}, and may not come again under another id; take it out, or link the two by Patient.link"
    return Issue("error", "business-rule", message, write.path)


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
    day = from_day(tombstone.erased // _DAY)
    return f"This is, or names, what was erased on {day} ({tombstone.reason}); nothing of it is stored again"


def _names(write):
    """What tombstones may know of a Write: itself, what it refers to (on any server), identifiers of patients."""
    found = named(write.resource)
    return {(write.type, write.id), *((type_, id_) for _, type_, id_ in found.references), *found.identifiers}
