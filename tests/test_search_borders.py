"""Values at the borders of what can be written and counted (https://hl7.org/fhir/R4/search.html#ptypes)."""

import pytest
from searches import get, ids, served, store

# As they are written: the digits must reach the server.
VALUES = {
    "third": "0.30000000000000004",
    "large": "9007199254740993",
    "larger": "123456789012345678901234567890",
    "zero": "0.0",
    "negative": "-5.25",
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    with served(new_database(request.param), content) as client:
        for id, value in VALUES.items():
            code = '"status":"final","code":{"text":"x"}'
            body = f'{{"resourceType":"Observation","id":"{id}",{code},"valueQuantity":{{"value":{value}}}}}'
            response = client.put(f"/fhir/Observation/{id}", data=body, content_type="application/fhir+json")
            assert response.status_code == 201
        store(client, {"resourceType": "Patient", "id": "p", "name": [{"family": "\U0001d400lpha"}]})
        yield client


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        # A number with more digits than a floating number is found by itself.
        ("Observation?value-quantity=0.30000000000000004", ["third"]),
        ("Observation?value-quantity=0.3000000000000000400000", ["third"]),
        ("Observation?value-quantity=9007199254740993", ["large"]),
        ("Observation?value-quantity=123456789012345678901234567890", ["larger"]),
        ("Observation?value-quantity=0e-400", ["zero"]),
        ("Observation?value-quantity=0.000000000000000000000", ["zero"]),
        ("Observation?value-quantity=-5.2500000000000000000000", ["negative"]),
        ("Observation?value-quantity=ne123456789012345678901234567890", ["third", "large", "zero", "negative"]),
        # A letter of mathematics is the letter, in any case.
        ("Patient?family=alpha", ["p"]),
        ("Patient?family=ALPHA", ["p"]),
    ],
)
def test_what_is_found(client, request_, expected):
    assert ids(get(client, request_)) == expected


@pytest.mark.parametrize("value", ["\u0663", "5.\u0663", "ge\u0663"])
def test_digits_of_other_scripts_are_no_number(client, value):
    get(client, f"Observation?value-quantity={value}", 400)


@pytest.mark.parametrize(
    "value", ["Patient/", "Patient/p/x", "Patient/p/_history", "Patient/p/_history/1/2", "Patient/p q"]
)
def test_what_only_looks_like_a_reference_is_refused(client, value):
    get(client, f"Observation?subject={value}", 400)
