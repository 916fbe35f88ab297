"""_include and _revinclude (https://hl7.org/fhir/R4/search.html#include; checks P20 to P29)."""

import pytest
from searches import get, ids, pages, served, served_fixture, store, warnings


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, cases, new_database, content):
    """A server with the outside fixture; for tests that do not write."""
    with served_fixture(new_database(request.param), content, cases) as client:
        yield client


@pytest.fixture
def empty(database, content):
    with served(database, content) as client:
        yield client


@pytest.mark.parametrize(
    ("request_", "matches", "included"),
    [
        ("DiagnosticReport?_id=d1&_include=DiagnosticReport:result", "d1", "o1 o2"),  # P20
        (  # P21: p1 is named by the report and by both observations, and stands there once
            "DiagnosticReport?_id=d1&_include=DiagnosticReport:result"
            "&_include:iterate=Observation:subject&_include=DiagnosticReport:subject",
            "d1",
            "o1 o2 p1",
        ),
        (
            "DiagnosticReport?_id=d1&_include=DiagnosticReport:result&_include:recurse=Observation:subject",
            "d1",
            "o1 o2 p1",
        ),
        ("DiagnosticReport?_id=d1&_include=DiagnosticReport:result&_include:iterate=Observation:device", "d1", "o1 o2"),
        ("Patient?_id=p1&_revinclude=Observation:subject", "p1", "o1 o2 o6"),  # P23
        ("Patient?_id=p1&_revinclude=Observation:subject:Patient", "p1", "o1 o2 o6"),
        ("Patient?_id=p1&_revinclude=Observation:*", "p1", "o1 o2 o6"),
        ("Patient?_id=p1&_revinclude=*", "p1", "c1 d1 g1 o1 o2 o6"),
        ("Patient?_id=p2&_revinclude=Group:member&_include=Patient:organization", "p2", "g1 org-b"),
        ("Observation?_id=o1&_include=Observation:subject:Group", "o1", ""),  # P24
        ("Observation?_id=o1&_include=Observation:subject:Patient", "o1", "p1"),
        ("DiagnosticReport?_id=d1&_include=DiagnosticReport:*", "d1", "o1 o2 p1"),  # P25
        ("DiagnosticReport?_id=d1&_include=DiagnosticReport:*:Patient", "d1", "p1"),
        ("DiagnosticReport?_id=d1&_include=*", "d1", "o1 o2 p1"),  # P25
        ("Patient?_id=p2&_include=*&_include:iterate=Organization:partof", "p2", "org-a org-b"),
        (
            "Organization?_id=org-a&_revinclude=Organization:partof&_revinclude:iterate=Patient:organization",
            "org-a",
            "org-b p1 p2",
        ),
        ("Observation?_id=o1,o2&_include=Observation:subject", "o1 o2", "p1"),
        ("Patient?_id=p1,p2&_include=Patient:organization&_has:Group:member:_id=g1", "p1 p2", "org-a org-b"),
        (
            "?_type=Observation,Condition&_id=o1,c2&_include=Observation:subject&_include=Condition:subject",
            "c2 o1",
            "p1 p3",
        ),
        ("Patient?_id=nobody&_revinclude=Observation:subject", "", ""),
    ],
)
def test_what_is_included(client, request_, matches, included):
    bundle = get(client, request_ + "&_total=accurate")
    assert (sorted(ids(bundle)), sorted(ids(bundle, "include"))) == (matches.split(), included.split())
    assert bundle["total"] == len(matches.split())  # P20: matches only
    assert warnings(bundle) == []


def test_every_page_has_what_its_matches_name(client):  # P22
    found = [
        (ids(b), ids(b, "include"))
        for b in pages(client, "Observation?patient=p1&_count=1&_include=Observation:subject")
    ]
    assert found == [(["o1"], ["p1"]), (["o2"], ["p1"]), (["o6"], ["p1"])]


def test_a_match_is_not_included_again(client):
    bundle = get(client, "Organization?_include=Organization:partof")
    assert (ids(bundle), ids(bundle, "include")) == (["org-a", "org-b"], [])


def organizations(length):
    """A row of organizations, each a part of the next one."""
    return [
        {"resourceType": "Organization", "id": f"x{n}", "name": "x"}
        | ({"partOf": {"reference": f"Organization/x{n + 1}"}} if n < length else {})
        for n in range(length + 1)
    ]


def test_iterating_ends_after_five_references_and_says_so(empty):  # P27
    store(empty, *organizations(50))
    bundle = get(empty, "Organization?_id=x0&_include:iterate=Organization:partof")
    assert ids(bundle, "include") == ["x1", "x2", "x3", "x4", "x5"]
    assert "5" in warnings(bundle)[0]
    bundle = get(empty, "Organization?_id=x45&_include:iterate=Organization:partof")
    assert ids(bundle, "include") == ["x46", "x47", "x48", "x49", "x50"] and warnings(bundle) == []
    bundle = get(empty, "Organization?_id=x5&_revinclude:iterate=Organization:partof")
    assert ids(bundle, "include") == ["x4", "x3", "x2", "x1", "x0"] and warnings(bundle) == []


def test_iterating_through_a_circle_ends(empty):  # P27
    circle = organizations(3)
    circle[-1]["partOf"] = {"reference": "Organization/x0"}
    store(empty, *circle)
    bundle = get(empty, "Organization?_id=x0&_include:iterate=Organization:partof")
    assert ids(bundle, "include") == ["x1", "x2", "x3"] and warnings(bundle) == []


def test_more_than_a_thousand_are_cut_off_and_it_is_said(empty):  # P27
    patient = {"resourceType": "Patient", "id": "p"}
    basic = {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient/p"}}
    store(empty, patient, *(basic | {"id": f"b{n}"} for n in range(1001)))
    bundle = get(empty, "Patient?_revinclude=Basic:subject")
    assert len(ids(bundle, "include")) == 1000 and "1000" in warnings(bundle)[0]
    empty.delete("/fhir/Basic/b7")
    bundle = get(empty, "Patient?_revinclude=Basic:subject")
    assert len(ids(bundle, "include")) == 1000 and warnings(bundle) == []


def test_what_was_deleted_is_not_included(empty):  # P29
    store(
        empty,
        {"resourceType": "Patient", "id": "p"},
        {"resourceType": "Basic", "id": "b", "code": {"text": "x"}, "subject": {"reference": "Patient/p"}},
    )
    empty.delete("/fhir/Patient/p")
    assert ids(get(empty, "Basic?_include=Basic:subject"), "include") == []


def test_references_as_urls_of_this_server_are_followed(empty):
    store(
        empty,
        {"resourceType": "Patient", "id": "p"},
        {"resourceType": "Basic", "id": "b", "code": {"text": "x"}, "subject": {"reference": "Patient/p/_history/1"}},
    )
    assert ids(get(empty, "Basic?_include=Basic:subject"), "include") == ["p"]


def test_what_is_named_by_its_canonical_url_is_included(empty):
    url = "http://example.org/Library/l"
    store(
        empty,
        {"resourceType": "Library", "id": "l", "url": url, "status": "active", "type": {"text": "x"}},
        {"resourceType": "Measure", "id": "m1", "status": "draft", "library": [f"{url}|1.0"]},
        {"resourceType": "Measure", "id": "m2", "status": "draft", "library": [url]},
        {"resourceType": "Measure", "id": "m3", "status": "draft", "library": [f"{url}/other"]},
    )
    for include in ("Measure:depends-on", "Measure:depends-on:Library", "Measure:*"):
        assert ids(get(empty, f"Measure?_id=m1,m2&_include={include}"), "include") == ["l"]
    assert ids(get(empty, "Measure?_id=m3&_include=Measure:depends-on"), "include") == []
    assert ids(get(empty, "Measure?_id=m1&_include=Measure:depends-on:PlanDefinition"), "include") == []
    found = get(empty, "Library?_id=l&_revinclude=Measure:depends-on")
    assert (ids(found), ids(found, "include")) == (["l"], ["m1", "m2"])
