"""A person is erased from everything, is known by tombstones alone, and does not come back (section 5, row 6)."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
from erasure import GONE, MARK, STAYS, consent, fill, observation, person, put, records, shared
from rest_client import body, issue, serving
from sqlalchemy import inspect, text
from test_import_job import import_body, lines

from fhir_registry.core.access import Access
from fhir_registry.core.audit import READS, Event, Part, seal
from fhir_registry.core.paging import Client
from fhir_registry.core.scopes import parse_scopes
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import fsck
from fhir_registry.ops.audit import search_audit
from fhir_registry.ops.audit_verify import verify
from fhir_registry.ops.callers import most_of
from fhir_registry.ops.disclosure import require_erasure
from fhir_registry.ops.erase import erase
from fhir_registry.ops.evaluate import Evaluated
from fhir_registry.ops.publish import publish
from fhir_registry.ops.reindex import OF_ALL
from fhir_registry.store.bodies import unpack
from fhir_registry.store.wall import EVERYWHERE

SITE = 1
EVENT = Event("destroy", "clerk", "administrator")
REASON = "consent-withdrawn"


@pytest.fixture
def rest(prepared):
    with serving(prepared) as rest:
        fill(rest)
        yield rest


def erased(rest, id=GONE):
    return erase(rest.registry, SITE, id, REASON, EVENT, "http://localhost/fhir")


def everything_stored(store):
    """All values of all tables, texts of resources unpacked, in lower case."""
    with store.read(EVERYWHERE) as connection:
        for name in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{name}"')):
                for value in row:
                    if value is not None:
                        value = unpack(bytes(value)) if type(value) in (bytes, memoryview) else str(value).encode()
                        yield name, value.lower()


def marked(store):
    return {name for name, value in everything_stored(store) if MARK.encode() in value}


def audited(rest, patient):
    parts = (Part(patient, (("read", "Patient", patient, 1),)),)
    with rest.registry.store.database.write(SITE) as connection:
        event = Event("read", "somebody", query=f"identifier=mrn-{patient}", parts=parts)
        rest.registry.store.audit.append(connection, SITE, READS, [seal(event, rest.registry.store.now())])


def test_nothing_of_it_is_in_any_table(rest):
    store = rest.registry.store
    for patient in (GONE, STAYS):
        audited(rest, patient)
    rest.get("Measure/halaven-dcr/$evaluate-measure")  # of an analysis
    before = marked(store)
    assert {"resource", "version", "index_token", "index_string", "index_reference", "patient", "change"} <= before
    assert {"audit", "audit_patient"} <= before
    found = erased(rest)
    assert (found.patients, found.resources, found.changed) == ([GONE], 8, 4) and found.events == 1
    assert marked(store) == set()
    assert any(STAYS.encode() in value for _, value in everything_stored(store))


def test_what_is_left_agrees(rest):
    audited(rest, GONE)
    erased(rest)
    assert list(fsck.check(rest.registry, analyses=True, bases=("http://localhost/fhir",))) == []
    assert all(walked.broken is None for walked in verify(rest.registry.store))
    for resource in records(STAYS):
        assert rest.read(f"{resource['resourceType']}/{resource['id']}")["id"] == resource["id"]


def test_it_answers_that_it_is_gone(rest):
    erased(rest)
    for path in (f"Patient/{GONE}", f"Patient/{GONE}/_history", f"Patient/{GONE}/_history/1", "Observation/deleted"):
        response = rest.get(path)
        assert response.status_code == 410 and issue(response)["code"] == "deleted", path
        assert "erased on" in issue(response)["diagnostics"] and REASON in issue(response)["diagnostics"]
        assert MARK not in issue(response)["diagnostics"]
    assert rest.get("Patient/never").status_code == 404
    assert rest.total(f"Observation?subject=Patient/{GONE}") == rest.total(f"Patient?_id={GONE}") == 0
    assert GONE not in rest.get("_history").get_data(as_text=True)
    with pytest.raises(FhirError) as twice:
        erased(rest)
    assert twice.value.kind == "deleted"


def test_what_names_others_too_loses_the_reference_in_every_version(rest):
    erased(rest)
    for path in ("Group/group", "Group/group/_history/1"):
        assert rest.read(path)["member"] == [{"entity": {"reference": f"Patient/{STAYS}"}}]
    assert rest.read("Group/group")["meta"]["versionId"] == "2" and "name" not in rest.read("Group/group/_history/1")
    kept = rest.read("List/list")
    assert kept["entry"] == [{"item": {"reference": f"Observation/obs-{STAYS}"}}] and "text" not in kept
    assert rest.read("Provenance/prov-both")["target"] == [{"reference": f"Observation/obs-{STAYS}"}]
    assert "reference" not in rest.read("Observation/twin")["hasMember"][0]
    assert rest.total(f"Group?member=Patient/{STAYS}") == 1 and rest.total(f"Group?member=Patient/{GONE}") == 0
    for path in ("Group/group", "List/list", "Provenance/prov-both", "Observation/twin"):
        resource = rest.read(path)
        assert rest.registry.validator.validate(resource) == [], path


@pytest.mark.parametrize(
    "resource",
    [
        person(GONE),
        person("another-id") | {"identifier": person(GONE)["identifier"]},
        observation("new", GONE),
        observation("new", "x") | {"subject": {"reference": f"http://localhost/fhir/Patient/{GONE}"}},
        observation("new", "x") | {"subject": {"identifier": person(GONE)["identifier"][0]}},
        observation("deleted", STAYS),
        shared()[1],
    ],
    ids=["id", "identifier", "reference", "url", "logical reference", "id of a record", "group"],
)
def test_it_does_not_come_back(rest, resource):
    before = rest.total("Observation") + rest.total("Patient")
    erased(rest)
    total = rest.total("Observation") + rest.total("Patient")
    assert total < before
    for response in (rest.put(resource), rest.push(put(person("new")), put(resource))):
        assert response.status_code == 422 and issue(response)["code"] == "business-rule"
        assert MARK not in issue(response)["diagnostics"]
    assert issue(response)["expression"] == ["Bundle.entry[1].resource"]
    _, refused = import_body(rest.registry, lines(person("new"), resource))
    assert [code for *_, code, _ in refused] == ["business-rule"] and rest.total("Patient?_id=new") == 1
    batch = body(rest.push(put(person("newer")), put(resource), type="batch"))
    assert [entry["response"]["status"][:3] for entry in batch["entry"]] == ["201", "422"]
    assert rest.total("Observation") + rest.total("Patient") == total + 2


def test_others_are_stored_as_before(rest):
    erased(rest)
    assert rest.put(person("new")).status_code == 201
    assert rest.put(observation("of-new", "new")).status_code == 201
    assert rest.post(observation("x", STAYS)).status_code == 201


def test_the_same_bundle_again_is_refused(rest):
    sent = observation("gone-too", GONE)
    created = {"request": {"method": "POST", "url": "Observation"}, "resource": sent}
    erased(rest)
    assert rest.push(created).status_code == 422
    sent = {"resourceType": "Bundle", "type": "transaction", "entry": [created]}
    _, refused = import_body(rest.registry, json.dumps(sent), False)
    assert [code for *_, code, _ in refused] == ["business-rule"]


def test_merged_patients_are_one_person(rest):
    merged = person("merged") | {"link": [{"other": {"reference": f"Patient/{GONE}"}, "type": "replaced-by"}]}
    assert rest.put(merged).status_code == 201 and rest.put(observation("of-merged", "merged")).status_code == 201
    assert erased(rest, "merged").patients == ["merged", GONE]
    for path in (f"Patient/{GONE}", "Patient/merged", "Observation/of-merged"):
        assert rest.get(path).status_code == 410
    assert list(fsck.check(rest.registry)) == []


def test_what_was_written_while_it_was_looked_for_goes_too(rest, monkeypatch):
    """Between the look at what is stored and the transaction others write: a record, and another identifier."""
    store, write, late = rest.registry.store, rest.registry.store.write, [observation("late", GONE), person(GONE)]
    late[1]["identifier"].append({"system": "urn:new", "value": f"{MARK}-late"})

    def write_after_others(site):
        monkeypatch.setattr(store, "write", write)
        for resource in late:
            assert rest.put(resource).status_code in (200, 201)
        return write(site)

    monkeypatch.setattr(store, "write", write_after_others)
    erased(rest)
    assert marked(store) == set() and rest.get("Observation/late").status_code == 410
    again = person("b") | {"identifier": late[1]["identifier"][-1:]}
    assert rest.put(again).status_code == 422


def test_two_erasures_at_once_do_not_bring_back_what_the_other_took(rest, monkeypatch):
    """Another person is erased between the look and the transaction: what named both names nobody any more."""
    store, write = rest.registry.store, rest.registry.store.write

    def write_after_other(site):
        monkeypatch.setattr(store, "write", write)
        erased(rest, STAYS)
        assert rest.read("List/list")["entry"] == [{"item": {"reference": f"Observation/obs-{GONE}"}}]
        return write(site)

    monkeypatch.setattr(store, "write", write_after_other)
    erased(rest)
    assert marked(store) == set() and not any(STAYS.encode() in value for _, value in everything_stored(store))
    for path in ("List/list", "Group/group", "Provenance/prov-both"):
        assert rest.get(path).status_code == 410
    assert list(fsck.check(rest.registry)) == []


def test_of_two_erasures_of_one_person_one_is_done(rest, monkeypatch):
    store, write = rest.registry.store, rest.registry.store.write

    def write_after_other(site):
        monkeypatch.setattr(store, "write", write)
        erased(rest)
        return write(site)

    monkeypatch.setattr(store, "write", write_after_other)
    with pytest.raises(FhirError) as refused:
        erased(rest)
    assert refused.value.kind == "deleted"


def test_jobs_that_are_done_go_and_others_are_waited_for(rest):
    jobs, store = rest.registry.store.jobs, rest.registry.store
    import_body(rest.registry, lines(observation("no id!", GONE)))
    waiting = jobs.submit(SITE, "evaluate", {"subject": f"Patient/{GONE}"}, key="one")
    with pytest.raises(FhirError) as refused:
        erased(rest)
    assert refused.value.kind == "conflict" and waiting in str(refused.value)
    assert rest.get(f"Patient/{GONE}").status_code == 200
    jobs.cancel(waiting)
    told = {"lines": True, "limit": 1000}
    sent = jobs.submit(SITE, "import", told, key="two", parts=[lines({"resourceType": "Patient", "id": GONE})])
    with pytest.raises(FhirError, match=sent):
        erased(rest)
    jobs.cancel(sent)
    erased(rest)
    assert marked(store) == set()


def test_nobody_is_erased_while_tables_are_made_anew(rest):
    """They are filled from what was read before; the job is of no site."""
    jobs = rest.registry.store.jobs
    running = jobs.submit(OF_ALL, "reindex", {})
    with pytest.raises(FhirError) as refused:
        erased(rest)
    assert refused.value.kind == "conflict" and "made anew" in str(refused.value)
    jobs.cancel(running)
    assert erased(rest).patients == [GONE]


def test_an_individual_report_is_not_published_any_more(rest):
    report = {"resourceType": "MeasureReport", "identifier": [{"value": "r"}]}
    report["subject"] = {"reference": f"Patient/{GONE}"}
    erased(rest)
    with pytest.raises(FhirError) as refused:
        publish(rest.registry, SITE, Evaluated(report, None, 1, ""))
    assert refused.value.kind == "erased"


def test_over_http(rest):
    path = f"Patient/{GONE}/$erase"
    reason = {"resourceType": "Parameters", "parameter": [{"name": "reason", "valueCode": REASON}]}
    assert rest.send("GET", f"{path}?reason={REASON}").status_code == 405
    for wrong in ({"resourceType": "Parameters"}, json.parse(json.dumps(reason).replace(b"withdrawn", b"lost"))):
        response = rest.send("POST", path, wrong)
        assert response.status_code == 400 and "consent-withdrawn" in issue(response)["diagnostics"]
    assert rest.send("POST", "Patient/never/$erase", reason).status_code == 404
    assert rest.get(f"Patient/{GONE}").status_code == 200
    response = rest.send("POST", path, reason)
    assert response.status_code == 200 and "8 resources are erased" in body(response)["issue"][0]["diagnostics"]
    assert rest.send("POST", path, reason).status_code == 410
    lifecycle = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
    found = search_audit(rest.registry, SITE, [("type", f"{lifecycle}|destroy")], Client("http://localhost/fhir"))
    assert len(json.parse(found)["entry"]) == 1 and GONE.encode() not in found


def test_the_withdrawal_itself_goes_with_the_person(rest):
    assert rest.put({"resourceType": "Consent", "id": "w", **consent(GONE, "erase")}).status_code == 201
    erased(rest)
    assert rest.get("Consent/w").status_code == 410


@pytest.mark.parametrize(
    "scopes, role, may",
    [
        ("system/*.d", "site", True),
        ("system/*.cruds", "administrator", False),  # who runs the server touches no patient's data
        ("system/*.d", "registry", False),
        ("system/*.d", "regulator", False),
        ("system/*.crus", "site", False),
        ("system/Patient.d", "site", False),
        ("system/*.d?_id=x", "site", False),
    ],
)
def test_who_may(registry, scopes, role, may):
    search_params = registry.content.search_params
    access = Access("someone", parse_scopes(scopes, search_params), most_of(role, search_params))
    with nullcontext() if may else pytest.raises(FhirError, match="erase a patient"):
        require_erasure(replace(registry, access=access))
