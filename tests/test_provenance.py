"""Each write has a Provenance in its transaction (https://hl7.org/fhir/R4/provenance.html)."""

import getpass
import hashlib

import pytest
from provenances import SAID, Client, activity, client_of, identifiers
from rest_client import basic, body, issue, patient, serving
from smart_client import builtin
from test_evaluate import treated

from fhir_registry.edges.origin import of_command
from fhir_registry.fhir import json
from fhir_registry.ops import fsck
from fhir_registry.ops.import_job import request_files
from fhir_registry.ops.jobs import KINDS, OF_COMMANDS, do

NDJSON = "application/fhir+ndjson"


@pytest.fixture
def client(prepared, tmp_path):
    with serving(prepared, **builtin(tmp_path)) as rest:
        yield Client(rest.app)


def entry(method, url, resource=None, **request):
    found = {"request": {"method": method, "url": url, **request}}
    return found if resource is None else found | {"resource": resource}


def deltas(client):
    """A function that gives the server's Provenances since it was called last."""
    seen = set()

    def since():
        found = {targets: each for targets, each in client.by_server().items() if targets not in seen}
        seen.update(found)
        return found

    return since


def test_each_single_write_has_one(client):
    since = deltas(client)
    patch = [{"op": "add", "path": "/gender", "value": "female"}]
    for send, version, code in (
        (lambda: client.put(patient(id="p")), 1, "CREATE"),
        (lambda: client.put(patient(id="p", active=True)), 2, "UPDATE"),
        (
            lambda: client.open(
                "/fhir/Patient/p", method="PATCH", data=json.dumps(patch), content_type="application/json-patch+json"
            ),
            3,
            "UPDATE",
        ),
        (lambda: client.send("DELETE", "Patient/p"), 4, "DELETE"),
        (lambda: client.put(patient(id="p")), 5, "CREATE"),
    ):
        answer = send()
        assert answer.status_code in (200, 201, 204)
        ((targets, provenance),) = since().items()
        assert targets == (f"Patient/p/_history/{version}",)
        assert activity(provenance) == code
        assert client_of(provenance) == client.smart.id
        assert identifiers(provenance)["request-id"] == answer.headers["X-Request-Id"]


def test_what_it_says_is_valid_and_true(client):
    answer = client.put(patient(id="p"), X_Request_Id="message-17")
    ((_, provenance),) = client.by_server().items()
    assert not client.registry.validator.validate(provenance)
    (agent,) = provenance["agent"]
    assert agent["type"]["coding"][0]["code"] == "transmitter"
    assert agent["who"]["type"] == "Device"
    assert agent["onBehalfOf"]["identifier"]["value"] == "default"
    sent = hashlib.sha256(json.dumps(patient(id="p"))).hexdigest()
    assert identifiers(provenance) == {"body-sha-256": sent, "request-id": "message-17"}
    assert {each["role"] for each in provenance["entity"]} == {"source"}
    assert provenance["recorded"] == body(answer)["meta"]["lastUpdated"]
    assert provenance["meta"]["versionId"] == "1" and "reason" not in provenance


def test_of_what_makes_no_version_there_is_none(client):
    client.put(patient("7", id="p"))
    before = client.by_server()
    assert client.put(patient("7", id="p")).status_code == 200
    assert client.post(patient("7"), If_None_Exist="identifier=urn:mrn|7").status_code == 200
    assert client.send("DELETE", "Patient/nobody").status_code == 204
    assert client.send("PUT", "Patient?identifier=urn:mrn|7", patient("7", id="p")).status_code == 200
    assert client.by_server() == before


def test_conditions_name_what_they_found(client):
    since = deltas(client)
    client.put(patient("7", id="p"))
    since()
    assert client.send("PUT", "Patient?identifier=urn:mrn|7", patient("7", active=True)).status_code == 200
    assert client.send("DELETE", "Patient?identifier=urn:mrn|7").status_code == 204
    assert set(since()) == {("Patient/p/_history/2",), ("Patient/p/_history/3",)}
    made = client.post(patient("8"), If_None_Exist="identifier=urn:mrn|8")
    assert made.status_code == 201
    assert list(since()) == [(f"Patient/{body(made)['id']}/_history/1",)]


def test_a_transaction_has_one_for_all(client):
    for id in ("a", "b"):
        client.put(patient(id=id))
    since = deltas(client)
    since()
    message = {"system": "urn:hospital:messages", "value": "MSG-4711"}
    bundle = {"resourceType": "Bundle", "type": "transaction", "identifier": message}
    bundle["entry"] = [
        entry("PUT", "Patient/a", patient(id="a", active=True)),
        entry("POST", "Basic", basic("Patient/a")),
        entry("GET", "Patient/a"),
        entry("DELETE", "Patient/b"),
        entry("PUT", "Patient/c", patient(id="c")),
    ]
    answer = client.send("POST", "", bundle)
    assert answer.status_code == 200
    places = [each["response"].get("location") for each in body(answer)["entry"]]
    ((targets, provenance),) = since().items()
    made = places[1].removeprefix("http://localhost/fhir/")
    assert set(targets) == {"Patient/a/_history/2", made, "Patient/b/_history/2", "Patient/c/_history/1"}
    assert len(targets) == 4 and activity(provenance) == "OPERATE"
    assert provenance["entity"][0]["what"]["identifier"] == message
    assert "body-sha-256" not in identifiers(provenance)
    assert not client.registry.validator.validate(provenance)


def test_a_read_of_the_same_transaction_sees_it(client):
    bundle = [entry("PUT", "Patient/a", patient(id="a")), entry("GET", "Provenance?target=Patient/a")]
    answer = body(client.push(*bundle))
    assert answer["entry"][1]["resource"]["total"] == 1


def test_of_a_batch_what_was_stored_is_named(client):
    answer = client.push(
        entry("PUT", "Patient/a", patient(id="a")),
        entry("PUT", "Patient/b", patient(id="b", gender="unheard-of")),
        entry("PUT", "Patient/c", patient(id="c"), ifMatch='W/"7"'),
        entry("PUT", "Patient/d", patient(id="d")),
        type="batch",
    )
    assert [each["response"]["status"][:3] for each in body(answer)["entry"]] == ["201", "400", "412", "201"]
    assert list(client.by_server()) == [("Patient/a/_history/1", "Patient/d/_history/1")]


def test_what_is_undone_has_none(client):
    answer = client.push(
        entry("PUT", "Patient/a", patient(id="a")), entry("PUT", "Patient/c", patient(id="c"), ifMatch='W/"7"')
    )
    assert answer.status_code == 412
    assert client.put(patient(id="p"), If_Match='W/"1"').status_code == 412
    assert client.found() == [] and client.total("Provenance") == 0


def test_it_is_found_as_clients_look_for_it(client):
    client.push(entry("PUT", "Patient/a", patient(id="a")), entry("PUT", "Basic/b", basic("Patient/a", id="b")))
    client.put(basic("Patient/a", id="other"))
    ((_, first), (_, second)) = sorted(client.by_server().items(), key=lambda pair: -len(pair[0]))
    for query, expected in (
        ("target=Patient/a", [first]),
        ("target=Basic/b", [first]),
        ("target=Basic/other", [second]),
        ("patient=Patient/a", [first]),
        (f"agent:identifier=https://registry.example/client|{client.smart.id}", [first, second]),
        ("agent:identifier=nobody", []),
        ("agent-type=transmitter", [first, second]),
        (f"recorded={first['recorded']}&target=Basic/b", [first]),
        ("recorded=lt2020", []),
        (f"entity:identifier={identifiers(second)['request-id']}", [second]),
    ):
        found = client.found(f"?{query}")
        assert sorted(each["id"] for each in found) == sorted(each["id"] for each in expected), query
    answer = client.read("Patient?_id=a&_revinclude=Provenance:target")
    assert [each["resource"] for each in answer["entry"]][1:] == [first] and answer["total"] == 1


def test_everything_of_one_patient_names_no_other(client):
    """The Provenance of a transaction names all who were in it; one of a client stays."""
    mine = SAID | {"id": "mine", "target": [{"reference": "Patient/b"}]}
    shared = {"resourceType": "Organization", "id": "o", "name": "of a alone"}
    both = [entry("PUT", f"Patient/{id}", patient(id=id)) for id in ("a", "b")]
    client.push(*both, entry("PUT", "Provenance/mine", mine), entry("PUT", "Organization/o", shared))
    found = [each["resource"]["id"] for each in client.read("Patient/b/$everything")["entry"]]
    assert sorted(found) == ["b", "mine"]


def test_who_may_not_read_it_learns_nothing(client):
    client.put(patient(id="p"))
    other = Client(client.app, "system/Patient.rs")
    answer = other.read("Patient?_id=p&_revinclude=Provenance:target")
    assert [each["resource"]["resourceType"] for each in answer["entry"]].count("Provenance") == 0
    assert other.get("Provenance").status_code == 403
    (id,) = (each["id"] for each in client.by_server().values())
    assert other.get(f"Provenance/{id}").status_code == 403


def test_no_client_writes_one_of_the_server(client):
    client.put(patient(id="p"))
    ((_, provenance),) = client.by_server().items()
    forged = provenance | {"agent": [{"who": {"display": "nobody"}}]}
    assert client.put(forged).status_code == 405
    assert client.send("DELETE", f"Provenance/{provenance['id']}").status_code == 405
    assert client.send("DELETE", "Provenance?target=Patient/p").status_code == 405
    assert client.send("PUT", "Provenance?target=Patient/p", forged).status_code == 405
    assert client.put(forged | {"id": "registry-mine"}).status_code == 405
    assert client.push(entry("PUT", "Provenance/registry-mine", forged | {"id": "registry-mine"})).status_code == 405
    assert client.found() == [provenance]


def test_one_of_a_client_has_one_of_the_server(client):
    mine = SAID | {"id": "mine", "target": [{"reference": "Patient/p"}]}
    assert client.put(mine).status_code == 201
    assert list(client.by_server()) == [("Provenance/mine/_history/1",)]


def test_the_chunks_of_an_import(client):
    """1,000 entries in a transaction (docs/store.md): each version is named once."""
    lines = b"".join(json.dumps(patient(id=f"p{n}")) + b"\n" for n in range(1500))
    answer = client.open(
        "/fhir/$import", method="POST", data=lines, content_type=NDJSON, headers={"Prefer": "respond-async"}
    )
    assert answer.status_code == 202
    job = client.registry.store.jobs.claim("me", KINDS)
    do(client.registry, job)
    found = client.by_server()
    assert sorted(map(len, found)) == [500, 1000]
    assert {t for targets in found for t in targets} == {f"Patient/p{n}/_history/1" for n in range(1500)}
    for provenance in found.values():
        assert client_of(provenance) == client.smart.id and activity(provenance) == "CREATE"
        told = {"job": job.id, "request-id": answer.headers["X-Request-Id"]}
        assert identifiers(provenance) == told | {"body-sha-256": hashlib.sha256(lines).hexdigest()}
    assert list(fsck.check(client.registry, processes=1)) == []


def test_files_that_a_command_imports(client, tmp_path):
    (tmp_path / "patients.ndjson").write_bytes(json.dumps(patient(id="p")) + b"\n")
    known = of_command(client.registry, client.app.extensions["fhir_registry_config"])
    id = request_files(known, 1, [tmp_path / "patients.ndjson"], None, 1_000_000, 1)
    do(client.registry, client.registry.store.jobs.claim("me", OF_COMMANDS, id=id))
    ((targets, provenance),) = client.by_server().items()
    assert targets == ("Patient/p/_history/1",) and client_of(provenance) == "command line"
    _, user = provenance["agent"]
    assert user["who"]["identifier"]["value"] == getpass.getuser()
    assert identifiers(provenance) == {"job": id}
    assert not client.registry.validator.validate(provenance)


def test_a_bundle_that_is_imported_is_named(client):
    message = {"system": "urn:hospital:messages", "value": "MSG-1"}
    bundle = {"resourceType": "Bundle", "type": "transaction", "identifier": message}
    lines = b"".join(
        json.dumps(bundle | {"identifier": message | {"value": f"MSG-{n}"}, "entry": entries}) + b"\n"
        for n, entries in enumerate(
            (
                [entry("PUT", "Patient/a", patient(id="a"))],
                [entry("PUT", "Patient/b", patient(id="b"))],
                [entry("DELETE", "Patient/a")],  # not many at once
            )
        )
    )
    client.open("/fhir/$import", method="POST", data=lines, content_type=NDJSON, headers={"Prefer": "respond-async"})
    do(client.registry, client.registry.store.jobs.claim("me", KINDS))
    named = {
        targets: [e["what"]["identifier"]["value"] for e in each["entity"] if "messages" in str(e)]
        for targets, each in client.by_server().items()
    }
    assert named == {
        ("Patient/a/_history/1", "Patient/b/_history/1"): ["MSG-0", "MSG-1"],
        ("Patient/a/_history/2",): ["MSG-2"],
    }


def test_a_report_that_is_kept_has_its_own_and_no_other(client):
    assert client.send("POST", "", treated("a", ("2024-03-15", "LA28369-9"))).status_code == 200
    before = client.total("Provenance")
    asked = [{"name": "periodEnd", "valueDate": "2024-12-31"}]
    parameters = {"resourceType": "Parameters", "parameter": asked}
    report = body(client.send("POST", "Measure/halaven-dcr/$evaluate-measure", parameters))
    assert report["resourceType"] == "MeasureReport"
    (provenance,) = client.found(f"?target=MeasureReport/{report['id']}")
    assert client.total("Provenance") == before + 1
    assembler, sender = provenance["agent"]
    assert assembler["type"]["coding"][0]["code"] == "assembler"
    assert sender["who"]["identifier"]["value"] == client.smart.id
    assert not client.registry.validator.validate(provenance)
    # Done later, it is of who asked for it.
    parameters["parameter"].append({"name": "periodStart", "valueDate": "2024-01-01"})
    asked = client.send("POST", "Measure/halaven-dcr/$evaluate-measure", parameters, Prefer="respond-async")
    assert asked.status_code == 202
    do(client.registry, client.registry.store.jobs.claim("me", KINDS))
    (later,) = (each for each in client.found("?agent-type=assembler") if each != provenance)
    assert later["agent"] == provenance["agent"]


def test_without_access_control_there_is_none(prepared):
    with serving(prepared) as rest:
        assert rest.put(patient(id="p")).status_code == 201
        assert rest.total("Provenance") == 0


def test_a_forbidden_write_has_none(client):
    reader = Client(client.app, "system/*.rs")
    assert issue(reader.put(patient(id="p")))["code"] == "forbidden"
    assert client.total("Provenance") == 0
