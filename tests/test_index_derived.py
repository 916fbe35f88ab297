"""Index rows for modifiers and for contained resources (https://hl7.org/fhir/R4/search.html#modifiers)."""

from datetime import UTC, datetime

import pytest

from fhir_registry.content.definitions import load_definitions
from fhir_registry.content.searchparams import SearchParams, contained_param, derived_id, param_id
from fhir_registry.core.index import index_rows


@pytest.fixture(scope="module")
def params():
    return SearchParams(load_definitions())


def find(params, type, code):
    return next(param for param in params[type] if param.code == code)


def rows_of(params, resource, number):
    """(kind, rows without parameter) of the parameter with an id; None when there are none."""
    for kind, rows in index_rows(resource, params).items():
        found = [row[1:] for row in rows if row[0] == number]
        if found:
            return kind, found
    return None


def test_texts_of_tokens(params):
    coding = {"code": "1", "display": "Primärer Tumor"}
    concept = {"coding": [coding, {"code": "2"}, coding], "text": "Primary, tumour"}
    observation = {"resourceType": "Observation", "code": concept}
    number = derived_id(find(params, "Observation", "code"), ":text")
    assert number == param_id("Observation", "code:text")
    texts = [(0, "primary tumour", ""), (0, "primarer tumor", "")]
    assert rows_of(params, observation, number) == ("string", texts)
    tagged = {"resourceType": "Basic", "meta": {"tag": [{"code": "t", "display": "Tagged"}, {"code": "u"}]}}
    assert rows_of(params, tagged, param_id("Resource", "_tag:text")) == ("string", [(0, "tagged", "")])
    typed = {"resourceType": "Patient", "identifier": [{"type": {"text": "Record"}, "value": "1"}, {"value": "2"}]}
    assert rows_of(params, typed, param_id("Patient", "identifier:text")) == ("string", [(0, "record", "")])
    assert find(params, "Patient", "gender").derived == {}


def test_identifiers_with_their_type(params):
    coding = [{"system": "http://t", "code": "MR"}, {"code": "X"}, {"system": "http://t"}]
    identifier = [{"type": {"coding": coding}, "value": "10|01"}, {"type": {"coding": coding}}, {"value": "2"}]
    patient = {"resourceType": "Patient", "identifier": identifier}
    number = derived_id(find(params, "Patient", "identifier"), ":of-type")
    assert rows_of(params, patient, number) == ("token", [(0, "http://t", "MR|10|01"), (0, "", "X|10|01")])
    assert ":of-type" not in find(params, "Observation", "code").derived


def test_identifiers_of_references(params):
    subject = {"type": "Patient", "identifier": {"system": "http://a", "value": "9"}}
    observation = {"resourceType": "Observation", "subject": subject}
    for code in ("subject", "patient"):
        param = find(params, "Observation", code)
        assert rows_of(params, observation, derived_id(param, ":identifier")) == ("token", [(0, "http://a", "9")])
        assert rows_of(params, observation, param.id) is None


def test_texts_stand_in_lower_case(params):
    patient = {"resourceType": "Patient", "telecom": [{"system": "email", "value": "Ute@X.org"}, {"value": "1"}]}
    email = find(params, "Patient", "email")
    assert email.folds_case and not find(params, "Patient", "identifier").folds_case
    assert rows_of(params, patient, email.id) == ("token", [(0, "", "ute@x.org")])


def test_a_canonical_is_found_with_its_version_and_without(params):
    resource = {"resourceType": "Basic", "meta": {"profile": ["http://p|2", "http://q"]}}
    number = param_id("Resource", "_profile")
    assert rows_of(params, resource, number) == ("uri", [(0, "http://p|2"), (0, "http://p"), (0, "http://q")])


def test_sampled_data_have_bounds(params):
    def bounds(data, **more):
        origin = {"value": 10, "unit": "mV", "code": "mV", "system": "http://u"}
        sampled = {"origin": origin, "period": 1, "dimensions": 1, "data": data, **more}
        observation = {"resourceType": "Observation", "valueSampledData": sampled}
        return rows_of(params, observation, find(params, "Observation", "value-quantity").id)

    assert bounds("3 E -1.5 2", factor=2) == ("quantity", [(0, 7.0, 16.0, 7.0, "http://u", "mV", "mV")])
    ((_, low, high, *_),) = bounds("1 L 2")[1]
    assert (low < -1e300, high) == (True, 12.0)
    ((_, low, high, *_),) = bounds("1 U 2")[1]
    assert (low, high > 1e300) == (11.0, True)
    for unread in ("E", "", "x", "NaN", "1e999999999", "1e400"):
        assert bounds(unread) is None, unread


def medication_request(**medication):
    return {
        "resourceType": "MedicationRequest",
        "contained": [{"resourceType": "Medication", "id": "m", **medication}],
        "medicationReference": {"reference": "#m"},
    }


def test_contained_resources_are_found_through_their_container(params):
    """P44"""
    request = medication_request(code={"coding": [{"system": "http://a", "code": "x", "display": "Drug"}]})
    medication = find(params, "MedicationRequest", "medication")
    code = find(params, "Medication", "code")
    number = contained_param(medication, code).id
    assert number == param_id("MedicationRequest", "medication#Medication.code") < 0
    assert rows_of(params, request, number) == ("token", [(0, "http://a", "x")])
    text = derived_id(contained_param(medication, code), ":text")
    assert text == contained_param(medication, code).derived[":text"].id
    assert rows_of(params, request, text) == ("string", [(0, "drug", "")])
    assert rows_of(params, request, code.id) is None
    # The reference itself is there, so that `:missing` is right.
    assert rows_of(params, request, medication.id) == ("reference", [(0, "", "#m")])


def test_contained_resources_that_nothing_names_are_not_found(params):
    for reference in ("Medication/m", "#other", "#None", "#"):
        request = medication_request(status="active") | {"medicationReference": {"reference": reference}}
        request["contained"].append({"resourceType": "Medication", "status": "active"})
        assert all(row[0] > 0 for rows in index_rows(request, params).values() for row in rows)


def test_contained_resources_refer_to_each_other(params):
    request = medication_request(manufacturer={"reference": "#o"})
    request["contained"].append({"resourceType": "Organization", "id": "o", "name": "Factory"})
    name = find(params, "Organization", "name")
    path = contained_param(find(params, "Medication", "manufacturer"), name)
    number = contained_param(find(params, "MedicationRequest", "medication"), path).id
    assert rows_of(params, request, number) == ("string", [(0, "factory", "Factory")])


def test_the_type_of_a_contained_resource_is_known(params):
    """`patient` is the subject when that is a Patient."""
    observation = {
        "resourceType": "Observation",
        "contained": [{"resourceType": "Patient", "id": "p", "birthDate": "1960-05-11"}],
        "subject": {"reference": "#p"},
    }
    birthdate = find(params, "Patient", "birthdate")
    day = int(datetime(1960, 5, 11, tzinfo=UTC).timestamp()) * 1_000_000
    for code in ("subject", "patient"):
        number = contained_param(find(params, "Observation", code), birthdate).id
        assert rows_of(params, observation, number) == ("date", [(0, day, day + 86_400_000_000)])
    observation["contained"][0] = {"resourceType": "Group", "id": "p", "type": "person"}
    kind = find(params, "Group", "type")
    of_subject = contained_param(find(params, "Observation", "subject"), kind)
    of_patient = contained_param(find(params, "Observation", "patient"), kind)
    assert rows_of(params, observation, of_subject.id) == ("token", [(0, "http://hl7.org/fhir/group-type", "person")])
    assert rows_of(params, observation, of_patient.id) is None


def test_contained_resources_in_a_circle_end(params):
    parts = [
        {"resourceType": "Organization", "id": f"o{n}", "partOf": {"reference": f"#o{1 - n}"}, "name": f"N{n}"}
        for n in (0, 1)
    ]
    patient = {"resourceType": "Patient", "contained": parts, "managingOrganization": {"reference": "#o0"}}
    found = {row[1:] for rows in index_rows(patient, params).values() for row in rows}
    assert {(0, "n0", "N0"), (0, "n1", "N1")} <= found
