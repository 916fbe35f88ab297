"""How searches are done: by indexes, within what the databases can do (docs/search.md)."""

import re

import pytest
from searches import get, ids, post, served

from fhir_registry.core.query import find_params, parse_filter, parse_pairs
from fhir_registry.ops.open import open_registry
from fhir_registry.store.search_order import SortKey

BASE = "http://base/fhir"
PEOPLE = 40


@pytest.fixture(scope="module")
def registry(new_database, content):
    opened = open_registry(new_database("sqlite"), content)
    yield opened
    opened.close()


def people():
    for n in range(PEOPLE):
        yield {
            "resourceType": "Patient",
            "id": f"p{n}",
            "gender": "male" if n % 2 else "female",
            "identifier": [{"system": "urn:mrn", "value": str(n)}],
            "name": [{"family": f"Name {n % 7}"}],
        }
        yield {
            "resourceType": "Observation",
            "id": f"o{n}",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "2857-1"}]},
            "subject": {"reference": f"Patient/p{n}"},
            "effectiveDateTime": f"2020-01-{n % 28 + 1:02}",
            "valueQuantity": {"value": n},
        }


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    with served(new_database(request.param), content, *people()) as client:
        yield client


def plan_of(registry, request, few):
    """(kind of the plan, what SQLite says of each table: (table or its alias, index or key))."""
    type, _, query = request.partition("?")
    pairs = parse_pairs(query)
    order = [literal for name, literal in pairs if name == "_sort"]
    keys = [
        SortKey(
            code if code.startswith("_") else find_params(registry.content.search_params, (type,), code),
            literal.startswith("-"),
        )
        for literal in order
        for code in [literal.removeprefix("-")]
    ]
    filter = parse_filter((type,), [p for p in pairs if p[0] != "_sort"], registry.content.search_params, BASE)
    registry.store.search.few = few
    with registry.store.read(1) as connection:
        plan = registry.store.search.prepare(connection, 1, filter, keys).explain()
        names = re.findall(r":(p\d+)", plan.sql)
        said = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {plan.sql}", dict.fromkeys(names, 1)).all()
    return plan, [row[3] for row in said]


@pytest.mark.parametrize("few", [5000, -1])  # candidates, a walk
@pytest.mark.parametrize(
    "request_",
    [
        "Observation?code=http://loinc.org|2857-1",
        "Observation?code=a,b&status=final",
        "Observation?patient=p1&code=x&date=ge2020",
        "Observation?date=2020",
        "Observation?date=lt2020",
        "Observation?value-quantity=gt5",
        "Observation?value-quantity=5,6|urn:x|g",
        "Patient?family=na",
        "Patient?family:exact=Name",
        "Patient?_id=p1",
        "Patient?_lastUpdated=gt2020",
        "ValueSet?url=http://x",
        "Observation?patient.identifier=urn:mrn|5",
        "Observation?patient.organization.name=x",
        "Patient?_has:Observation:patient:code=x",
        "Patient?_has:Observation:patient:_has:Provenance:target:recorded=ge2020",
        "Observation?component-code-value-quantity=a$5",
        "Observation?code:text=x",
        "Observation?_tag=x",
        "Observation?status:not=final",
        "Observation?subject:missing=true",
        "Observation?_sort=date",
        "Observation?code=x,y&_sort=-date",
        "Observation?status=final&_sort=value-quantity",
        "Patient?gender=male&_sort=family",
        "Patient?gender=male&_sort=-_lastUpdated",
        "Patient?gender:not=male&_sort=_id",
    ],
)
def test_every_table_is_read_by_an_index(registry, request_, few):
    _, said = plan_of(registry, request_, few)
    tables = [line for line in said if re.match(r"(SCAN|SEARCH) (t\d+|w|r|resource|index_)", line)]
    assert tables
    assert [line for line in tables if not line.startswith("SEARCH")] == []
    # Each by the beginning of a key: by site and parameter or type, or by number.
    for line in tables:
        assert re.search(r"\((site=\? AND (param|type)=\?|rid=\?|rowid=\?)", line), line


@pytest.mark.parametrize(
    "request_",
    [
        "Patient",
        "Observation?code=x",
        "Observation?_sort=date",
        "Observation?_sort=-date",
        "Observation?_sort=code",
        "Patient?_sort=-family",
        "Patient?_sort=_id",
        "Patient?_sort=-_lastUpdated",
    ],
)
def test_a_walk_needs_no_sorting(registry, request_):
    plan, said = plan_of(registry, request_, -1)
    assert plan.kind == "walk"
    # Within equal values the database may sort, but never everything.
    assert [line for line in said if "TEMP B-TREE FOR ORDER BY" in line or "TEMP B-TREE FOR DISTINCT" in line] == []


def test_what_leads_to_few_gives_the_candidates(client):
    search = client.application.extensions["fhir_registry"].store.search
    search.few = 5
    plan = steps_of(get(client, "Observation?status=final&patient=p7&_sort=date&_explain=true"))
    assert plan == ("candidates", {"Observation.status (token)": "probe", "Observation.patient (reference)": "driver"})
    plan = steps_of(get(client, "Observation?status=final&_sort=date&_explain=true"))
    assert plan == ("walk", {"Observation.status (token)": "probe"})
    search.few = 5000


def steps_of(parameters):
    steps = [p["part"] for p in parameters["parameter"] if p["name"] == "step"]
    named = [{part["name"]: part.get("valueString", part.get("valueCode")) for part in step} for step in steps]
    (plan,) = (p["valueCode"] for p in parameters["parameter"] if p["name"] == "plan")
    return plan, {step["criterion"]: step["role"] for step in named}


def test_totals_are_exact_where_they_are_given(client):
    search = client.application.extensions["fhir_registry"].store.search
    for few in (5000, 0):
        search.few = few
        assert get(client, "Observation?status=final&_total=accurate")["total"] == PEOPLE
        assert get(client, "Observation?patient.gender=male&_total=accurate")["total"] == PEOPLE // 2
    assert "total" not in get(client, "Observation?status=final")  # few is 0
    search.few = 5000
    assert get(client, "Observation?status=final")["total"] == PEOPLE


# P32: many values are found, or refused as too costly
@pytest.mark.parametrize("few", [5000, 0])
def test_large_searches(client, few):
    client.application.extensions["fhir_registry"].store.search.few = few
    many = ",".join(f"x{n}" for n in range(499))
    for name, last, found in (
        ("_id", "p1", ["p1"]),
        ("identifier", "3", ["p3"]),
        ("identifier", "urn:mrn|3", ["p3"]),
        ("family", "name 6", [f"p{n}" for n in range(6, PEOPLE, 7)]),
        ("family:exact", "Name 6", [f"p{n}" for n in range(6, PEOPLE, 7)]),
        ("_has:Observation:patient:_id", "o5", ["p5"]),
        ("_has:Observation:patient:code:text", "x", []),
    ):
        assert ids(post(client, "Patient/_search", {name: f"{many},{last}"})) == found
    numbers = ",".join(f"{n}|urn:x|y" for n in range(100, 599))
    assert ids(post(client, "Observation/_search", {"value-quantity": f"{numbers},7"})) == ["o7"]
    dates = ",".join(["ge2200"] * 499)
    assert ids(post(client, "Observation/_search", {"date": f"{dates},2020-01-28"})) == ["o27"]
    pairs = ",".join(f"2857-1${n}" for n in range(500, 749))
    assert ids(post(client, "Observation/_search", {"code-value-quantity": f"{pairs},2857-1$9"})) == ["o9"]
    hundred = "&".join(["gender=male"] * 50 + ["_has:Observation:patient:status=final"] * 50)
    assert len(ids(post(client, "Patient/_search", hundred))) == PEOPLE // 2
    for refused in ({"_id": f"{many},p1,p2"}, "&".join(["gender=male"] * 101)):
        assert post(client, "Patient/_search", refused, 400)["issue"][0]["code"] == "too-costly"


@pytest.mark.parametrize("few", [5000, 0])
@pytest.mark.parametrize(
    "query",
    [
        "target:Provenance.target:Provenance.target:Provenance.target:Observation.patient.name=name",
        "target:Provenance.target:Provenance.target:Provenance.target:Provenance.target:Observation.code:not=x",
        "target:Provenance.target:Provenance.target:Provenance.target:Patient._has:Observation:patient:value-quantity=1",
        "_has:Provenance:target:_has:Provenance:target:_has:Provenance:target:_has:Provenance:target:recorded=ap2020",
        "target.target.target.target.target._id=x",
        "target._tag=a,b,c&target._has:Observation:patient:code=x&target.name:exact=y",
    ],
)
def test_chains_as_deep_as_permitted(client, few, query):
    client.application.extensions["fhir_registry"].store.search.few = few
    assert get(client, f"Provenance?{query}")["total"] == 0


def test_conditions_find_by_one_statement(client):
    registry = client.application.extensions["fhir_registry"]
    params = registry.content.search_params
    for query, found in (
        ("identifier=urn:mrn|3", ["p3"]),
        ("gender=male&identifier=3", ["p3"]),
        ("_id=p9", ["p9"]),
        ("gender=male", ["p1", "p3"]),
        ("gender:not=male", ["p0", "p2"]),
        ("_has:Observation:patient:_id=o8", ["p8"]),
    ):
        filter = parse_filter(("Patient",), parse_pairs(query), params, BASE)
        with registry.store.read(1) as connection:
            assert registry.store.search.find(connection, 1, filter) == found
