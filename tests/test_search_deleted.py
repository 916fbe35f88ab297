"""What is deleted is found by nothing, nor does it lead to anything (https://hl7.org/fhir/R4/http.html#delete)."""

import pytest
from searches import get, ids, served, store


def of(type, id, **more):
    return {"resourceType": type, "id": id, **more}


def observation(id, patient):
    return of("Observation", id, status="final", code={"text": "x"}, subject={"reference": f"Patient/{patient}"})


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    with served(new_database(request.param), content) as client:
        store(
            client,
            of("Patient", "here", gender="female"),
            of("Patient", "gone", gender="female"),
            observation("of-here", "here"),
            observation("of-gone", "gone"),
            of("List", "all", status="current", mode="working", entry=[{"item": {"reference": "Patient/gone"}}]),
        )
        assert client.delete("/fhir/Patient/gone").status_code == 204
        yield client


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("Patient", ["here"]),
        ("Patient?gender=female", ["here"]),
        ("Patient?gender:not=male", ["here"]),
        ("Patient?birthdate:missing=true", ["here"]),
        ("Patient?_id=gone,here", ["here"]),
        ("Patient?_id:not=x", ["here"]),
        ("Patient?_lastUpdated=gt2000", ["here"]),
        ("Patient?_list=all", []),
        ("Patient?_has:Observation:subject:status=final", ["here"]),
        ("?_type=Patient&_lastUpdated=gt2000", ["here"]),
        # What refers to it is still there, but not by anything of what it was.
        ("Observation?subject=Patient/gone", ["of-gone"]),
        ("Observation?subject:Patient.gender=female", ["of-here"]),
        ("Observation?subject:Patient.gender:not=male", ["of-here"]),
        ("Observation?subject:Patient.birthdate:missing=true", ["of-here"]),
        ("Observation?subject:Patient._id=gone,here", ["of-here"]),
        ("Observation?subject:Patient._id:not=x", ["of-here"]),
        ("Observation?subject:Patient._lastUpdated=gt2000", ["of-here"]),
        ("Observation?subject:Patient._has:Observation:subject:status=final", ["of-here"]),
    ],
)
@pytest.mark.parametrize("few", [5000, 0])  # candidates, a walk
def test_what_is_deleted_is_not_found(client, few, request_, expected):
    client.application.extensions["fhir_registry"].store.search.few = few
    assert ids(get(client, request_)) == expected
