"""Search: what is found, what is refused, pages (https://hl7.org/fhir/R4/search.html)."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from fhir_registry.core.paging import Client
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest, search
from fhir_registry.ops.open import open_registry

BASE = "http://base/fhir"
NEW = {"method": "POST", "url": "Basic"}


def ask(registry, request, type="Patient", strict=True):
    """The Bundle that answers `Type?query`."""
    place, _, query = request.rpartition("?")
    pairs = parse_qsl(query.replace("+", "%2B"), keep_blank_values=True)
    return json.parse(search.search(registry, 1, place or type, pairs, Client(BASE, strict)))


def ids(bundle, mode="match"):
    return [e["resource"]["id"] for e in bundle.get("entry", ()) if e["search"]["mode"] == mode]


def link(bundle, relation):
    return next((entry["url"] for entry in bundle["link"] if entry["relation"] == relation), None)


def walk(registry, request):
    """The ids of all pages."""
    found = []
    while request:
        bundle = ask(registry, request)
        found.append(ids(bundle))
        following = link(bundle, "next")
        request = following and following.removeprefix(f"{BASE}/")
    return found


def put(type, id, **more):
    return {
        "resource": {"resourceType": type, "id": id, **more},
        "request": {"method": "PUT", "url": f"{type}/{id}"},
    }


ENTRIES = [
    put("Organization", "north", name="Nordklinik"),
    put(
        "Patient",
        "a",
        active=True,
        name=[{"family": "Müller-Lüdenscheidt", "given": ["Ute", "Maria"]}],
        gender="female",
        birthDate="1960-05-11",
        identifier=[{"system": "urn:mrn", "value": "1001"}, {"value": "77"}],
        managingOrganization={"reference": "Organization/north"},
    ),
    put("Patient", "b", name=[{"family": "100%_sure", "given": ["O'Neil"]}], gender="male", birthDate="1960-05"),
    put("Patient", "c", name=[{"family": "Sato"}], identifier=[{"system": "urn:mrn", "value": "10,02"}]),
    put(
        "Observation",
        "o1",
        status="final",
        code={"coding": [{"system": "http://loinc.org", "code": "2857-1"}]},
        subject={"reference": "Patient/a"},
        effectiveDateTime="2020-01-15T10:00:00+01:00",
        valueQuantity={"value": 5.4, "unit": "ng/mL", "system": "http://unitsofmeasure.org", "code": "ng/mL"},
    ),
    put(
        "Observation",
        "o2",
        status="preliminary",
        code={"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
        subject={"reference": "Patient/b"},
        effectivePeriod={"start": "2020-01-10", "end": "2020-01-20"},
        valueQuantity={"value": 12, "comparator": ">", "unit": "g/dL"},
    ),
    put("Observation", "o3", status="final", code={"text": "no code"}, subject={"reference": "Patient/a"}),
]


def load(url, content, bundle):
    registry = open_registry(url, content)
    ingest.bundle(registry, 1, bundle, BASE)
    return registry


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def ward(request, new_database, content):
    """A registry with three patients and three observations; for tests that do not write."""
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": ENTRIES}
    registry = load(new_database(request.param), content, bundle)
    yield registry
    registry.close()


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("Patient", "a b c"),
        ("Patient?_id=a,c,zz", "a c"),
        ("Patient?_id=A", ""),
        ("Patient?family=", "a b c"),
        ("Patient?family=mull", "a"),
        ("Patient?family=ludenscheidt", "a"),
        ("Patient?family:exact=müller-lüdenscheidt", ""),
        ("Patient?family:exact=Müller-Lüdenscheidt", "a"),
        ("Patient?family:contains=at", "c"),
        ("Patient?family=%25", ""),
        ("Patient?family=100%25_", "b"),
        ("Patient?family:contains=%25", "b"),
        ("Patient?family:contains=_", "b"),
        ("Patient?given=o'n", "b"),
        ("Patient?name=maria", "a"),
        ("Patient?identifier=1001", "a"),
        ("Patient?identifier=urn:mrn|1001", "a"),
        ("Patient?identifier=urn:mrn|", "a c"),
        ("Patient?identifier=|77", "a"),
        ("Patient?identifier=|1001", ""),
        (r"Patient?identifier=10\,02", "c"),
        ("Patient?identifier=10,02", ""),
        ("Patient?gender=male,female", "a b"),
        ("Patient?gender=male&gender=female", ""),
        ("Patient?gender:not=male", "a c"),
        ("Patient?gender:not=male,female", "c"),
        ("Patient?gender:missing=true", "c"),
        ("Patient?gender:missing=false", "a b"),
        ("Patient?active=true", "a"),
        ("Patient?birthdate=1960", "a b"),
        ("Patient?birthdate=1960-05-11", "a"),
        ("Patient?birthdate=ne1960-05-11", "b"),
        ("Patient?birthdate=gt1960-05-11", "b"),
        ("Patient?birthdate=ge1960-05-11", "a b"),
        ("Patient?birthdate=lt1960-05-11", "b"),
        ("Patient?birthdate=sa1960-05", ""),
        ("Patient?birthdate=eb1961", "a b"),
        ("Patient?birthdate=ap1960", "a b"),
        ("Observation?date=2020-01-15T10:00:00+01:00", "o1"),
        ("Observation?date=2020-01-15T09:00Z", "o1"),
        ("Observation?date=2020-01", "o1 o2"),
        ("Observation?date=2020-01-15", "o1"),
        ("Observation?value-quantity=5.4", "o1"),
        ("Observation?value-quantity=5", "o1"),
        ("Observation?value-quantity=5.0", ""),
        ("Observation?value-quantity=gt12", "o2"),
        ("Observation?value-quantity=lt12", "o1"),
        ("Observation?value-quantity=5.4||ng/mL", "o1"),
        ("Observation?value-quantity=5.4|http://unitsofmeasure.org|mg", ""),
        ("Observation?subject=a", "o1 o3"),
        ("Observation?subject=Patient/a", "o1 o3"),
        ("Observation?subject:Patient=a", "o1 o3"),
        (f"Observation?subject={BASE}/Patient/a", "o1 o3"),
        ("Observation?subject=Patient/A", ""),
        ("Observation?subject:Group=Patient/a", ""),
        ("Observation?patient.gender=male", "o2"),
        ("Observation?subject:Patient.name=muller", "o1 o3"),
        ("Observation?patient.organization.name=nord", "o1 o3"),
        ("Patient?_has:Observation:patient:code=2857-1", "a"),
        ("Patient?_has:Observation:patient:status=final,preliminary", "a b"),
        ("Organization?_has:Patient:organization:_has:Observation:patient:code=2857-1", "north"),
        ("Patient?_lastUpdated=gt2000", "a b c"),
        ("Patient?_lastUpdated=lt2000", ""),
    ],
)
def test_what_is_found(ward, request_, expected):
    bundle = ask(ward, request_)
    assert sorted(ids(bundle)) == expected.split()
    assert bundle["total"] == len(expected.split())


@pytest.mark.parametrize(
    "request_",
    [
        "Patient?foo=1",
        "Patient?family:exat=x",
        "Patient?birthdate:contains=1",
        "Patient?gender:text=x",
        "Patient?gender:of-type=a|b|c",
        "Patient?identifier:of-type=a|b",
        "Patient?birthdate=1960-02-30",
        "Patient?birthdate=1960-5",
        "Observation?date=2020-01-15T09",
        "Observation?value-quantity=5.4|x",
        "Observation?value-quantity=foo",
        "Observation?value-quantity=gt",
        "Observation?code=a|b|c",
        "Observation?code=a\\b",
        "Observation?code-value-quantity=a",
        "Observation?code-value-quantity=a$x",
        "Observation?code-value-quantity=a$5$6",
        "Observation?code-value-quantity=a,b$5$6",
        "Observation?code-value-quantity=a,b$x",
        "Observation?code-value-quantity=a,$5",
        "Observation?code-value-quantity:exact=a$5",
        "Observation?subject:Nope=a",
        "Observation?subject.nope=a",
        "Observation?code.text=a",
        "Patient?_has:Observation:patient=1",
        "Patient?_has:Observation:nope:code=1",
        "Patient?gender:missing=maybe",
        "Patient?_total=xyz",
        "Patient?_count=abc",
        "Patient?_count=-1",
        "Patient?_count=1&_count=2",
        "Patient?_cursor=forged",
        "Patient?_include=Patient:nope",
        "Patient?_query=x",
        "Patient?_id=" + ",".join(map(str, range(501))),
        "Patient?" + "&".join(["gender=male"] * 101),
        "Observation?" + "subject." * 30 + "name=x",
    ],
)
def test_what_is_refused(ward, request_):
    with pytest.raises(FhirError, check=lambda problem: problem.status == 400):
        ask(ward, request_)


def test_unknown_type(ward):
    with pytest.raises(FhirError, check=lambda problem: problem.status == 404):
        ask(ward, "Nope?_id=1")


def test_lenient_handling_says_what_it_left_out(ward):
    bundle = ask(ward, "Patient?foo=1&gender=male", strict=False)
    assert (bundle["total"], ids(bundle)) == (1, ["b"])
    (outcome,) = (entry for entry in bundle["entry"] if entry["search"]["mode"] == "outcome")
    assert "foo" in outcome["resource"]["issue"][0]["diagnostics"]
    assert link(bundle, "self") == f"{BASE}/Patient?gender=male"
    with pytest.raises(FhirError):
        ask(ward, "Patient?gender:nope=male", strict=False)


@pytest.mark.parametrize("order", ["", "_id", "-_id", "_lastUpdated", "-_lastUpdated"])
def test_pages_hold_each_match_once(ward, order):
    pages = walk(ward, f"Patient?_count=2&_sort={order}" if order else "Patient?_count=2")
    assert [len(page) for page in pages] == [2, 1]
    found = pages[0] + pages[1]
    assert sorted(found) == ["a", "b", "c"]
    if order.endswith("_id"):
        assert found == sorted(found, reverse=order[0] == "-")


def test_a_cursor_belongs_to_its_order(ward):
    following = link(ask(ward, "Patient?_count=2"), "next")
    query = urlsplit(following).query
    with pytest.raises(FhirError, check=lambda problem: problem.status == 400):
        ask(ward, f"Patient?{query}&_sort=_id")


@pytest.mark.parametrize("query", ["_count=0", "_summary=count"])
def test_counting_only(ward, query):
    bundle = ask(ward, f"Patient?{query}")
    assert bundle["total"] == 3
    assert "entry" not in bundle
    assert [entry["relation"] for entry in bundle["link"]] == ["self"]


def test_count_is_capped_and_total_can_be_left_out(ward):
    bundle = ask(ward, "Patient?_count=1000000&_total=none")
    assert "total" not in bundle
    assert "_count=1000" in link(bundle, "self").split("?")[1].split("&")


def test_self_link_is_percent_encoded(ward):
    assert link(ask(ward, "Patient?family=León"), "self") == f"{BASE}/Patient?family=Le%C3%B3n"


def test_include_and_revinclude(ward):
    bundle = ask(ward, "Observation?_include=Observation:subject")
    assert (bundle["total"], ids(bundle), ids(bundle, "include")) == (3, ["o1", "o2", "o3"], ["a", "b"])
    assert ids(ask(ward, "Observation?_include=Observation:subject:Group"), "include") == []
    bundle = ask(ward, "Patient?_id=b&_revinclude=Observation:patient")
    assert (bundle["total"], ids(bundle), ids(bundle, "include")) == (1, ["b"], ["o2"])


def test_pages_hold_while_others_write(registry):
    for number in range(6):
        ingest.update(
            registry,
            1,
            "Basic",
            f"r{number}",
            {"resourceType": "Basic", "id": f"r{number}", "code": {}} | {"code": {"text": "x"}},
        )
    first = ask(registry, "Basic?_count=2")
    ingest.delete(registry, 1, "Basic", "r1")
    ingest.create(registry, 1, "Basic", {"resourceType": "Basic", "code": {"text": "new"}})
    rest = walk(registry, link(first, "next").removeprefix(f"{BASE}/"))
    found = ids(first) + [id for page in rest for id in page]
    assert [id for id in found if id.startswith("r")] == ["r0", "r1", "r2", "r3", "r4", "r5"]
    assert len(found) == len(set(found))


def test_many_values_are_no_burden(ward):
    names = ",".join(f"name{n}" for n in range(499))
    for query in (f"name={names},ute", f"name:exact={names},Ute"):
        assert ids(ask(ward, f"Patient?{query}")) == ["a"]
    dates = ",".join(["ge2200"] * 499)
    assert ids(ask(ward, f"Patient?birthdate={dates},1960-05-11")) == ["a"]


@pytest.mark.parametrize(
    "query",
    [
        "Patient?name:contains=" + "a" * 60_000,
        "Provenance?" + "target:Provenance." * 6 + "_id=x",
        "Patient?" + "&".join(["_revinclude=Observation:subject"] * 51),
    ],
)
def test_what_would_cost_too_much_is_refused(ward, query):
    with pytest.raises(FhirError, check=lambda problem: problem.issues[0].code == "too-costly"):
        ask(ward, query)


@pytest.mark.parametrize(
    "query",
    [
        "target:Provenance.target:Provenance.target:Patient.name:exact=x",
        "target:Provenance.target:Provenance.target:Observation.code:not=x",
        "target:Provenance.target:Patient._has:Observation:patient:value-quantity=ge1|a|b",
        "_has:Provenance:target:_has:Provenance:target:_has:Provenance:target:recorded=ap2020",
        "_has:Provenance:target:target:Provenance.target:Patient.name=x,y,z",
    ],
)
def test_chains_as_deep_as_permitted(ward, query):
    assert ask(ward, f"Provenance?{query}")["total"] == 0


def test_has_finds_what_current_resources_name(registry):
    for id_, code, subject in (("one", "x", "a"), ("two", "y", "b"), ("gone", "x", "b")):
        sent = {"resourceType": "Observation", "id": id_, "status": "final", "code": {"coding": [{"code": code}]}}
        ingest.update(registry, 1, "Observation", id_, {**sent, "subject": {"reference": f"Patient/{subject}"}})
    for id_ in "ab":
        ingest.update(registry, 1, "Patient", id_, {"resourceType": "Patient", "id": id_})
    ingest.delete(registry, 1, "Observation", "gone")
    assert ids(ask(registry, "Patient?_has:Observation:subject:code=x")) == ["a"]
    assert ids(ask(registry, "Patient?_has:Observation:subject:_id=two")) == ["b"]


def test_references_written_as_urls_of_this_server(registry):
    sent = {"resourceType": "Basic", "id": "b", "code": {"text": "x"}, "subject": {"reference": f"{BASE}/Patient/p"}}
    ingest.update(registry, 1, "Basic", "b", sent)
    for query in (f"subject={BASE}/Patient/p", "subject=Patient/p", "subject:Patient=p", "patient=Patient/p"):
        assert ids(ask(registry, f"Basic?{query}")) == ["b"], query
    assert ids(ask(registry, "Basic?subject=Patient/q,Group/p")) == []


def test_too_many_included_resources_are_announced(registry):
    sent = [{"resourceType": "Patient", "id": "p"}]
    sent += [{"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient/p"}}] * 1001
    entries = [
        {"resource": each, "request": {"method": "PUT", "url": "Patient/p"} if "id" in each else NEW} for each in sent
    ]
    ingest.bundle(registry, 1, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, BASE)
    bundle = ask(registry, "Patient?_revinclude=Basic:subject")
    assert len(ids(bundle, "include")) == 1000
    assert "1000" in bundle["entry"][-1]["resource"]["issue"][0]["diagnostics"]
    ingest.delete(registry, 1, "Basic", ids(bundle, "include")[0])
    bundle = ask(registry, "Patient?_revinclude=Basic:subject")
    assert len(bundle["entry"]) == 1001


def test_texts_longer_than_the_index(registry):
    long, other = "é" * 5000 + "a", "é" * 5000 + "b"
    for id, text in (("p", long), ("q", other)):
        body = {"resourceType": "Patient", "id": id, "name": [{"family": text}], "identifier": [{"value": text}]}
        ingest.update(registry, 1, "Patient", id, body)
    for query in ("family", "family:exact", "family:contains", "identifier"):
        assert ids(ask(registry, f"Patient?{query}={long}")) == ["p"]
    assert ids(ask(registry, f"Patient?family={long[:300]}")) == ["p", "q"]
    ingest.update(registry, 1, "Patient", "p", {"resourceType": "Patient", "id": "p"})
    assert ids(ask(registry, f"Patient?identifier={long}")) == ids(ask(registry, f"Patient?family={long}")) == []
