"""The role registry where it reads pseudonymised data only: FHIR_REGISTRY_REGISTRY_READS (docs/security.md)."""

from contextlib import closing

import pytest
from rest_client import body, issue, serving
from smart_client import URL, SmartClient, builtin
from test_evaluate import treated
from test_sites import EVALUATE, Site

from fhir_registry.ops import ingest
from fhir_registry.ops.jobs import do
from fhir_registry.ops.open import make_site, open_registry
from fhir_registry.ops.pseudonymise import pseudonymise

BASE = f"{URL}/fhir"
TABLE = "Measure/halaven-dcr/$table?table=adsl&periodEnd=2035-12-31"
FINDINGS = "ResearchStudy/halaven/$findings?periodEnd=2035-12-31"
SUMMARY = EVALUATE.replace("2024", "2035")  # dates are shifted
LIST = f"{SUMMARY}&reportType=subject-list"
OF_PATIENTS = (
    "Patient",
    "Patient/q",
    "Patient/nobody",
    "Patient/q/_history",
    "Patient/q/_history/1",
    "Patient/q/$everything",
    "Patient/q/Observation",
    "Observation?subject=Patient/q",
    "Observation/_history",
    f"{SUMMARY}&subject=Patient/q",
    LIST,
    TABLE,
    FINDINGS,
    "StructureDefinition",
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request, new_registry, content, tmp_path_factory):
    """(settings, {name: token}): a patient at klinik-a and, as a pseudonym, at `office`."""
    settings = builtin(tmp_path_factory.mktemp("keys"), DATABASE=new_registry(request.param))
    database = settings.pop("DATABASE")
    # Before there is a server, and its threads: what is stored is prepared by processes that are forked.
    with closing(open_registry(database, content)) as registry:
        site = make_site(registry, "klinik-a")
        ingest.bundle(registry, site, treated("q", ("2024-03-15", "LA28369-9")), BASE)
        disguise = (bytes(32), "office", (), BASE)
        pseudonymise(registry, "office", ("klinik-a",), disguise, tmp_path_factory.mktemp("told"))
    with serving(database, **settings) as rest:
        clients = {
            "klinik-a": SmartClient(rest.registry, site="klinik-a"),
            "office": SmartClient(rest.registry, site="*", role="registry"),
            "office of a": SmartClient(rest.registry, site="klinik-a", role="registry"),
            "authority": SmartClient(rest.registry, site="*", role="regulator"),
            "watch": SmartClient(rest.registry, site="*", role="monitor"),
        }
        clients["in office"] = SmartClient(rest.registry, site="office")
        tokens = {name: client.token(rest) for name, client in clients.items()}
    return database, settings, tokens


@pytest.fixture
def served(world):
    """A function: `registry_reads` -> a context manager of a function (client, site or None) -> Site."""

    class Served:
        def __init__(self, reads):
            database, settings, self._tokens = world
            self._serving = serving(database, **settings, REGISTRY_READS=reads)

        def __enter__(self):
            self.rest = self._serving.__enter__()
            return lambda client, name=None: Site(self.rest, self._tokens[client], name)

        def __exit__(self, *raised):
            return self._serving.__exit__(*raised)

    return Served


def undated(response):
    return {name: value for name, value in body(response).items() if name != "date"}


def test_single_patients_are_read_in_a_made_site_only(served):
    with served("pseudonymised") as at:
        for path in OF_PATIENTS:
            for client, site in (("office", "klinik-a"), ("office of a", None), ("office of a", "klinik-a")):
                refused = at(client, site).get(path)
                assert refused.status_code == 403 and issue(refused)["code"] == "forbidden", (client, path)
        known, unknown = (at("office", "klinik-a").get(f"Patient/{id}") for id in ("q", "nobody"))
        assert known.data == unknown.data
        here = at("office", "office")
        (patient,) = here.read("Patient")["entry"]
        assert patient["resource"]["id"] != "q" and "name" not in patient["resource"]
        subject = f"Patient/{patient['resource']['id']}"
        assert here.read(f"{subject}/$everything")["total"] > 5
        for path in (LIST, FINDINGS, TABLE, f"{SUMMARY}&subject={subject}", f"{subject}/_history"):
            answer = here.get(path)
            assert answer.status_code == 200, path
            answer.close()
        assert here.get("Patient/q").status_code == 404


def test_reports_go_on_as_for_an_authority(served):
    with served("pseudonymised") as at:
        for site in ("klinik-a", "office", None):
            office, authority = (undated(at(client, site).get(SUMMARY)) for client in ("office", "authority"))
            assert office == authority and office["type"] == "summary"
        told = [each["valueString"] for each in office["extension"] if each["url"].endswith("report-site")]
        assert told == ["default", "klinik-a"]
        for path in ("Measure/halaven-dcr", "ResearchStudy?_count=1", "StructureDefinition?_count=1", "metadata"):
            assert at("office").get(path).status_code == 200
        assert at("office").get("Patient").status_code == 400
        assert at("office").get(LIST).status_code in (400, 403)


def test_others_read_what_they_read(served):
    with served("pseudonymised") as at:
        for client, site in (("klinik-a", None), ("watch", "klinik-a"), ("watch", "office"), ("in office", None)):
            assert at(client, site).total("Patient") == 1
    with served("identified") as at:
        for site in ("klinik-a", "office"):
            assert at("office", site).total("Patient") == 1
        assert at("office of a").read("Patient/q")["id"] == "q"


def test_what_was_asked_before_is_not_read_after(served):
    with served("identified") as at:
        here = at("office", "klinik-a")
        path = here.get(LIST, Prefer="respond-async").headers["Content-Location"]
        registry = here._client.application.extensions["fhir_registry"]
        do(registry, registry.store.jobs.claim("w", ("evaluate",)))
        assert here.get(path).status_code == 200
    with served("pseudonymised") as at:
        assert at("office", "klinik-a").get(path).status_code == 403


def pushed(type, *entries):
    return {"resourceType": "Bundle", "type": type, "entry": list(entries)}


def test_each_entry_of_a_batch_has_its_own_status_at_a_made_site(served):
    """R4: the success or failure of one entry of a batch does not affect that of another."""
    person = {"resourceType": "Patient", "id": "new"}
    with served("identified") as at:
        here = at("in office")
        id = here.read("Patient")["entry"][0]["resource"]["id"]
        asked = (
            {"request": {"method": "GET", "url": f"Patient/{id}"}},
            {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}},
            {"resource": person, "request": {"method": "PUT", "url": "Patient/new"}},
            {"request": {"method": "DELETE", "url": f"Patient/{id}"}},
            {"request": {"method": "GET", "url": "Patient/nobody"}},
        )
        answer = here.send("POST", "", pushed("batch", *asked))
        assert answer.status_code == 200
        told = [entry["response"] for entry in body(answer)["entry"]]
        assert [response["status"][:3] for response in told] == ["200", "405", "405", "405", "404"]
        for response in told[1:4]:
            assert "pseudonymise" in response["outcome"]["issue"][0]["diagnostics"]
        assert told[1]["outcome"]["issue"][0]["expression"] == ["Bundle.entry[1].request.method"]
        assert here.total("Patient") == 1


def test_no_client_writes_to_a_made_site(served):
    person = {"resourceType": "Patient", "id": "new"}
    report = {"resourceType": "Parameters", "parameter": [{"name": "periodEnd", "valueDate": "2035-12-31"}]}
    with served("identified") as at:
        here = at("in office")
        (patient,) = here.read("Patient")["entry"]
        path = f"Patient/{patient['resource']['id']}"
        reason = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueCode": "objection"}]}
        entry = {"resource": person, "request": {"method": "PUT", "url": "Patient/new"}}
        for method, where, sent in (
            ("PUT", "Patient/new", person),
            ("POST", "Patient", {"resourceType": "Patient"}),
            ("DELETE", path, None),
            ("POST", "", pushed("transaction", entry)),
            ("POST", f"{path}/$erase", reason),
            ("POST", "Measure/halaven-dcr/$evaluate-measure", report),
        ):
            refused = here.send(method, where, sent)
            assert refused.status_code == 405 and "pseudonymise" in issue(refused)["diagnostics"], (method, where)
        for path, sent in (("$import", pushed("batch", entry)), ("Measure/halaven-dcr/$evaluate-measure", report)):
            refused = here.send("POST", path, sent, Prefer="respond-async")
            assert refused.status_code == 405 and "pseudonymise" in issue(refused)["diagnostics"], path
        assert here.total("Patient") == 1
        assert at("office", "office").put(person).status_code == 403
