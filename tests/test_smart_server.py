"""Scopes on a real server with real tokens (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html)."""

import json
import subprocess
import sys
from contextlib import closing

import pytest
import requests
from own_server import FHIR, OwnServer
from smart_client import SmartClient, key

from fhir_registry.ops.open import open_registry
from fhir_registry.ops.token_keys import new_key

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
LABORATORY = f"system/Observation.rs?category={CATEGORY}|laboratory"


class Real:
    """Sends requests to a real server with tokens of a real client."""

    def __init__(self, server, client):
        self.base, self.log, self._client, self._tokens = server.base, server.log, client, {}
        self.token_url = f"{server.root}/auth/token"

    def headers(self, scope):
        if scope not in self._tokens:
            form = self._client.form(self._client.assertion(aud=self.token_url), scope=scope)
            answer = requests.post(self.token_url, form, timeout=20)
            assert answer.status_code == 200, answer.text
            assert answer.json()["scope"] == scope
            self._tokens[scope] = {"Authorization": f"Bearer {answer.json()['access_token']}", "Content-Type": FHIR}
        return self._tokens[scope]

    def send(self, scope, method, path, resource=None, **headers):
        data = None if resource is None else json.dumps(resource)
        return requests.request(
            method, f"{self.base}/{path}", data=data, headers=self.headers(scope) | headers, timeout=20
        )

    def get(self, scope, path):
        return self.send(scope, "GET", path)

    def found(self, scope, query):
        """(ids that a search gives, its total)."""
        answer = self.get(scope, query)
        assert answer.status_code == 200, answer.text
        bundle = answer.json()
        found = [entry["resource"] for entry in bundle.get("entry", ()) if entry["search"]["mode"] != "outcome"]
        return {f"{each['resourceType']}/{each['id']}" for each in found}, bundle.get("total")


def observation(id, category):
    made = {"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "x"}}
    made["subject"] = {"reference": "Patient/p1"}
    return made | ({"category": [{"coding": [{"system": CATEGORY, "code": category}]}]} if category else {})


def entries(*resources):
    return [{"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}} for r in resources]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def real(request, new_registry, content, tmp_path_factory):
    folder, database = tmp_path_factory.mktemp("server"), new_registry(request.param)
    (folder / "token.pem").write_bytes(new_key())
    with closing(open_registry(database, content)) as registry:
        client = SmartClient(registry, key_=key("RS384"))
    settings = {"access": "builtin", "token_keys": folder / "token.pem", "job_workers": 0, "log_level": "debug"}
    with OwnServer(database, folder, **settings) as server:
        real = Real(server, client)
        observations = [observation(f"o{n}", "laboratory") for n in range(1, 5)]
        observations += [observation("o5", "vital-signs"), observation("o6", None)]
        patients = [{"resourceType": "Patient", "id": id, "name": [{"family": "Sato"}]} for id in ("p1", "p2")]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries(*patients, *observations)}
        answer = real.send("system/*.cruds", "POST", "", bundle)
        assert answer.status_code == 200, answer.text
        yield real


def forbidden(answer):
    assert answer.status_code == 403, answer.text
    assert answer.json()["issue"][0]["code"] == "forbidden"
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    return True


def test_smart_20_read_is_not_search(real):
    assert real.get("system/Patient.r", "Patient/p1").status_code == 200
    assert real.get("system/Patient.r", "Patient/p1/_history").status_code == 200  # of an instance: r
    for path in ("Patient?_id=p1", "Patient", "Patient/_history", "_history", "?_type=Patient"):
        assert forbidden(real.get("system/Patient.r", path))
    assert forbidden(real.get("system/Patient.s", "Patient/p1"))


def test_smart_21_another_type(real):
    for path in ("Observation/o1", "Observation", "Observation/o1/_history", "Observation/o1/_history/1", "Foo/1"):
        answer = real.get("system/Patient.rs", path)
        assert answer.status_code == (404 if path == "Foo/1" else 403), path
    for method, path in (("PUT", "Patient/p1"), ("DELETE", "Patient/p1"), ("POST", "Patient")):
        assert forbidden(real.send("system/Patient.rs", method, path, {"resourceType": "Patient", "id": "p1"}))


def test_smart_22_no_way_around(real):
    ids, _ = real.found("system/Patient.rs", "Patient?_revinclude=Observation:subject")
    assert ids == {"Patient/p1", "Patient/p2"}
    ids, _ = real.found("system/Observation.rs", "Observation?_include=Observation:subject")
    assert len(ids) == 6 and not any(id.startswith("Patient") for id in ids)
    for none in ("Patient?_id=nobody", "Patient?_id=p1"):  # what is left out is said, not whether there is any
        *_, said = real.get("system/Patient.rs", f"{none}&_revinclude=Observation:subject").json()["entry"]
        assert (said["search"]["mode"], said["resource"]["issue"][0]["code"]) == ("outcome", "suppressed")
        assert "may not search Observation" in said["resource"]["issue"][0]["diagnostics"]
    assert forbidden(real.get("system/Patient.rs", "Patient?_has:Observation:patient:status=final"))
    assert forbidden(real.get("system/Observation.rs", "Observation?subject:Patient.family=Sato"))
    assert forbidden(real.get("system/Observation.rs", "Observation?patient.family=Sato"))
    bundle = {"resourceType": "Bundle", "type": "batch"}
    bundle["entry"] = [{"request": {"method": "GET", "url": url}} for url in ("Patient/p1", "Observation/o1")]
    answer = real.send("system/Patient.rs", "POST", "", bundle).json()
    assert [entry["response"]["status"][:3] for entry in answer["entry"]] == ["200", "403"]
    everything = real.get("system/Patient.rs", "Patient/p1/$everything")
    assert everything.status_code == 403 or "Observation" not in everything.text


def test_smart_23_only_the_matching_ones(real):
    assert real.found(LABORATORY, "Observation") == ({f"Observation/o{n}" for n in range(1, 5)}, 4)
    assert real.get(LABORATORY, "Observation/o1").status_code == 200
    gone = real.get(LABORATORY, "Observation/nobody")
    for id in ("o5", "o6"):
        answer = real.get(LABORATORY, f"Observation/{id}")
        assert answer.status_code == 404
        assert answer.text == gone.text.replace("nobody", id)


def test_smart_24_before_and_after(real):
    both = f"{LABORATORY} {LABORATORY.replace('.rs', '.u')}"
    whole = "system/*.cruds"
    assert real.send(whole, "PUT", "Observation/moved", observation("moved", "laboratory")).status_code == 201
    away = observation("moved", "vital-signs")
    assert forbidden(real.send(LABORATORY, "PUT", "Observation/moved", away))  # needs u
    assert real.send(both, "PUT", "Observation/moved", away).status_code in (403, 404)  # the after image
    assert real.send(whole, "PUT", "Observation/moved", away).status_code == 200
    into = observation("moved", "laboratory")
    assert real.send(both, "PUT", "Observation/moved", into).status_code in (403, 404)  # the before image
    assert real.get(LABORATORY, "Observation/moved/_history/1").status_code == 200
    assert real.get(LABORATORY, "Observation/moved/_history/2").status_code == 404
    history = real.get(LABORATORY, "Observation/moved/_history")
    versions = [
        entry["resource"]["meta"]["versionId"] for entry in history.json().get("entry", ()) if "resource" in entry
    ]
    assert history.status_code == 404 or versions == ["1"]
    assert real.send(whole, "DELETE", "Observation/moved").status_code in (200, 204)


def test_smart_25_everything(real):
    for path in ("Patient", "Patient/p1", "_history", "Patient/p1/$everything", "Observation?patient.family=Sato", ""):
        assert real.get("system/*.cruds", path).status_code == 200, path


def test_smart_26_scopes_that_grant_nothing(real):
    for scope in ("openid", "user/*.cruds", "patient/*.rs", "system/*.sr"):
        form = real._client.form(real._client.assertion(aud=real.token_url), scope=scope)
        answer = requests.post(real.token_url, form, timeout=20)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_smart_27_the_union_of_two(real):
    vital = f"system/Observation.rs?category={CATEGORY}|vital-signs"
    ids, total = real.found(f"{LABORATORY} {vital}", "Observation")
    assert total == 5 and ids == {f"Observation/o{n}" for n in range(1, 6)}
    ids, total = real.found(f"{LABORATORY} system/Observation.s", "Observation")
    assert total == 6
    assert real.get(f"{LABORATORY} system/Observation.s", "Observation/o6").status_code == 404  # r is of the first only


def test_smart_30_a_granular_token_sees_the_matching_subset(real):
    whole, _ = real.found("system/Observation.rs", f"Observation?category={CATEGORY}|laboratory&subject=Patient/p1")
    assert real.found(LABORATORY, "Observation?subject=Patient/p1")[0] == whole and len(whole) == 4


def test_log_02_no_token_is_in_the_log_wherever_it_was_sent(real):
    scope, assertion = "system/*.cruds", real._client.assertion(aud=real.token_url)
    token = real.headers(scope)["Authorization"].split()[1]
    for path in (f"Patient?access_token={token}", f"Patient?_cursor={token}", f"Patient?name={token}", token,
                 f"Patient/{token}", f"$job/{token}", f"Patient?{token}=1"):  # fmt: skip
        assert real.get(scope, path).status_code in (200, 400, 401, 404), path
    for name in (
        "X-Request-Id",
        "User-Agent",
        "Referer",
        "Cookie",
        "X-Forwarded-For",
        "If-None-Match",
        "Accept",
        token,
    ):
        real.send(scope, "GET", "Patient", **{name: token})
    for resource in ({"resourceType": token}, {"resourceType": "Patient", token: token}, {"resourceType": "Patient"}):
        real.send(scope, "POST", "Patient", resource, **{"If-None-Exist": f"{token}={token}"})
    requests.get(f"{real.base}/Patient", headers={"Authorization": f"Bearer {token}x"}, timeout=20)
    requests.post(real.token_url, real._client.form(f"{assertion}x"), timeout=20)
    requests.get(f"{real.token_url}?client_assertion={assertion}", timeout=20)
    written = real.log.read_text()
    assert " GET /fhir/<type> 200 " in written and "a client was refused" in written
    for secret in (token, assertion):
        assert not any(part in written for part in secret.split(".")[1:])


def test_inferno_replay(real, cases, tmp_path):
    """What Inferno's test kit for SMART App Launch asks of a backend service."""
    path, out = tmp_path / "private.jwk.json", tmp_path / "out.json"
    path.write_text(json.dumps(real._client.key.jwk(private=True)))
    script = cases / "cases" / "interop" / "inferno_replay.py"
    command = [sys.executable, str(script), "smart", real.base, "--client-id", real._client.id]
    command += ["--jwk", str(path), "--alg", "RS384", "--out", str(out)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 0, finished.stderr
    results = json.loads(out.read_text())
    assert len(results) >= 17
    assert [each for each in results if each["result"] != "pass"] == []
