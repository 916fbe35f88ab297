"""What access control and the audit log add to a request: the same requests without them and with them, in turn."""

import argparse
import os
import random
import statistics
import tempfile
import time
import uuid
from contextlib import contextmanager
from pathlib import Path

from databases import SQLite, new_database, postgresql_server
from machine import print_machine

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.fhir import json
from fhir_registry.ops.clients import check_keys, register
from fhir_registry.ops.open import spare_collector
from fhir_registry.ops.token_keys import TokenKeys, new_key, public_key_set

BASE = "http://localhost/fhir"
FHIR = "application/fhir+json"
SCOPE = "system/*.cruds"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--entries", type=int, default=500, help="of one push")
    parser.add_argument("--pushes", type=int, default=20, help="of each kind")
    parser.add_argument("--reads", type=int, default=1500, help="of each kind")
    options = parser.parse_args()
    print_machine()
    for kind in options.database:
        with tempfile.TemporaryDirectory() as folder, database(kind, folder) as place:
            print(f"\n{kind}")
            measure(place, folder, options)


@contextmanager
def database(kind, folder):
    if kind == "sqlite":
        yield SQLite(f"{folder}/bench.sqlite")
        return
    os.chmod(folder, 0o755)  # run as root, PostgreSQL is another user
    with postgresql_server(folder) as server:
        yield new_database(server, "bench")


def measure(place, folder, options):
    key = Path(folder) / "token.pem"
    key.write_bytes(new_key())
    told = {"DATABASE": place.url, "BASE_URL": BASE, "LOG_LEVEL": "warning"}
    askers = [Asker(told), Asker(told | {"ACCESS": "builtin", "TOKEN_KEYS": str(key)}, key)]
    spare_collector()
    numbers = iter(range(10**9))
    for asker in askers * 2:  # compile what is needed
        asker.push(options.entries, next(numbers))
        asker.read("Observation/o0-0", 100)
    pushes = [lambda asker=asker: asker.push(options.entries, next(numbers)) for asker in askers]
    report(f"push of {options.entries} entries", *in_turn(pushes, options.pushes, place), 1)
    paths = [f"Observation/o0-{n}" for n in range(options.entries - 10)]
    reads = [lambda asker=asker: asker.read(random.choice(paths), 50) for asker in askers]
    report("read", *in_turn(reads, options.reads // 50, place), 50)
    searches = [lambda asker=asker: asker.read("Observation?subject=Patient/p0-1&_count=50", 10) for asker in askers]
    report("search of a page of 50", *in_turn(searches, options.reads // 100, place), 10)
    for asker in askers:
        asker.close()


def in_turn(works, times, place):
    """[[(seconds, seconds of processor with those of the database)] of each work], done one after the other."""
    took = [[] for _ in works]
    for _ in range(times):
        for work, found in zip(works, took, strict=True):
            started, processor = time.perf_counter(), time.process_time() + place.processor_time()
            work()
            spent = time.process_time() + place.processor_time() - processor
            found.append((time.perf_counter() - started, spent))
    return took


def report(what, without, having, number):
    """Print the medians of a request, of which `number` were timed together."""
    for name, at in (("on the clock", 0), ("of processor", 1)):
        before, after = (statistics.median(each[at] for each in found) / number * 1000 for found in (without, having))
        added = f"{after - before:+.2f} ms, {(after / before - 1) * 100:+.1f} %"
        print(f"{what:24} {name}: {before:8.2f} ms, with access and audit {after:8.2f} ms ({added})", flush=True)


class Asker:
    """Asks an application in this process; with the file of a key as a registered client of a site."""

    def __init__(self, settings, key=None, site="default"):
        app = create_app(Config.from_env({f"FHIR_REGISTRY_{name}": text for name, text in settings.items()}))
        self._registry, self._client = app.extensions["fhir_registry"], app.test_client()
        self._headers = {"Authorization": f"Bearer {self._token(key, site)}"} if key else {}

    def _token(self, key, site):
        client = register(self._registry, "bench", site, "site", SCOPE, check_keys(public_key_set(new_key()), None))
        now = int(time.time())
        claims = {"sub": client, "client_id": client, "scope": SCOPE, "iat": now, "exp": now + 3600}
        return TokenKeys([key.read_bytes()], "http://localhost/auth", BASE).sign(claims | {"jti": uuid.uuid4().hex})

    def push(self, entries, number):
        """One transaction of so many new entries: 10 patients, and Observations of them."""
        patients = [{"resourceType": "Patient", "id": f"p{number}-{n}", "gender": "female"} for n in range(10)]
        made = patients + [observation(f"o{number}-{n}", f"p{number}-{n % 10}") for n in range(entries - 10)]
        sent = [
            {"resource": each, "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}}
            for each in made
        ]
        body = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": sent})
        answer = self._client.post("/fhir", data=body, headers=self._headers, content_type=FHIR)
        assert answer.status_code == 200, answer.text

    def read(self, path, times):
        for _ in range(times):
            answer = self.send("GET", path)
            assert answer.status_code == 200, answer.text

    def put(self, resource):
        answer = self.send("PUT", f"{resource['resourceType']}/{resource['id']}", resource)
        assert answer.status_code in (200, 201), answer.text

    def send(self, method, path, resource=None, content_type=FHIR):
        body = json.dumps(resource) if resource else None
        return self._client.open(
            f"/fhir/{path}", method=method, data=body, headers=self._headers, content_type=content_type
        )

    def close(self):
        self._registry.close()


def observation(id, patient):
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "exam"}]}
        ],
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2024-03-15T10:11:12+01:00",
        "valueQuantity": {"value": 71.5, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"},
    }


if __name__ == "__main__":
    main()
