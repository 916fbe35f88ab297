"""Search index rows, checked by hand against https://hl7.org/fhir/R4/search.html#ptypes."""

import gzip
import tarfile
from datetime import UTC, datetime

import pytest

from fhir_registry.content.definitions import load_definitions
from fhir_registry.content.searchparams import SearchParams
from fhir_registry.core.index import ALWAYS, index_rows, normalize
from fhir_registry.fhir.json import parse

WIDTHS = {"string": 4, "token": 4, "date": 4, "number": 5, "quantity": 8, "reference": 4, "uri": 3}


@pytest.fixture(scope="module")
def params():
    return SearchParams(load_definitions())


def rows_of(params, resource, *codes):
    """{code: rows without parameter and item} of the given parameters."""
    known = params[resource["resourceType"]]
    names = {param.id: param.code for param in known}
    found = {code: [] for code in codes}
    for rows in index_rows(resource, params).values():
        for number, _, *row in rows:
            if names.get(number) in found:
                found[names[number]].append(tuple(row))
    return found if len(codes) > 1 else found[codes[0]]


def microseconds(*moment):
    return int((datetime(*moment, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * 1_000_000


@pytest.mark.parametrize(
    ("text", "norm"),
    [
        ("Müller", "muller"),
        ("  MC  Donald\t", "mc donald"),
        ("O'Brien-Smith, Jr.", "obriensmith jr"),
        ("Straße", "strasse"),
        ("Ångström", "angstrom"),
        ("m%", "m%"),
        ("_x", "_x"),
        ("...", ""),
        ("王 小明", "王 小明"),
    ],
)
def test_normalize(text, norm):
    assert normalize(text) == norm


def test_name_and_address_have_a_row_for_each_text(params):
    patient = {
        "resourceType": "Patient",
        "name": [{"family": "de Quiñones", "given": ["Eve", None, "Ann"], "period": {"start": "2001"}}],
        "address": [{"line": ["Domstr. 4"], "city": "Köln", "use": "home"}],
    }
    found = rows_of(params, patient, "name", "family", "given", "address", "address-city", "address-use")
    family = [("de quinones", "de Quiñones"), ("quinones", "")]
    given = [("eve", "Eve"), ("ann", "Ann")]
    assert found["family"] == family
    assert found["given"] == given
    assert found["name"] == family + given
    assert found["address"] == [("domstr 4", "Domstr. 4"), ("koln", "Köln")]
    assert found["address-city"] == [("koln", "Köln")]
    assert found["address-use"] == [("http://hl7.org/fhir/address-use", "home")]


def test_tokens(params):
    patient = {
        "resourceType": "Patient",
        "active": False,
        "gender": "male",
        "identifier": [{"system": "http://a", "value": "1"}, {"value": "2"}, {"system": "http://a"}],
        "telecom": [{"system": "phone", "value": "555"}, {"system": "email", "value": "a@x"}],
        "deceasedDateTime": "2020",
    }
    found = rows_of(params, patient, "active", "gender", "identifier", "telecom", "email", "deceased")
    assert found["active"] == [("", "false")]
    assert found["gender"] == [("http://hl7.org/fhir/administrative-gender", "male")]
    assert found["identifier"] == [("http://a", "1"), ("", "2")]
    assert found["telecom"] == [("", "555"), ("", "a@x")]
    assert found["email"] == [("", "a@x")]
    assert found["deceased"] == [("", "true")]
    concept = {"coding": [{"system": "http://a", "code": "1"}, {"code": "1"}, {"display": "x"}], "text": "t"}
    observation = {"resourceType": "Observation", "code": concept}
    assert rows_of(params, observation, "code") == [("http://a", "1"), ("", "1")]
    assert rows_of(params, {"resourceType": "Observation", "code": {"text": "only"}}, "code") == []


def test_dates(params):
    def dates(**effective):
        return rows_of(params, {"resourceType": "Observation", **effective}, "date")

    day = (microseconds(2020, 1, 15), microseconds(2020, 1, 16))
    assert dates(effectiveDateTime="2020-01-15") == [day]
    assert dates(effectiveDateTime="2020-02") == [(microseconds(2020, 2, 1), microseconds(2020, 3, 1))]
    assert dates(effectiveDateTime="2020-01-01T01:30:00+02:00") == [
        (microseconds(2019, 12, 31, 23, 30), microseconds(2019, 12, 31, 23, 30, 1))
    ]
    assert dates(effectivePeriod={"start": "2020-01-15"}) == [(day[0], ALWAYS[1])]
    assert dates(effectivePeriod={"end": "2020-01-15"}) == [(ALWAYS[0], day[1])]
    assert dates(effectivePeriod={"extension": []}) == []
    timing = {"event": ["2020-02", "2020-01-15"], "repeat": {"boundsPeriod": {"start": "2020-01-20", "end": "2020"}}}
    assert dates(effectiveTiming=timing) == [(day[0], microseconds(2021, 1, 1))]
    assert dates(effectiveDateTime="2020-13") == []
    assert -(2**63) < ALWAYS[0] < microseconds(1, 1, 2) < microseconds(9999, 12, 31) < ALWAYS[1] < 2**63


def test_quantities(params):
    def quantities(text):
        resource = parse(b'{"resourceType": "Observation", "valueQuantity": ' + text + b"}")
        return rows_of(params, resource, "value-quantity")

    assert quantities(b'{"value": 5.40, "unit": "mg", "system": "http://u", "code": "mg"}') == [
        (5.4, 5.4, 5.4, "http://u", "mg", "mg")
    ]
    assert quantities(b'{"unit": "mg"}') == []
    ((low, high, value, *_),) = quantities(b'{"value": 5, "comparator": "<"}')
    assert (low < -1e300, high, value) == (True, 5.0, 5.0)
    ((low, high, value, *_),) = quantities(b'{"value": 5, "comparator": ">="}')
    assert (low, high > 1e300, value) == (5.0, True, 5.0)
    condition = {"resourceType": "Condition", "onsetRange": {"low": {"value": 3, "code": "a"}, "high": {"value": 4}}}
    assert rows_of(params, condition, "onset-age") == [(3.0, 4.0, 3.0, "", "a", "")]
    condition = {"resourceType": "Condition", "onsetAge": {"value": 52, "unit": "years"}}
    assert rows_of(params, condition, "onset-age") == [(52.0, 52.0, 52.0, "", "", "years")]
    invoice = {"resourceType": "Invoice", "totalNet": {"value": 7, "currency": "KRW"}}
    assert rows_of(params, invoice, "totalnet") == [(7.0, 7.0, 7.0, "urn:iso:std:iso:4217", "KRW", "")]


def test_numbers(params):
    risk = {"resourceType": "RiskAssessment", "prediction": [{"probabilityDecimal": 0.5}, {"probabilityDecimal": 1}]}
    assert rows_of(params, risk, "probability") == [(0.5, 0.5, 0.5), (1.0, 1.0, 1.0)]


def test_references(params):
    def subjects(reference):
        return rows_of(params, {"resourceType": "Observation", "subject": {"reference": reference}}, "subject")

    assert subjects("Patient/p1") == [("Patient", "p1")]
    assert subjects("Patient/p1/_history/3") == [("Patient", "p1")]
    assert subjects("http://else/Patient/p1") == [("", "http://else/Patient/p1")]
    assert subjects("urn:uuid:0") == [("", "urn:uuid:0")]
    assert subjects("#contained") == [("", "#contained")]
    observation = {"resourceType": "Observation", "subject": {"reference": "Group/g"}}
    assert rows_of(params, observation, "patient") == []
    assert rows_of(params, {"resourceType": "Observation", "subject": {"identifier": {"value": "9"}}}, "subject") == []
    response = {"resourceType": "QuestionnaireResponse", "questionnaire": "http://q|2"}
    assert rows_of(params, response, "questionnaire") == [("", "http://q|2"), ("", "http://q")]
    assert rows_of(params, response | {"questionnaire": "|2"}, "questionnaire") == [("", "|2")]
    bundle = {
        "resourceType": "Bundle",
        "type": "document",
        "entry": [{"resource": {"resourceType": "Composition", "id": "c"}}],
    }
    assert rows_of(params, bundle, "composition") == [("Composition", "c")]


def test_uris_and_extensions(params):
    value_set = {"resourceType": "ValueSet", "url": "http://v"}
    assert rows_of(params, value_set, "url") == [("http://v",)]
    url = "http://hl7.org/fhir/StructureDefinition/observation-geneticsGene"
    concept = {"coding": [{"system": "http://g", "code": "ERBB2"}]}
    observation = {"resourceType": "Observation", "extension": [{"url": url, "valueCodeableConcept": concept}]}
    assert rows_of(params, observation, "gene-identifier") == [("http://g", "ERBB2")]


def test_rows_are_distinct(params):
    coding = {"system": "http://a", "code": "1"}
    observation = {"resourceType": "Observation", "code": {"coding": [coding, coding]}}
    assert rows_of(params, observation, "code") == [("http://a", "1")]


def test_nothing_to_index(params):
    assert index_rows({"resourceType": "Observation"}, params) == {}


def _examples(cases):
    with tarfile.open(cases / "data" / "r4-examples" / "valid.tar.gz") as archive:
        for member in archive:
            if member.isfile() and member.name.endswith(".json"):
                yield parse(archive.extractfile(member).read())
    for file in sorted((cases / "data" / "synthea").glob("*.gz"))[:2]:
        for entry in parse(gzip.decompress(file.read_bytes()))["entry"]:
            yield entry["resource"]


def test_rows_of_real_resources_are_well_formed(cases, params):
    count = 0
    for resource in _examples(cases):
        for kind, rows in index_rows(resource, params).items():
            assert len(set(rows)) == len(rows) > 0
            for row in rows:
                assert len(row) == WIDTHS[kind]
                assert None not in row
                if kind in ("date", "number", "quantity"):
                    assert row[2] <= row[3]
        count += 1
    assert count > 448


def test_what_the_resource_itself_answers_has_no_rows(params):
    meta = {"lastUpdated": "2024-03-01T08:00:00Z", "profile": ["http://example.org/p"]}
    patient = {"resourceType": "Patient", "id": "p", "meta": meta}
    assert rows_of(params, patient, "_id", "_lastUpdated", "_profile") == {
        "_id": [],
        "_lastUpdated": [],
        "_profile": [("http://example.org/p",)],
    }
