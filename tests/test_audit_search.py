"""AuditEvents are read and searched, a page at a time; what is not supported is refused by name."""

import base64
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from audit_events import SITE, append, erase, pushed, read, searched
from clock import Clock

from fhir_registry.core.access import Access
from fhir_registry.core.audit import MINOR, WRITES, Event
from fhir_registry.core.paging import Client
from fhir_registry.core.scopes import parse_scopes
from fhir_registry.fhir import json
from fhir_registry.fhir.dates import SECOND
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import audit
from fhir_registry.ops.audit import read_audit, search_audit
from fhir_registry.ops.open import open_registry

BASE = "https://registry.example/fhir"
ASKS = Client(BASE, caller="auditor")


@pytest.fixture
def registry(prepared, content):
    """With six events, a minute apart."""
    clock = Clock()
    registry = open_registry(prepared, content, clock=clock)
    for event in (
        pushed("p1", "p2"),  # 0-1: four AuditEvents
        read("p1"),
        searched("p1", "p3", user="u1"),
        read("p2", outcome=MINOR, status=403),
        Event("search-type", "other", query="family=x", request="r"),
    ):
        append(registry.store, event, chain=WRITES if event.interaction == "transaction" else 1)
        clock.now += 60 * SECOND
    append(registry.store, read("p1"), site=2)
    yield registry
    registry.close()


ALL = ["1-4-0-0", "1-3-1-1", "1-2-1-0", "1-2-2-0", "1-1-1-1", "0-1-1-1", "0-1-1-2", "0-1-2-1", "0-1-2-2"]


def search(registry, query, client=ASKS, site=SITE):
    bundle = json.parse(search_audit(registry, site, parse_qsl(query, keep_blank_values=True), client))
    assert bundle["type"] == "searchset" and "total" not in bundle
    return bundle


def ids(bundle):
    return [entry["resource"]["id"] for entry in bundle.get("entry", ())]


def follow(bundle):
    """The query of the next page, None on the last."""
    return next((urlsplit(link["url"]).query for link in bundle["link"] if link["relation"] == "next"), None)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL),
        ("_sort=-date", ALL),
        ("_sort=date", [*ALL[5:], "1-1-1-1", "1-2-1-0", "1-2-2-0", "1-3-1-1", "1-4-0-0"]),
        ("patient=p1", ["1-2-1-0", "1-1-1-1", "0-1-1-1", "0-1-1-2"]),
        ("patient=Patient/p3", ["1-2-2-0"]),
        (f"patient={BASE}/Patient/p3", ["1-2-2-0"]),
        ("patient=p1&patient=p2", []),
        ("patient=nobody", []),
        ("patient=p3,p2", ["1-3-1-1", "1-2-2-0", "0-1-2-1", "0-1-2-2"]),  # a comma is OR (R4, search.html#combining)
        ("patient=Patient/p1,nobody", ["1-2-1-0", "1-1-1-1", "0-1-1-1", "0-1-1-2"]),
        ("patient=p1,p2&_sort=date", ["0-1-1-1", "0-1-1-2", "0-1-2-1", "0-1-2-2", "1-1-1-1", "1-2-1-0", "1-3-1-1"]),
        ("patient=p1,p2&patient=p2,p3", ["1-3-1-1", "0-1-2-1", "0-1-2-2"]),
        ("entity=Observation/of-p1", ["0-1-1-2"]),
        ("entity=Observation/of-p1,Patient/p3", ["1-2-2-0", "0-1-1-2"]),
        ("entity=Patient/p2", ["1-3-1-1", "0-1-2-1", "0-1-2-2"]),
        ("agent=reader", ["1-3-1-1", "1-2-1-0", "1-2-2-0", "1-1-1-1"]),
        ("agent=other,push-client", ["1-4-0-0", *ALL[5:]]),
        ("agent:identifier=u1", ["1-2-1-0", "1-2-2-0"]),
        ("action=C", ["0-1-1-1", "0-1-2-1"]),
        ("action=C,U&patient=p2", ["0-1-2-1", "0-1-2-2"]),
        ("outcome=4", ["1-3-1-1"]),
        ("subtype=search-type", ["1-4-0-0", "1-2-1-0", "1-2-2-0"]),
        ("subtype=http://hl7.org/fhir/restful-interaction|read", ["1-3-1-1", "1-1-1-1"]),
        ("subtype=http://example.org|read", []),
        ("type=rest", ALL),
        ("type=destroy", []),
        ("date=2025-10-09", ALL),
        ("date=2025-10-10", []),
        ("date=ge2025-10-09T08:56:00Z", ["1-4-0-0", "1-3-1-1"]),
        ("date=gt2025-10-09T08:56:20Z", ["1-4-0-0"]),
        ("date=lt2025-10-09T08:54:00Z", ALL[5:]),
        ("date=le2025-10-09T08:54:20Z", ALL[4:]),
        ("date=sa2025-10-09T08:54&date=eb2025-10-09T08:56", ["1-2-1-0", "1-2-2-0"]),
        ("_id=0-1-2-1,1-9-1-1,nonsense,1-3-1-1", ["0-1-2-1", "1-3-1-1"]),
        ("_id=0-1-2-1&action=U", []),
        ("_id=", ALL),
    ],
)
def test_what_is_found(registry, query, expected):
    assert ids(search(registry, query)) == expected


@pytest.mark.parametrize("count", [1, 2, 3, 8, 9])
@pytest.mark.parametrize("rest", ["", "&_sort=date", "&patient=p1", "&patient=p1,p2", "&action=C,U,E"])
def test_pages_are_the_whole_cut(registry, count, rest):
    whole = ids(search(registry, rest[1:]))
    query, found = f"_count={count}{rest}", []
    while query:
        bundle = search(registry, query)
        assert len(ids(bundle)) <= count
        found += ids(bundle)
        query = follow(bundle)
    assert found == whole


def test_what_comes_while_somebody_turns_pages_moves_nothing(registry):
    first = search(registry, "_count=3")
    append(registry.store, read("p9"))
    rest = search(registry, follow(first).replace("_count=3", "_count=3"))
    assert ids(first) + ids(rest) == ALL[:6]


def test_a_page_looks_at_so_much_and_no_more(registry, monkeypatch):
    """It may have less than was asked for, even nothing, and the next link leads on."""
    monkeypatch.setattr(audit, "LOOKED", 2)
    monkeypatch.setattr(audit, "CHUNK", 1)
    query, pages = "action=C", []
    while query:
        bundle = search(registry, query)
        pages.append(ids(bundle))
        query = follow(bundle)
    assert [page for page in pages if page] == [["0-1-1-1", "0-1-2-1"]] and len(pages) >= 3


def test_a_cursor_is_of_one_client_and_site(registry):
    query = follow(search(registry, "_count=1"))
    for client, site in ((ASKS._replace(caller="another"), SITE), (ASKS, 2)):
        with pytest.raises(FhirError, match="_cursor"):
            search(registry, query, client, site)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("patiant=p1", "'patiant' is not supported; did you mean 'patient'"),
        ("_include=AuditEvent:patient", "'_include' is not supported"),
        ("_total=accurate", "'_total' is not supported"),
        ("_summary=true", "'_summary' is not supported"),
        ("_has:Provenance:entity:_id=1", "is not supported"),
        ("patient.name=x", "is not supported"),
        ("action:not=C", "is not supported"),
        ("_sort=_id", "_sort must be one of -date, date"),
        ("_count=0", "there is none"),
        ("_count=x", "not a number"),
        ("_count=1&_count=2", "once only"),
        ("date=yesterday", "is not a date"),
        ("date=2024,2025", "one value"),
        ("date=ap2025", "the prefix ap is not supported"),
        ("patient=Group/g", "not one reference such as Patient/id"),
        ("patient=p1,", "not one reference"),
        ("patient=p1,Group/g", "not one reference such as Patient/id"),
        ("entity=p1", "not one reference"),
        ("entity=https://elsewhere.org/Patient/p1", "not one reference"),
        ("action=|", "system|code"),
        (f"_id={','.join('1-1-1-1' for _ in range(101))}", "at most 100"),
        (f"patient={','.join(f'p{number}' for number in range(101))}", "'patient' has at most 100"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(registry, query, words):
    with pytest.raises(FhirError) as found:
        search(registry, query)
    assert found.value.status == 400 and words in str(found.value)


def test_one_is_read_by_its_id(registry):
    event = read_audit(registry, SITE, "1-2-2-0", BASE)
    assert event["id"] == "1-2-2-0" and event["recorded"] == "2025-10-09T08:55:20.000Z"
    (query,) = (entity["query"] for entity in event["entity"] if "query" in entity)
    assert base64.b64decode(query) == b"patient=p1"
    (entry,) = search(registry, "_id=1-2-2-0")["entry"]
    assert entry["resource"] == event and entry["fullUrl"] == f"{BASE}/AuditEvent/1-2-2-0"


@pytest.mark.parametrize("id", ["1-2-3-0", "1-2-2-1", "1-9-0-0", "9-1-0-0", "1-2-2", "x", "01-2-2-0", "1-2-02-0"])
def test_one_that_is_not_there(registry, id):
    with pytest.raises(FhirError) as found:
        read_audit(registry, SITE, id, BASE)
    assert found.value.status == 404


def test_what_was_erased_is_found_no_more(registry):
    erase(registry.store, "p1")
    assert ids(search(registry, "patient=p1")) == []
    assert ids(search(registry, "type=destroy")) == ["0-2-0-0"]
    assert b"p1" not in search_audit(registry, SITE, [], ASKS)


def test_other_sites_are_not_seen(registry):
    assert ids(search(registry, "", site=2)) == ["1-1-1-1"]
    assert ids(search(registry, "", site=3)) == []


@pytest.mark.parametrize("scopes", ["system/Patient.rs", "system/AuditEvent.rs?type=rest", ""])
def test_only_those_who_may(registry, content, scopes):
    """A scope with a criterion grants nothing here: AuditEvents are not indexed."""
    access = Access("c", parse_scopes(scopes, content.search_params))
    for walk in (lambda r: search(r, ""), lambda r: read_audit(r, SITE, "1-1-1-1", BASE)):
        with pytest.raises(FhirError) as found:
            walk(replace(registry, access=access))
        assert found.value.status == 403 and "system/AuditEvent." in found.value.headers["WWW-Authenticate"]
    allowed = replace(registry, access=Access("c", parse_scopes("system/AuditEvent.rs", content.search_params)))
    assert ids(search(allowed, "")) == ALL
