"""Chains through canonical URLs (https://hl7.org/fhir/R4/references.html#canonical)."""

import pytest
from searches import get, ids, served

QUESTIONNAIRE = {"resourceType": "Questionnaire", "status": "active"}
RESPONSE = {"resourceType": "QuestionnaireResponse", "status": "completed"}
LONG = "http://q.example/" + "x" * 300
RESOURCES = (
    {**QUESTIONNAIRE, "id": "pain", "url": "http://q.example/pain", "version": "2", "title": "Pain"},
    {**QUESTIONNAIRE, "id": "sleep", "url": "http://q.example/sleep", "title": "Sleep"},
    {**QUESTIONNAIRE, "id": "long", "url": LONG, "title": "Long"},
    {"resourceType": "Patient", "id": "ann", "name": [{"family": "Ann"}]},
    {
        **RESPONSE,
        "id": "versioned",
        "questionnaire": "http://q.example/pain|2",
        "subject": {"reference": "Patient/ann"},
    },
    {**RESPONSE, "id": "plain", "questionnaire": "http://q.example/pain"},
    {**RESPONSE, "id": "literal", "questionnaire": "Questionnaire/pain"},
    {**RESPONSE, "id": "other", "questionnaire": "http://q.example/sleep", "subject": {"reference": "Patient/ann"}},
    {**RESPONSE, "id": "far", "questionnaire": LONG},
    {**RESPONSE, "id": "unknown", "questionnaire": "http://elsewhere.example/q"},
    {
        "resourceType": "Observation",
        "id": "score",
        "status": "final",
        "code": {"text": "score"},
        "derivedFrom": [{"reference": "QuestionnaireResponse/plain"}],
    },
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    with served(new_database(request.param), content, *RESOURCES) as client:
        yield client


@pytest.mark.parametrize("few", [5000, 0])
@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("QuestionnaireResponse?questionnaire.title=pain", ["versioned", "plain", "literal"]),
        ("QuestionnaireResponse?questionnaire.title=pain&_sort=-subject", ["versioned", "literal", "plain"]),
        ("QuestionnaireResponse?questionnaire.title=long", ["far"]),
        ("QuestionnaireResponse?questionnaire:Questionnaire._id=sleep,long", ["other", "far"]),
        ("QuestionnaireResponse?questionnaire.title:contains=e", ["other"]),
        ("QuestionnaireResponse?questionnaire.title=pain&subject:Patient.name=ann", ["versioned"]),
        ("Observation?derived-from:QuestionnaireResponse.questionnaire.title=pain", ["score"]),
        ("Questionnaire?_has:QuestionnaireResponse:questionnaire:subject=Patient/ann", ["pain", "sleep"]),
        ("Questionnaire?_has:QuestionnaireResponse:questionnaire:subject:Patient.name=ann&title=sleep", ["sleep"]),
        ("Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=literal,far,unknown", ["pain", "long"]),
        ("?_type=Questionnaire,Patient&_has:QuestionnaireResponse:questionnaire:_id=other", ["sleep"]),
    ],
)
def test_chains_go_through_canonical_urls(client, few, request_, expected):
    client.application.extensions["fhir_registry"].store.search.few = few
    assert ids(get(client, request_)) == expected
