"""A reference that begins with the base of the server is to what is here, whichever URL is asked (docs/security.md)."""

import pytest
from audited_client import all_events, events_of, touched
from erasure import consent
from rest_client import BASE, FHIR, issue
from smart_client import SmartClient, bearer

from fhir_registry.core.audit import WRITES
from fhir_registry.fhir import json
from fhir_registry.ops.jobs import do
from fhir_registry.store.site import name_sites

NAME = "klinik-a"
BASES = ("/fhir", f"/site/{NAME}/fhir")


@pytest.fixture(scope="module")
def headers(rest):
    return bearer(SmartClient(rest.registry, site=NAME).token(rest))


@pytest.fixture(scope="module")
def site(rest, headers):
    return next(number for number, name in name_sites(rest.registry.store).items() if name == NAME)


def person(id):
    return {"resourceType": "Patient", "id": id, "identifier": [{"system": "urn:mrn", "value": id}]}


def result(id, of):
    subject = {"reference": f"{BASE}/Patient/{of}"}
    return {"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "x"}, "subject": subject}


def send(rest, headers, method, path, resource=None, **options):
    content = {} if resource is None else {"data": json.dumps(resource), "content_type": FHIR}
    return rest.open(path, method=method, headers=headers, **content, **options)


def put(rest, headers, base, resource):
    answer = send(rest, headers, "PUT", f"{base}/{resource['resourceType']}/{resource['id']}", resource)
    assert answer.status_code == 201, answer.text
    return answer


@pytest.mark.parametrize(("base", "id"), [(BASES[0], "a"), (BASES[1], "b")])
def test_the_audit_log_names_the_patient(rest, headers, site, base, id):
    put(rest, headers, base, person(id))
    written = put(rest, headers, base, result(f"of-{id}", id))
    paths = (f"Observation/of-{id}", f"Observation?_id=of-{id}", f"Observation/of-{id}/_history")
    for answer in (written, *(send(rest, headers, "GET", f"{base}/{path}") for path in paths)):
        (row,) = events_of(rest.registry, answer, site)
        assert {*touched(row)} == {id}


@pytest.mark.parametrize(("base", "id"), [(BASES[0], "c"), (BASES[1], "d")])
def test_so_it_does_after_an_import(rest, headers, site, base, id):
    asked = headers | {"Prefer": "respond-async"}
    lines = {"data": json.dumps(result(f"of-{id}", id)), "content_type": "application/fhir+ndjson"}
    assert rest.open(f"{base}/$import", method="POST", headers=asked, **lines).status_code == 202
    do(rest.registry, rest.registry.store.jobs.claim("me", ["import"]))
    *_, row = (row for row in all_events(rest.registry, site) if row.chain == WRITES)
    assert touched(row) == {id: {("create", "Observation", f"of-{id}", 1)}}


@pytest.mark.parametrize(("base", "id"), [(BASES[0], "e"), (BASES[1], "f")])
def test_an_erasure_takes_what_is_of_the_patient(rest, headers, base, id):
    put(rest, headers, "/fhir", person(id))
    put(rest, headers, "/fhir", result(f"of-{id}", id))
    assert send(rest, headers, "POST", f"{base}/Patient/{id}/$erase?reason=consent-withdrawn").status_code == 200
    for path in (f"Patient/{id}", f"Observation/of-{id}"):
        assert send(rest, headers, "GET", f"/fhir/{path}").status_code == 410


@pytest.mark.parametrize(("base", "id"), [(BASES[0], "g"), (BASES[1], "h")])
def test_a_withdrawal_holds_for_who_is_linked(rest, headers, base, id):
    put(rest, headers, base, person(id))
    link = {"link": [{"other": {"reference": f"{BASE}/Patient/{id}"}, "type": "replaces"}]}
    put(rest, headers, base, person(f"{id}-2") | link)
    stops = consent(id, "stop-collection", patient={"reference": f"{BASE}/Patient/{id}"})
    put(rest, headers, base, {"resourceType": "Consent", "id": f"of-{id}"} | stops)
    refused = send(rest, headers, "PUT", f"{base}/Observation/of-{id}", result(f"of-{id}", f"{id}-2"))
    assert (refused.status_code, issue(refused)["code"]) == (422, "business-rule")
