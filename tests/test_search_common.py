"""What every search knows: tags and times, contained ones, sites, formats, bundles, plans (P28, P36, P41 to P44)."""

import re

import pytest
from searches import BASE, get, ids, link, post, served, store, submit, warnings

from fhir_registry.core.paging import Client
from fhir_registry.fhir import json
from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.search import search

TEXT = {"text": "x"}
PROFILE = "http://example.org/StructureDefinition/p"


@pytest.fixture
def client(prepared, content):
    with served(prepared, content) as client:
        yield client


@pytest.mark.parametrize("type", ["Patient", "Basic", "Medication"])
def test_tags_profiles_and_the_like_of_every_type(client, type):  # P42
    code = {"code": TEXT} if type == "Basic" else {}
    meta = {
        "tag": [{"system": "urn:t", "code": "red"}],
        "security": [{"system": "urn:s", "code": "R"}],
        "profile": [f"{PROFILE}|2"],
        "source": "urn:lab:1",
    }
    store(client, {"resourceType": type, "id": "x", "meta": meta, **code}, {"resourceType": type, "id": "y", **code})
    for query in (
        "_tag=red",
        "_tag=urn:t|red",
        "_tag=urn:t|",
        "_security=urn:s|R",
        f"_profile={PROFILE}|2",
        f"_profile:below={PROFILE}",
        "_source=urn:lab:1",
        "_profile:missing=false",
    ):
        assert ids(get(client, f"{type}?{query}")) == ["x"], query
    assert ids(get(client, f"{type}?_tag:not=red")) == ["y"]
    assert ids(get(client, f"{type}?_profile={PROFILE}|3")) == []


def test_when_a_resource_was_stored(client):  # P41
    store(client, {"resourceType": "Patient", "id": "x"})
    moment = get(client, "Patient/x")["meta"]["lastUpdated"]
    assert re.fullmatch(r".*\.\d{3}Z", moment)
    found = {
        prefix: ids(get(client, f"Patient?_lastUpdated={prefix}{moment}")) for prefix in ("gt", "ge", "", "lt", "le")
    }
    assert found == {"gt": [], "ge": ["x"], "": ["x"], "lt": [], "le": ["x"]}


def test_contained_resources_are_found_by_chains_only(client):  # P44
    code = {"coding": [{"system": "urn:drugs", "code": "letrozole"}]}
    request = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/x"},
        "contained": [{"resourceType": "Medication", "id": "inside", "code": code}],
        "medicationReference": {"reference": "#inside"},
    }
    store(client, request)
    assert ids(get(client, "MedicationRequest?medication.code=letrozole")) == ["m"]
    assert ids(get(client, "MedicationRequest?medication.code=other")) == []
    assert ids(get(client, "Medication?code=letrozole")) == []


def test_who_names_a_contained_patient_misses_none(client):
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "x"},
        "subject": {"reference": "#c"},
    }
    store(
        client,
        {**observation, "id": "patient", "contained": [{"resourceType": "Patient", "id": "c", "gender": "male"}]},
        {
            **observation,
            "id": "group",
            "contained": [{"resourceType": "Group", "id": "c", "type": "person", "actual": True}],
        },
    )
    assert ids(get(client, "Observation?_id=patient,group&patient:missing=true")) == ["group"]
    assert ids(get(client, "Observation?_id=patient,group&patient:missing=false")) == ["patient"]
    assert ids(get(client, "Observation?_id=patient,group&subject:missing=true")) == []
    assert ids(get(client, "Observation?patient.gender=male")) == ["patient"]


def test_other_sites_are_not_seen(database, content):  # P28, P36
    registry = open_registry(database, content, sites=("here", "there"))
    for site, subject in ((1, "a"), (2, "b")):
        basic = {"resourceType": "Basic", "id": "b", "code": TEXT, "subject": {"reference": f"Patient/{subject}"}}
        ingest.update(registry, site, "Basic", "b", basic)
        other = basic | {"id": "b2", "subject": {"reference": "Patient/b"}}
        ingest.update(registry, site, "Basic", "b2", other)
    ingest.update(registry, 2, "Patient", "b", {"resourceType": "Patient", "id": "b"})

    def ask(site, type, *pairs):
        return json.parse(search(registry, site, type, pairs, Client(BASE)))

    assert ids(ask(1, "Basic", ("_include", "Basic:subject")), "include") == []
    assert ids(ask(2, "Basic", ("_include", "Basic:subject")), "include") == ["b"]
    assert ids(ask(2, "Patient", ("_revinclude", "Basic:subject")), "include") == ["b", "b2"]
    assert ids(ask(1, "Patient")) == []
    cursor = re.search(r"_cursor=([^&]+)", link(ask(1, "Basic", ("_count", "1")), "next"))[1]
    with pytest.raises(Exception, match="_cursor"):
        ask(2, "Basic", ("_count", "1"), ("_cursor", cursor))
    registry.close()


def test_the_format_asked_for_stays_in_the_links(client):  # P33
    store(client, *({"resourceType": "Patient", "id": f"p{n}"} for n in range(3)))
    bundle = get(client, "Patient?_count=2&_pretty=true&_format=json")
    assert "_pretty=true" in link(bundle, "next") and "_format=json" in link(bundle, "next")
    assert ids(get(client, link(bundle, "next"))) == ["p2"]
    response = client.get("/fhir/Patient?_count=2&_format=xml")
    assert response.content_type.startswith("application/fhir+xml")
    following = re.search(r'<relation value="next"/><url value="([^"]+)"', response.text)[1].replace("&amp;", "&")
    assert '<id value="p2"/>' in client.get(following).text


def test_gets_in_a_batch_are_the_same_walks(client):
    store(
        client,
        {"resourceType": "Patient", "id": "p", "gender": "male", "active": True},
        {"resourceType": "Basic", "id": "b", "code": TEXT, "subject": {"reference": "Patient/p"}},
    )
    urls = [
        "Patient?gender=male&_revinclude=Basic:subject",
        "?_type=Patient,Basic",
        "Patient/p/Basic",
        "Patient/p/*?_type=Basic",
        "Patient/p?_elements=gender",
        "Patient/p/_history",
        "Patient?foo=1",
    ]
    entries = [{"request": {"method": "GET", "url": url}} for url in urls]
    answers = submit(client, {"resourceType": "Bundle", "type": "batch", "entry": entries})["entry"]
    found = [answer.get("resource", {}) for answer in answers]
    assert [ids(bundle) for bundle in found[:4]] == [["p"], ["p", "b"], ["b"], ["b"]]
    assert ids(found[0], "include") == ["b"]
    assert link(found[3], "self") == f"{BASE}/Patient/p/*?_type=Basic"
    assert found[4].keys() == {"resourceType", "id", "meta", "gender"}
    assert found[5]["type"] == "history"
    assert answers[6]["response"]["status"].startswith("400")


@pytest.mark.parametrize(("few", "plan"), [(5000, "candidates"), (1, "walk")])
def test_the_plan_of_a_search(client, few, plan):
    store(client, *({"resourceType": "Patient", "id": f"secret{n}", "gender": "male"} for n in range(3)))
    client.application.extensions["fhir_registry"].store.search.few = few
    answer = get(client, "Patient?gender=male&_id:not=secret1&_sort=birthdate&_explain=true")
    assert answer["resourceType"] == "Parameters"
    values = {p["name"]: next(v for k, v in p.items() if k != "name") for p in answer["parameter"]}
    assert (values["plan"], values["found"]) == (plan, 2)
    assert values["milliseconds"] > 0 and values["sql"].startswith(("SELECT", "WITH"))
    steps = [{part["name"]: part for part in p["part"]} for p in answer["parameter"] if p["name"] == "step"]
    roles = [(step["criterion"]["valueString"], step["role"]["valueCode"]) for step in steps]
    assert ("Patient.gender (token)", "driver" if plan == "candidates" else "probe") in roles
    estimates = [step["estimate"]["valueInteger"] for step in steps if "estimate" in step]
    assert estimates == ([3] if plan == "candidates" else [])
    assert "secret" not in json.dumps(answer).decode()
    assert post(client, "Patient/_search", {"_explain": "true"})["resourceType"] == "Parameters"


def test_nothing_is_said_when_nothing_was_left_out(client):
    bundle = get(client, "Patient")
    assert "entry" not in bundle and warnings(bundle) == [] and bundle["total"] == 0
