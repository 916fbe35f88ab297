"""$everything: a patient with all that belongs to it (https://hl7.org/fhir/R4/patient-operation-everything.html)."""

from itertools import islice
from typing import NamedTuple

from ..core.criteria import Criterion, Filter, Itself, LastUpdated, Not
from ..core.paging import MAX_COUNT, go_on, parse_count, resume
from ..core.provenance import OF_TRANSACTION
from ..core.provenance import TYPE as PROVENANCE
from ..core.query import parse_filter
from ..core.query_values import Range, parse_date
from ..fhir.errors import Issue, at_parameter, bad_parameter
from .read import find_in
from .search_place import compartment, compartment_types, permitted_anywhere
from .searchset import outcome_entry, page_links, write_entry, write_searchset

OWNERS = ("Patient", "Encounter")
MAX_STEPS = 5  # references from a record to the last of them
MAX_NAMED = 10_000  # resources to which _CHUNK records refer
_CHUNK = 1000
_ONCE = ("start", "end", "_since", "_count")
# The date of care of a type where it is no parameter `date`; a type without any is answered for every period.
_CARE_DATES = {
    "Account": "period",
    "AllergyIntolerance": "onset",
    "ChargeItem": "occurrence",
    "Claim": "created",
    "Communication": "sent",
    "CommunicationRequest": "occurrence",
    "Condition": "onset-date",
    "DetectedIssue": "identified",
    "DeviceRequest": "event-date",
    "ExplanationOfBenefit": "created",
    "Goal": "start-date",
    "ImagingStudy": "started",
    "Media": "created",
    "MedicationAdministration": "effective-time",
    "MedicationDispense": "whenhandedover",
    "MedicationRequest": "authoredon",
    "MedicationStatement": "effective",
    "NutritionOrder": "datetime",
    "QuestionnaireResponse": "authored",
    "RequestGroup": "authored",
    "ServiceRequest": "authored",
    "Specimen": "collected",
    "VisionPrescription": "datewritten",
}


class _Step(NamedTuple):
    """One entry of the answer. place: where the walk goes on after it."""

    rid: int
    mode: bytes
    place: list


class _Asked(NamedTuple):
    """types: () for all; start, end: Range or None; since: Range; shown: the pairs as they were sent."""

    types: tuple[str, ...]
    start: Range | None
    end: Range | None
    since: Range | None
    count: int
    shown: list[tuple[str, str]]


def everything(registry, site, owner, id, pairs, client):
    """A resource of OWNERS, its compartment, and what these refer to: a searchset Bundle as bytes.

    pairs: (name, value): start, end (dates of care), _since, _type (several, by comma or repeated), _count. Each
    resource stands on one page: first the owner, then its compartment in the order of creation, then (mode include)
    what these refer to, over at most MAX_STEPS references, but for records in the compartments of others.
    Raises FhirError: 404, 410, 400.
    """
    with registry.store.read(site) as connection:
        return everything_in(registry, connection, site, owner, id, pairs, client)


def everything_in(registry, connection, site, owner, id, pairs, client):
    """everything inside a transaction."""
    path = f"{owner}/{id}/$everything"
    client, pairs, position = registry.cursors.follow(client, site, path, pairs)
    asked = _parse(registry, pairs)
    registry.access.require(owner, "s")
    find_in(registry, connection, site, owner, id)  # raises when it is not here
    walk = _Walk(registry, connection, site, (owner, id), asked, registry.home or client.base)
    place, total = resume(position, registry.access, walk.total)
    steps = list(islice(walk.steps(place), asked.count + 1)) if asked.count else []
    page = steps[: asked.count]
    more = go_on(page[-1].place, total, registry.access) if len(steps) > len(page) else None
    bodies = registry.store.reader.current(connection, [step.rid for step in page])
    if registry.trail:
        registry.trail.note_found(body for _, _, body in bodies.values())
    entries = [write_entry(client.base, step.mode, *bodies[step.rid]) for step in page]
    links = page_links(registry.cursors, client, site, path, asked.shown, position, more)
    return write_searchset(total, links, entries + outcome_entry(walk.issues))


class _Walk:
    """All that is answered, in one order, from any place on: the owner, its records, what these refer to."""

    def __init__(self, registry, connection, site, owner, asked, base):
        self._store, self._connection, self._site, self._asked = registry.store, connection, site, asked
        self._own = registry.store.reader.states(connection, site, [owner])[owner]
        self._owner_wanted = self._wanted(owner[0], self._own.updated)
        self._members = compartment_types(registry, owner[0])
        self._of_patients = registry.content.definitions.compartments["Patient"]
        within = compartment(registry, *owner, self._members, base)
        params = _care_dates(registry.content.search_params, self._members)
        self._criteria = (within, Not(Itself(*owner)), *_in_period(params, asked), *_of_one(registry.content))
        access = registry.access
        self._permitted = permitted_anywhere(registry, connection, site)
        if self._permitted:
            self._criteria += (self._permitted,)
        types = tuple(
            type_
            for type_ in self._members
            if (not asked.types or type_ in asked.types) and access.allows(type_, "r") and access.allows(type_, "s")
        )
        since = (LastUpdated((asked.since,)),) if asked.since else ()
        self._records = self._prepare(types, since) if types else None
        self.issues = []

    def total(self):
        """How many entries have the mode match."""
        return self._owner_wanted + (self._records.total(exact=True) if self._records else 0)

    def steps(self, place):
        """The steps after a place, None for the beginning."""
        phase, last = place or ("owner", None)
        if phase == "owner":
            if self._owner_wanted:
                yield _Step(self._own.rid, b"match", ["records", None])
            phase = "records"
        if phase == "records":
            for row in _all_rows(self._records, last) if self._records else ():
                yield _Step(row.rid, b"match", ["records", row.keys])
            last = 0
        for rid in self._supporting():
            if rid > last:
                yield _Step(rid, b"include", ["supporting", rid])

    def _supporting(self):
        """rids, sorted, of what the owner and its records refer to.

        Records in compartments of patients are of others, or stand here already; an encounter's are answered, but not
        followed.
        """
        frontier = [self._own.rid, *(row.rid for row in _all_rows(self._prepare(self._members, ()), None))]
        found = {}
        for _ in range(MAX_STEPS):
            fresh = {rid: place for rid, place in self._named(frontier).items() if rid not in found}
            found |= fresh
            frontier = [rid for rid, (type_, _) in fresh.items() if type_ not in self._of_patients]
        return sorted(rid for rid, place in found.items() if self._wanted(*place))

    def _named(self, rids):
        """rid -> (type, updated) of what the resources refer to, without the types of the compartment."""
        named = {}
        for start in range(0, len(rids), _CHUNK):
            some = rids[start : start + _CHUNK]
            reached = self._store.search.included(
                self._connection, self._site, some, None, None, MAX_NAMED + 1, permitted=self._permitted
            )
            if len(reached) > MAX_NAMED:
                message = f"{_CHUNK} records refer to more than {MAX_NAMED} resources; the rest of these is left out"
                self.issues = [Issue("warning", "incomplete", message)]
            places = self._store.reader.places(self._connection, reached)
            named |= {rid: place for rid, place in places.items() if place[0] not in self._members}
        return named

    def _prepare(self, types, criteria):
        filter = Filter(types, (*self._criteria, *criteria))
        return self._store.search.prepare(self._connection, self._site, filter, ())

    def _wanted(self, type, updated):
        asked = self._asked
        return (not asked.types or type in asked.types) and (asked.since is None or updated >= asked.since.lo)


def _all_rows(query, after):
    while rows := query.page(_CHUNK, after):
        yield from rows
        after = rows[-1].keys


def _parse(registry, pairs):
    """_Asked out of (name, value) pairs; what has no value is ignored."""
    given, types = {}, []
    for name, value in pairs:
        if name == "_type":
            types += filter(None, value.split(","))
        elif name not in _ONCE:
            message = f"The parameter '{name}' is not supported; known: {', '.join(_ONCE)}, _type"
            raise bad_parameter(name, "not-supported", message)
        elif name in given and value:
            raise bad_parameter(name, "invalid", f"The parameter '{name}' may be given once only")
        elif value:
            given[name] = value
    for type_ in types:
        if type_ not in registry.types:
            raise bad_parameter("_type", "not-supported", f"_type: '{type_}' is not a resource type of this server")
    bounds = {"start": "eb", "end": "sa", "_since": "ge"}
    start, end, since = (_read_bound(given, name, prefix) for name, prefix in bounds.items())
    count = parse_count(given["_count"]) if "_count" in given else MAX_COUNT
    shown = [pair for pair in pairs if pair[1]]
    return _Asked(tuple(types), start, end, since, count, shown)


def _read_bound(given, name, prefix):
    with at_parameter(name):
        return parse_date(name, prefix + given[name]) if name in given else None


def _care_dates(search_params, types):
    """The parameters that hold the dates of care of these types."""
    wanted = {type_: _CARE_DATES.get(type_, "date") for type_ in types}
    return tuple(
        param
        for type_ in types
        for param in search_params[type_]
        if param.code == wanted[type_] and param.type == "date"
    )


def _of_one(content):
    """Criteria: none of the server's Provenances, which name others who were written together with the owner."""
    pairs = [("_tag:not", f"{OF_TRANSACTION['system']}|{OF_TRANSACTION['code']}")]
    return parse_filter((PROVENANCE,), pairs, content.search_params, None).criteria


def _in_period(params, asked):
    """Criteria: no care that ended before the start, or began after the end, of the period."""
    return [Not(Criterion(params, None, (bound,))) for bound in (asked.start, asked.end) if bound]
