"""read and search of AuditEvents, which are made from the audit log when they are asked for (https://hl7.org/fhir/R4/auditevent.html#search)."""

import re
from typing import NamedTuple

from ..core.audit_event import KINDS, event_id, number_events, render
from ..core.paging import parse_count
from ..core.query_values import bad, parse_date, parse_token, split
from ..fhir import json
from ..fhir.errors import at_parameter, bad_parameter, error, nearest
from ..fhir.references import split_reference
from .searchset import page_links, write_entry, write_searchset

TYPE = "AuditEvent"
# Criteria that a search of AuditEvents knows.
CRITERIA = ("_id", "action", "agent", "date", "entity", "outcome", "patient", "subtype", "type")
RESULTS = ("_count", "_sort")
ORDERS = {"-date": True, "date": False}  # whether the newest is first
MAX_IDS = 100  # in one value
LOOKED = 5_000  # stored events that are looked at for one page; a page may have less than was asked for
CHUNK = 200  # of these in one statement
_LAST = (2**31, 0)  # no event has a number after it
_ID = re.compile(r"(\d{1,2})-(\d{1,18})-(\d{1,9})-(\d{1,9})")


class _Asked(NamedTuple):
    """What a search asks for. Of each tuple of patients (ids), entities (Type/id) and Tokens one must match."""

    ids: list[str] | None
    during: tuple[int | None, int | None]
    patients: list[tuple]
    entities: list[tuple]
    tokens: dict
    count: int
    newest: bool
    shown: list


def read_audit(registry, site, id, base):
    """The AuditEvent (dict) of an id. Raises FhirError: not-found (404), forbidden (403)."""
    _require(registry.access, "r")
    with registry.store.ask(site) as connection:
        found = _find(registry, connection, site, id)
    if found is None:
        raise error("not-found", "not-found", f"{TYPE}/{id} is not known")
    if registry.trail:
        registry.trail.note_patients(_patients([found]))
    return render(*found, base)


def search_audit(registry, site, pairs, client):
    """A searchset Bundle of AuditEvents, as bytes, the newest first unless `_sort=date`.

    pairs: (name, value), percent-decoded. client: core.paging.Client. A page may have less than `_count`, and the next
    link leads on: so many stored events are looked at in one request and no more. Raises FhirError: 400 for any
    parameter that is not in CRITERIA or RESULTS, 403.
    """
    _require(registry.access, "s")
    client, pairs, position = registry.cursors.follow(client, site, TYPE, pairs)
    asked = _parse(pairs, client.base)
    with registry.store.read(site) as connection:
        found, more = _page(registry, connection, site, asked, position)
    if registry.trail:
        registry.trail.note_patients(_patients(found))
    entries = [
        write_entry(
            client.base, b"match", TYPE, event_id(row, numbered), json.dumps(render(row, numbered, client.base))
        )
        for row, numbered in found
    ]
    links = page_links(registry.cursors, client, site, TYPE, asked.shown, position, more)
    return write_searchset(None, links, entries)


def _require(access, letter):
    if access.require(TYPE, letter):  # they are not indexed, so that no criterion of a scope can be judged
        raise access.refusal(TYPE, letter, f"meet only some of all {TYPE}s")


def _find(registry, connection, site, id):
    """(Row, Numbered) of an id, None when there is none."""
    match = _ID.fullmatch(id)
    if match is None:
        return None
    number, seq = map(int, match.groups()[:2])
    row = registry.store.audit.find(connection, site, number, seq)
    events = ((row, each) for each in number_events(row)) if row else ()
    return next((found for found in events if event_id(*found) == id), None)


def _patients(found):
    """The ids of the patients that (Row, Numbered) tell of."""
    return {numbered.part["patient"] for _, numbered in found if numbered.part and numbered.part["patient"]}


def _page(registry, connection, site, asked, position):
    """([(Row, Numbered)] of a page, where the next one begins or None)."""
    if asked.ids is not None:
        found = (_find(registry, connection, site, id_) for id_ in asked.ids)
        return [each for each in found if each and _matches(asked, *each)], None
    found = []
    for row, numbered in _events(registry, connection, site, asked, position):
        if numbered is None:  # enough was looked at
            return found, [row.recorded, row.chain, row.seq, *_LAST]
        if not _matches(asked, row, numbered):
            continue
        if len(found) == asked.count:
            row, numbered = found[-1]
            return found, [row.recorded, row.chain, row.seq, *numbered.number]
        found.append((row, numbered))
    return found, None


def _events(registry, connection, site, asked, position):
    """Yield (Row, Numbered) after a position, at last (Row, None) when there may be more than was looked at."""
    audit, place = registry.store.audit, None
    if position:
        *place, part, entry = position
        row = audit.find(connection, site, *place[1:])
        yield from ((row, each) for each in (number_events(row) if row else ()) if each.number > (part, entry))
    some = asked.patients[0] if asked.patients else None
    for _ in range(LOOKED // CHUNK):
        rows = audit.page(connection, site, CHUNK, place, asked.newest, asked.during, some)
        for row in rows:
            yield from ((row, each) for each in number_events(row))
        if len(rows) < CHUNK:
            return
        place = rows[-1].recorded, rows[-1].chain, rows[-1].seq
    yield rows[-1], None


def _matches(asked, row, numbered):
    lo, hi = asked.during
    if (lo is not None and row.recorded < lo) or (hi is not None and row.recorded >= hi):
        return False
    patient = numbered.part["patient"] if numbered.part else ""
    if any(patient not in each for each in asked.patients):
        return False
    named = {f"Patient/{patient}", "/".join(numbered.entry[1:3]) if numbered.entry else ""}
    if any(named.isdisjoint(each) for each in asked.entities):
        return False
    told, kind = row.payload, KINDS[numbered.interaction]
    codings = {
        "action": [("", kind.action)],
        "outcome": [("", told["outcome"])],
        "type": [(kind.type["system"], kind.type["code"])],
        "subtype": [(kind.subtype["system"], kind.subtype["code"])] if kind.subtype else [],
        "agent": [("", told[name]) for name in ("client", "user") if name in told],
    }
    return all(
        any(_is(token, coding) for token in tokens for coding in codings[name])
        for name, each in asked.tokens.items()
        for tokens in each
    )


def _is(token, coding):
    return token.system in (None, coding[0]) and token.code in (None, coding[1])


# --- parameters -------------------------------------------------------------------------------------


def _parse(pairs, base):
    ids, lo, hi, patients, entities, tokens = None, None, None, [], [], {}
    results = {}
    for name, value in pairs:
        with at_parameter(name):
            if name not in (*CRITERIA, *RESULTS, "agent:identifier"):
                hint = nearest(name, (*CRITERIA, *RESULTS))
                known = f"a search of {TYPE} knows {', '.join((*CRITERIA, *RESULTS))}"
                raise bad(f"'{name}' is not supported{hint or f'; {known}'}", "not-supported")
            if value == "":
                continue
            match name:
                case "_count" | "_sort":
                    if name in results:
                        raise bad(f"'{name}' may be given once only")
                    results[name] = value
                case "_id":
                    ids = [each for each in _split(name, value) if ids is None or each in ids]
                case "date":
                    since, until = _during(value)
                    lo = since if lo is None or (since is not None and since > lo) else lo
                    hi = until if hi is None or (until is not None and until < hi) else hi
                case "patient":
                    found = _references(name, value, base, "Patient")
                    patients.append(tuple(each.removeprefix("Patient/") for each in found))
                case "entity":
                    entities.append(_references(name, value, base))
                case _:
                    token = name.partition(":")[0]
                    tokens.setdefault(token, []).append(tuple(parse_token(name, part) for part in split(value, ",")))
    order = results.get("_sort", "-date")
    if order not in ORDERS:
        raise bad_parameter("_sort", "not-supported", f"_sort must be one of {', '.join(ORDERS)}")
    count = parse_count(results.get("_count", ""))
    if count == 0:
        message = "_count=0 asks for a total, and of AuditEvents there is none; ask for 1 or more"
        raise bad_parameter("_count", "not-supported", message)
    shown = [(name, value) for name, value in pairs if value]
    return _Asked(ids, (lo, hi), patients, entities, tokens, count, ORDERS[order], shown)


def _during(value):
    """(from, until) of a date with a prefix, microseconds, exclusive at the end; None for no bound."""
    if len(split(value, ",")) > 1:
        raise bad("'date' may have one value; give it twice for a beginning and an end", "not-supported")
    found = parse_date("date", value)
    bounds = {
        "eq": (found.lo, found.hi),
        "ge": (found.lo, None),
        "gt": (found.hi, None),
        "sa": (found.hi, None),
        "le": (None, found.hi),
        "lt": (None, found.lo),
        "eb": (None, found.lo),
    }
    if found.prefix not in bounds:
        raise bad(f"'date': the prefix {found.prefix} is not supported for {TYPE}; known: {' '.join(bounds)}")
    return bounds[found.prefix]


def _references(name, value, base, type=None):
    """(`Type/id`, ...) that the references of a value mean."""
    return tuple(_reference(name, part, base, type) for part in _split(name, value))


def _split(name, value):
    parts = split(value, ",")
    if len(parts) > MAX_IDS:
        raise bad(f"'{name}' has at most {MAX_IDS} values", "too-costly")
    return parts


def _reference(name, value, base, type):
    """`Type/id` that a reference means; an id alone is of `type`."""
    relative = value.removeprefix(f"{base}/")
    if type and "/" not in relative:
        relative = f"{type}/{relative}"
    _, found, id_ = split_reference(relative) or (None, None, None)
    if found is None or "://" in relative or type not in (None, found):
        raise bad(f"'{name}': '{value}' is not one reference such as {type or 'Observation'}/id")
    return f"{found}/{id_}"
