"""No route answers with a patient's data and leaves nothing about it (https://profiles.ihe.net/ITI/BALP/)."""

import pytest
from audited_client import AuditedClient, events_of, touched
from rest_client import serving
from smart_client import builtin
from test_evaluate import treated

from fhir_registry.core.audit_event import KINDS
from fhir_registry.edges import audited
from fhir_registry.ops.jobs import KINDS as JOBS
from fhir_registry.ops.jobs import do

WHO = "Quetzalcoatl"  # the family name, and in lower case the id, of the only patient
ID = WHO.lower()
END = "periodEnd=2024-12-31"
# How routes are asked so that they have something to tell of the patient; a route may stand here more than once.
QUERIES = {
    "/fhir/Measure/<id>/$evaluate-measure": (END, f"{END}&reportType=subject-list", f"{END}&subject=Patient/{ID}"),
    "/fhir/Measure/<id>/$evaluate": (f"{END}&reportType=subject-list",),
    "/fhir/<any(Measure, ResearchStudy):type>/<id>/$table": (f"{END}&table=adsl", f"{END}&table=adtte"),
    "/fhir/ResearchStudy/<id>/$findings": (END, f"{END}&_format=csv"),
    "/fhir/<type>/<id>/_history": ("", "_summary=true"),
    "/fhir/<type>": ("", "_summary=true", f"_id={ID}&_revinclude=Observation:subject"),
    "/fhir": ("_type=Patient",),
    "/fhir/_search": ("_type=Patient",),
    "/fhir/AuditEvent": (f"patient={ID}",),
    "/fhir/AuditEvent/_search": (f"patient={ID}",),
}
# Of these a GET, or a POST without a body, tells nothing of patients; what stands here was looked at.
NOTHING_TO_TELL = {
    "/fhir/$import",  # POST: asks for a job
    "/fhir/$job/<id>/errors",  # what was refused; its words name elements
}


@pytest.fixture(scope="module")
def rest(new_registry, tmp_path_factory):
    with serving(new_registry("sqlite"), **builtin(tmp_path_factory.mktemp("keys"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(rest):
    client = AuditedClient(rest, "system/*.cruds system/AuditEvent.rs")
    pushed = treated(ID, ("2024-03-15", "LA28369-9"))
    pushed["entry"][0]["resource"] |= {"name": [{"family": WHO}], "deceasedDateTime": "2024-01-10"}
    assert client.send("POST", "", pushed).status_code == 200
    return client


def asked(rest, client):
    """(rule, method, URL) of every route that may tell of patients, as often as QUERIES has it."""
    later = client.get(f"Measure/halaven-dcr/$evaluate-measure?{END}&reportType=subject-list", Prefer="respond-async")
    do(rest.registry, rest.registry.store.jobs.claim("w", tuple(JOBS)))
    ids = {"Measure": "halaven-dcr", "ResearchStudy": "halaven", "AuditEvent": "0-1-1-1", "$job": "", "": ID}
    ids["$job"] = later.headers["Content-Location"].rpartition("/")[2]
    for rule in rest._client.application.url_map.iter_rules():
        if rule.endpoint in audited._SILENT or rule.rule == "/metrics" or rule.rule.startswith("/auth"):
            continue
        if rule.rule in NOTHING_TO_TELL:
            continue
        of = next((name for name in ids if name and name in rule.rule), "")
        path = rule.rule.replace("<any(Measure, ResearchStudy):type>", "Measure")
        path = path.replace("<any(Patient, Encounter):type>", "Patient").replace("<type>", "Patient")
        path = path.replace("<id>", ids[of]).replace("<version>", "1").replace("<target>", "Observation")
        for method in {"GET", "POST"} & rule.methods:
            for query in QUERIES.get(rule.rule, ("",)):
                yield rule.rule, method, f"{path}?{query}"


def test_every_route_that_names_a_patient_says_so(rest, client):
    told = set()
    for rule, method, url in asked(rest, client):
        if method == "POST":
            kind = "application/x-www-form-urlencoded" if "_search" in rule or "$" in rule else "application/fhir+json"
            response = client.open(url, {"Content-Type": kind}, method="POST", data=b"")
        else:
            response = client.open(url)
        if response.status_code >= 400 or ID not in response.get_data(as_text=True).lower():
            continue
        told.add((rule, method))
        events = events_of(rest.registry, response)
        assert any(ID in touched(row) for row in events), (method, url)
    # Those that have something to tell are asked so that they do: every route that answers GET is among them.
    silent = {rule for rule, method, _ in asked(rest, client) if method == "GET"} - {rule for rule, _ in told}
    assert silent == set()


def test_interactions_are_known(rest):
    endpoints = {rule.endpoint for rule in rest._client.application.url_map.iter_rules()}
    assert endpoints.issuperset(audited._INTERACTIONS) and endpoints.issuperset(audited._SILENT)
    assert KINDS.keys() >= {*audited._INTERACTIONS.values(), "operation"}
