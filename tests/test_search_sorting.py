"""The order of matches: kinds of values, repeated, missing, equal ones (https://hl7.org/fhir/R4/search.html#sort)."""

import pytest
from searches import get, ids, pages, served, store


def of(type, id, **more):
    return {"resourceType": type, "id": id, **more}


def observation(id, **more):
    return of("Observation", id, status="final", code={"text": "x"}, **more)


def component(value):
    return {"code": {"text": "y"}, "valueQuantity": {"value": value}}


RESOURCES = [
    of("Patient", "p1", name=[{"family": "Éclair"}], gender="female", birthDate="1960-05-11"),
    of("Patient", "p2", name=[{"family": "baker"}, {"family": "Zola"}], gender="female", birthDate="1960-05"),
    of("Patient", "p3", name=[{"family": "de Cruz"}], gender="male", birthDate="1961"),
    of("Patient", "p4", name=[{"family": "Eclair"}]),
    of("Patient", "p5", gender="male", birthDate="1960-05-11"),
    observation("o1", valueQuantity={"value": 5}, effectiveDateTime="2020-01-15T10:00:00Z", component=[component(20)]),
    observation(
        "o2",
        valueQuantity={"value": 10},
        effectivePeriod={"start": "2020-01-10", "end": "2020-03-01"},
        component=[component(10)],
    ),
    observation("o3", valueQuantity={"value": 0.5, "comparator": ">"}, subject={"reference": "Patient/p2"}),
    observation("o4", effectiveDateTime="2020-02", subject={"reference": "Patient/p1"}),
    of("RiskAssessment", "r1", status="final", subject={"display": "x"}, prediction=[{"probabilityDecimal": 0.9}]),
    of(
        "RiskAssessment",
        "r2",
        status="final",
        subject={"display": "x"},
        prediction=[{"probabilityDecimal": 0.1}, {"probabilityDecimal": 1}],
    ),
    of("ValueSet", "v1", status="active", url="http://b"),
    of("ValueSet", "v2", status="active", url="http://a"),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    with served(new_database(request.param), content, *RESOURCES) as client:
        yield client


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        # P30: a date begins and ends; what is missing comes last in both directions; ties by number, turned round too
        ("Patient?_sort=birthdate", "p2 p1 p5 p3 p4"),
        ("Patient?_sort=-birthdate", "p3 p2 p5 p1 p4"),
        # P30b: strings by their normal form, the smallest or the largest of several; tokens by code
        ("Patient?_sort=family", "p2 p3 p1 p4 p5"),
        ("Patient?_sort=-family", "p2 p4 p1 p3 p5"),
        ("Patient?_sort=gender,-birthdate", "p2 p1 p3 p5 p4"),
        ("Patient?_sort=-gender,birthdate", "p5 p3 p2 p1 p4"),
        ("Patient?_sort=gender", "p1 p2 p3 p5 p4"),
        ("Patient?_sort=-_id", "p5 p4 p3 p2 p1"),
        ("Patient?_sort=gender,-_id", "p2 p1 p5 p3 p4"),
        ("Patient?_sort=_lastUpdated,_id", "p1 p2 p3 p4 p5"),
        ("Patient?_sort=-family&gender=female", "p2 p1"),
        # The values of two other parameters: each resource stands once, by the smallest or the largest of all.
        ("Observation?_sort=combo-value-quantity", "o3 o1 o2 o4"),
        ("Observation?_sort=-combo-value-quantity", "o1 o2 o3 o4"),
        ("Patient?_sort=family&gender:missing=true", "p4"),
        ("Observation?_sort=value-quantity", "o3 o1 o2 o4"),
        ("Observation?_sort=-value-quantity", "o2 o1 o3 o4"),
        ("Observation?_sort=date", "o2 o1 o4 o3"),
        ("Observation?_sort=-date", "o2 o4 o1 o3"),
        ("Observation?_sort=subject", "o4 o3 o1 o2"),
        ("Observation?_sort=-subject,date", "o3 o4 o2 o1"),
        ("Observation?_sort=subject,-date", "o4 o3 o2 o1"),
        ("Observation?_sort=_tag,-subject,value-quantity", "o3 o4 o1 o2"),
        ("RiskAssessment?_sort=probability", "r2 r1"),
        ("RiskAssessment?_sort=-probability", "r2 r1"),
        ("ValueSet?_sort=url&_id=v1,v2", "v2 v1"),
        ("ValueSet?_sort=-url&_id=v1,v2", "v1 v2"),
        ("?_type=Patient,RiskAssessment&_sort=_id", "p1 p2 p3 p4 p5 r1 r2"),
        ("?_type=Patient,RiskAssessment&_sort=-_id", "r2 r1 p5 p4 p3 p2 p1"),
        ("?_type=Observation,RiskAssessment&_sort=subject", "o4 o3 o1 o2 r1 r2"),
        ("?_type=Observation,Patient", "p1 p2 p3 p4 p5 o1 o2 o3 o4"),
    ],
)
@pytest.mark.parametrize(("plan", "few", "leading"), [("candidates", 5000, "&_lastUpdated=gt2000"), ("walk", 0, "")])
def test_orders(client, plan, few, leading, request_, expected):
    client.application.extensions["fhir_registry"].store.search.few = few
    request_ += leading
    if "_sort" in request_:
        assert get(client, f"{request_}&_explain=true")["parameter"][0] == {"name": "plan", "valueCode": plan}
    # P11, P35: on pages of any size each match stands once, in its place
    for count in (50, 3, 1):
        found = [id for page in pages(client, f"{request_}&_count={count}") for id in ids(page)]
        assert " ".join(found) == expected


def test_long_strings_are_sorted_by_their_beginning(client):
    store(
        client,
        *(of("Organization", f"g{n}", name="a" * 300 + end) for n, end in enumerate("ba")),
        of("Organization", "h", name="b"),
    )
    (page,) = pages(client, "Organization?_sort=name")
    assert sorted(ids(page)[:2]) == ["g0", "g1"] and ids(page)[2] == "h"
