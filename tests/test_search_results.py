"""What a search answers beside its matches: totals, pages, links, parts (checks P01 to P48)."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from searches import BASE, LENIENT, get, ids, link, pages, post, served_fixture, warnings

STRICT = {"Prefer": "handling=strict"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, cases, new_database, content):
    """A server with the outside fixture; for tests that do not write."""
    with served_fixture(new_database(request.param), content, cases) as client:
        yield client


def tags(resource):
    return [tag["code"] for tag in resource["meta"].get("tag", ())]


# --- what is not known ------------------------------------------------------------------------------


@pytest.mark.parametrize("parameter", ["foo=1", "foo:exact=1", "foo.name=x"])  # P01, P04
def test_lenient_handling_leaves_out_what_is_not_known_and_says_so(client, parameter):
    bundle = get(client, f"Patient?{parameter}&gender=female", **LENIENT)
    assert (bundle["total"], ids(bundle)) == (2, ["p1", "p2"])
    assert link(bundle, "self") == f"{BASE}/Patient?gender=female"
    (warning,) = warnings(bundle)
    assert parameter.partition("=")[0] in warning


@pytest.mark.parametrize("headers", [{}, STRICT])  # P02; strict is what happens by default
def test_strict_handling_refuses_what_is_not_known(client, headers):
    (issue,) = get(client, "Patient?foo=1", 400, **headers)["issue"]
    assert issue["code"] == "not-supported" and "foo" in issue["diagnostics"]


@pytest.mark.parametrize("headers", [{}, LENIENT])
@pytest.mark.parametrize(
    "request_",
    [
        "Patient?family:exat=x",  # P03
        "Patient?birthdate:contains=1",  # P03
        "RiskAssessment?probability=gt",  # P05
        "RiskAssessment?probability=foo",  # P05
        "Observation?date=05",  # P05
        "Patient?_cursor=forged",  # P05, P36
        "Observation?_type=Patient",  # P06
        "?_type=",  # P08
        "Patient?_count=abc",  # P12
        "Patient?_count=-1",  # P12
        "Patient?_count=1.5",  # P12
        "Patient?_count=1&_count=2",
        "Patient?_total=xyz",  # P14
        "Patient?_summary=xyz",  # P15
        "Patient?_elements=id&_summary=text",  # P17
        "DiagnosticReport?_include=DiagnosticReport:result&_summary=text",  # P18
        "DiagnosticReport?_include:foo=DiagnosticReport:result",
        "Patient?_query=unknown",  # P45
        "Patient?_explain=maybe",
    ],
)
def test_what_is_refused_whatever_the_handling(client, request_, headers):
    assert get(client, request_, 400, **headers)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("request_", "matches"),
    [
        ("?_type=Patient,Foo", 4),  # P09
        ("Patient?_sort=foo", 4),  # P30b
        ("Patient?_sort=gender,foo", 4),
        ("Patient?_elements=id,foo", 4),
        ("Observation?_include=Foo:bar", 7),  # P26
        ("Observation?_include=Observation:nope", 7),  # P26
        ("Observation?_include=Observation", 7),  # P26
        ("Observation?_include=Observation:code", 7),
        ("Observation?_include=Patient:organization", 7),
        ("Patient?_revinclude=Observation:subject:Group", 4),
    ],
)
def test_what_is_refused_by_default_and_left_out_when_lenient(client, request_, matches):
    get(client, request_, 400)
    bundle = get(client, request_, **LENIENT)
    assert (bundle["total"], len(ids(bundle)), len(warnings(bundle))) == (matches, matches, 1)
    assert not {"foo", "Foo", "nope", "_include", "_revinclude"} & set(
        ",".join(parse_qs(urlsplit(link(bundle, "self")).query)).split(",")
    )


@pytest.mark.parametrize("request_", ["Patient?family=&_elements=&_count=&_include=", "Patient?name=&name=mul"])
def test_parameters_without_a_value_are_ignored(client, request_):  # P17, P47
    bundle = get(client, request_)
    assert ids(bundle) == (["p1", "p4"] if "mul" in request_ else ["p1", "p2", "p3", "p4"])
    assert "family" not in link(bundle, "self") and warnings(bundle) == []


# --- totals and pages -------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["_count=0", "_summary=count", "_count=0&_total=none", "_count=0&_totalMethod=count"])
def test_counting_only(client, query):  # P10
    bundle = get(client, f"Patient?{query}")
    assert (bundle["total"], [entry["relation"] for entry in bundle["link"]]) == (4, ["self"])
    assert "entry" not in bundle


def test_pages_hold_each_match_once(client):  # P11, P37
    found = list(pages(client, "Patient?_count=3&_total=accurate"))
    assert [ids(bundle) for bundle in found] == [["p1", "p2", "p3"], ["p4"]]
    assert [bundle["total"] for bundle in found] == [4, 4]
    assert "_count=3" in link(found[0], "next")
    assert link(found[1], "first") == link(found[0], "self")
    assert ids(get(client, link(found[1], "self"))) == ["p4"]


def test_a_page_that_ends_with_the_last_match_has_no_next(client):  # P11
    assert [ids(bundle) for bundle in pages(client, "Patient?_count=2")] == [["p1", "p2"], ["p3", "p4"]]


def test_a_count_beyond_the_limit_is_said(client):  # P13
    bundle = get(client, "Patient?_count=1000000")
    assert link(bundle, "self") == f"{BASE}/Patient?_count=1000"
    assert ids(bundle) == ["p1", "p2", "p3", "p4"] and "1000" in warnings(bundle)[0]


@pytest.mark.parametrize(("total", "expected"), [("none", None), ("accurate", 2), ("estimate", 2)])
def test_totals(client, total, expected):  # P14
    assert get(client, f"Patient?gender=female&_total={total}").get("total") == expected


@pytest.mark.parametrize(
    "request_", ["Patient?name:missing=false&_has:Observation:patient:code=2857-1&_total=accurate"]
)
def test_parameters_may_be_encoded_or_not(client, request_):  # P43
    place, _, query = request_.partition("?")
    encoded = "&".join("=".join(quote(part, safe="") for part in pair.split("=")) for pair in query.split("&"))
    answers = [client.get(f"/fhir/{place}?{q}").get_json() for q in (query, encoded)]
    assert answers[0] == answers[1]
    assert ids(answers[0]) == ["p1", "p2"]


# --- order ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("birthdate", "p2 p1 p3 p4"),  # P30: missing last in both directions
        ("-birthdate", "p3 p2 p1 p4"),  # P30
        ("family", "p2 p3 p1 p4"),  # P30b: equal ones as they were created
        ("gender,-birthdate", "p2 p1 p3 p4"),  # P30b
        ("_id", "p1 p2 p3 p4"),
        ("-_id", "p4 p3 p2 p1"),
        ("-active,_id", "p1 p3 p2 p4"),
    ],
)
@pytest.mark.parametrize("count", [1, 3, 50])
def test_order(client, sort, expected, count):
    found = [id for bundle in pages(client, f"Patient?_sort={sort}&_count={count}") for id in ids(bundle)]
    assert found == expected.split()


# --- parts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "members"),
    [
        ("_summary=false", None),
        (
            "_summary=true",
            {"active", "identifier", "name", "gender", "birthDate", "address", "managingOrganization"},
        ),  # P15
        ("_summary=text", set()),
        ("_elements=id,gender", {"gender"}),  # P16
        ("_elements=gender,birthDate", {"gender", "birthDate"}),
    ],
)
def test_parts_of_resources(client, query, members):
    whole = get(client, "Patient/p1")
    (entry,) = get(client, f"Patient?_id=p1&{query}")["entry"]
    part = entry["resource"]
    if members is None:
        assert part == whole
        return
    assert part.keys() == {"resourceType", "id", "meta"} | members
    assert tags(part) == ["SUBSETTED"]
    assert all(part[name] == whole[name] for name in members)


def test_summary_data_has_no_text(client):  # P15
    (entry,) = get(client, "Patient?_id=p1&_summary=data")["entry"]
    assert entry["resource"].keys() == get(client, "Patient/p1").keys() - {"text"}
    assert tags(entry["resource"]) == ["SUBSETTED"]


# --- by POST ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8"]
)
def test_search_by_post_takes_body_and_url_together(client, content_type):  # P31
    response = client.post("/fhir/Patient/_search?gender=female", data="family=mul", content_type=content_type)
    assert response.status_code == 200 and ids(response.get_json()) == ["p1"]


def test_search_by_post_of_another_type_is_refused(client):  # P31
    response = client.post("/fhir/Patient/_search", data="{}", content_type="application/fhir+json")
    assert response.status_code == 415 and response.get_json()["resourceType"] == "OperationOutcome"


def test_search_by_post_with_very_many_values_is_refused_politely(client):  # P32
    values = ",".join(f"patient-{n:012d}" for n in range(20_000))
    outcome = post(client, "Patient/_search", {"_id": values}, 400)
    assert outcome["issue"][0]["code"] == "too-costly"


def test_links_of_a_post_show_no_parameters(client):  # P33
    bundle = post(client, "Patient/_search", {"name:missing": "false", "_count": "3", "_sort": "family"})
    assert ids(bundle) == ["p2", "p3", "p1"]
    for relation in ("self", "next"):
        query = parse_qs(urlsplit(link(bundle, relation)).query)
        assert query.keys() == {"_cursor"}
    again = get(client, link(bundle, "self"))
    assert ids(again) == ids(bundle)
    last = get(client, link(bundle, "next"))
    assert ids(last) == ["p4"] and parse_qs(urlsplit(link(last, "first")).query).keys() == {"_cursor"}


def test_links_of_a_get_are_absolute_and_encoded(client):  # P33
    bundle = get(client, "Patient?family=Le%C3%B3n,mul&_count=1")
    assert link(bundle, "self") == f"{BASE}/Patient?family=Le%C3%B3n%2Cmul&_count=1"
    assert ids(bundle) + ids(get(client, link(bundle, "next"))) == ["p1", "p4"]


@pytest.mark.parametrize("change", ["gender=male", "_count=2", "_sort=-family"])
def test_a_cursor_is_of_one_search(client, change):  # P36
    following = link(get(client, "Patient?_count=1&_sort=family"), "next")
    get(client, following)
    get(client, f"{following}&{change}", 400)
    get(client, following.replace("/Patient?", "/Observation?"), 400)
    cursor = parse_qs(urlsplit(following).query)["_cursor"][0]
    get(client, f"Patient?_cursor={cursor}", 400)


# --- the same patient in many ways ------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        {"patient": "p1"},
        {"patient": "Patient/p1"},
        {"patient": f"{BASE}/Patient/p1"},
        {"patient": "p1", "status": "final,preliminary"},
        {"patient": "p1", "_revinclude": "Provenance:target"},
    ],
)
def test_a_patients_records_by_get_and_by_post(client, query):  # P46
    by_get = client.get("/fhir/Observation", query_string=query).get_json()
    by_post = post(client, "Observation/_search", query)
    assert ids(by_get) == ids(by_post) == ["o1", "o2", "o6"]
    assert by_get["total"] == by_post["total"] == 3


# --- all types --------------------------------------------------------------------------------------


def test_search_of_several_types(client):  # P07
    bundle = get(client, "?_type=Patient,Condition&_lastUpdated=gt2000-01-01")
    assert sorted(ids(bundle)) == ["c1", "c2", "c3", "p1", "p2", "p3", "p4"]
    assert bundle["total"] == 7
    by_post = post(client, "_search", {"_type": "Patient,Condition", "_lastUpdated": "gt2000-01-01"})
    assert ids(by_post) == ids(bundle)
    assert [id for page in pages(client, "?_type=Condition,Patient&_count=2") for id in ids(page)] == ids(bundle)


def test_search_of_several_types_takes_what_all_of_them_have(client):  # P08
    get(client, "?_type=Encounter,Procedure&subject=Patient/1")  # both have it
    assert get(client, "?_type=Patient,Condition&subject=Patient/1", 400)["resourceType"] == "OperationOutcome"
    assert ids(get(client, "?_id=p1,o1")) == ["p1", "o1"]


@pytest.mark.parametrize(("count", "shown"), [("007", "7"), ("0001000", "1000"), ("9" * 5000, "1000")])
def test_counts_however_they_are_written(client, count, shown):
    bundle = get(client, f"Patient?_count={count}")
    assert link(bundle, "self") == f"{BASE}/Patient?_count={shown}"
    assert len(warnings(bundle)) == (count == "9" * 5000)
