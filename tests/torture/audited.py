"""Every request of several clients is in the audit log, once, with those whom it was about (interop.md AUD-01 to 03).

`python tests/torture/audited.py --requests 100000 --database sqlite` starts a server in mode builtin, sends requests of
all kinds, good ones and such that are refused, and looks for each by its X-Request-Id.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

sys.path.append(str(Path(__file__).parent.parent))

from own_postgresql import OwnPostgreSQL
from own_server import Client, NoAnswer, OwnServer
from smart_client import SmartClient

from fhir_registry.content.registry import load_content
from fhir_registry.ops.audit_verify import verify
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.token_keys import new_key

PATIENTS = 5  # that each client knows from the beginning
RENEW = 200  # seconds after which it takes another token; one is valid for 300
PAGE = 1000  # events that are read at a time
SITE = 1


class Asked(NamedTuple):
    """What the log must tell of a request. patients: whose parts; refused: whether it is a failure."""

    kind: str
    patients: frozenset
    refused: bool = False


class Asker:
    """One client: sends requests, and keeps what each must have left. told: {X-Request-Id: Asked}."""

    def __init__(self, server, smart, number, seed):
        self._server, self._smart, self._number = server, smart, number
        self._dice = random.Random(f"{seed} {number}")
        self._connection = Client(server.port)
        self._taken, self._tokens, self._sent = 0, {}, 0
        self.patients = [f"p{number}-{n}" for n in range(PATIENTS)]  # that are stored, each with an Observation
        self.told, self.problems, self.statuses = {}, [], Counter()
        self._made = 0

    def begin(self):
        """Store what is asked for later."""
        for id_ in self.patients:
            self._put_both(id_)

    def step(self):
        """Send one request."""
        kinds = [name for name in dir(self) if name.startswith("_ask_")]
        getattr(self, self._dice.choice(kinds))()

    def close(self):
        self._connection.close()

    # --- requests -----------------------------------------------------------------------------------

    def _ask_read(self):
        id_ = self._dice.choice(self.patients)
        self._send(
            self._dice.choice(("GET", "HEAD")), self._dice.choice((f"Patient/{id_}", f"Observation/o-{id_}")), {id_}
        )

    def _ask_version(self):
        id_ = self._dice.choice(self.patients)
        self._send("GET", f"Observation/o-{id_}/_history/1", {id_})

    def _ask_history(self):
        id_ = self._dice.choice(self.patients)
        self._send("GET", f"Patient/{id_}/_history", {id_})

    def _ask_search(self):
        some = self._dice.sample(self.patients, self._dice.randint(0, 3))
        self._send("GET", f"Patient?_id={','.join([*some, 'nobody'])}&_revinclude=Observation:subject", set(some))

    def _ask_search_by_form(self):
        some = self._dice.sample(self.patients, self._dice.randint(1, 3))
        form = urlencode({"subject": ",".join(f"Patient/{id_}" for id_ in some)}).encode()
        kind = "application/x-www-form-urlencoded"
        self._send("POST", "Observation/_search", set(some), form, headers={"Content-Type": kind})

    def _ask_everything(self):
        id_ = self._dice.choice(self.patients)
        self._send("GET", f"Patient/{id_}/$everything", {id_})

    def _ask_create(self):
        id_ = self._dice.choice(self.patients)
        self._send("POST", "Observation", {id_}, self._observation(None, id_), expected=201)

    def _ask_update(self):
        id_ = self._dice.choice(self.patients)
        self._made += 1
        self._send("PUT", f"Observation/o-{id_}", {id_}, self._observation(f"o-{id_}", id_, str(self._made)))

    def _ask_transaction(self):
        some = self._dice.sample(self.patients, self._dice.randint(1, 3))
        self._made += 1
        entries = [
            entry("PUT", f"Observation/o-{id_}", self._observation(f"o-{id_}", id_, str(self._made))) for id_ in some
        ]
        entries += [entry("GET", f"Patient/{self._dice.choice(some)}")]
        self._send("POST", "", set(some), bundle("transaction", entries))

    def _ask_batch_of_reads(self):
        some = self._dice.sample(self.patients, self._dice.randint(1, 3))
        self._send("POST", "", set(some), bundle("batch", [entry("GET", f"Patient/{id_}") for id_ in some]))

    def _ask_transaction_that_fails(self):
        id_ = self._dice.choice(self.patients)
        entries = [
            entry("PUT", "Patient/lost", {"resourceType": "Patient", "id": "lost"}),
            entry("GET", "Patient/not-here"),
        ]
        self._send("POST", "", set(), bundle("transaction", entries), expected=404)
        entries[1] = entry("PUT", f"Patient/{id_}", {"resourceType": "Patient", "id": id_})
        entries[1]["request"]["ifMatch"] = 'W/"99999"'
        self._send("POST", "", set(), bundle("transaction", entries), expected=412)

    def _ask_new_and_delete(self):
        self._made += 1
        id_ = f"p{self._number}-new-{self._made}"
        self._put_both(id_)
        self._send("DELETE", f"Observation/o-{id_}", {id_}, expected=204)
        self._send("GET", f"Observation/o-{id_}", set(), expected=410)
        self._send("DELETE", f"Patient/{id_}", {id_}, expected=204)

    def _ask_what_is_not_there(self):
        self._send("GET", "Observation/not-here", set(), expected=404)

    def _ask_what_is_wrong(self):
        self._send("GET", "Patient?wrong=1", set(), expected=400)

    def _ask_beyond_the_scope(self):
        self._send("GET", "Observation?_count=1", set(), scope="system/Patient.rs", expected=403)

    def _ask_with_a_wrong_token(self):
        self._send("GET", "Observation?_count=1", set(), expected=401, headers={"Authorization": "Bearer eyJ.e30."})

    def _put_both(self, id_):
        self._send("PUT", f"Patient/{id_}", {id_}, {"resourceType": "Patient", "id": id_}, expected=201)
        self._send("PUT", f"Observation/o-{id_}", {id_}, self._observation(f"o-{id_}", id_), expected=201)

    def _observation(self, id_, patient, text="x"):
        made = {"resourceType": "Observation", "status": "final", "code": {"text": text}}
        return made | ({"id": id_} if id_ else {}) | {"subject": {"reference": f"Patient/{patient}"}}

    # --- sending ------------------------------------------------------------------------------------

    def _send(self, method, path, patients, body=None, scope="system/*.cruds", expected=200, headers=None):
        """Send a request, again when the server has no time for it."""
        sent = {"Authorization": f"Bearer {self._token(scope)}"} | (headers or {})
        asked = Asked(f"{method} {path}"[:60], frozenset(patients), expected >= 400)
        while self._send_once(method, f"/fhir/{path}" if path else "/fhir", body, sent, asked, expected) == 503:
            time.sleep(self._dice.uniform(0.1, 0.5))

    def _send_once(self, method, path, body, headers, asked, expected):
        self._sent += 1
        name = f"r{self._number}-{self._sent}"
        try:
            answer = self._connection.send(method, path, body, headers | {"X-Request-Id": name})
        except NoAnswer as problem:
            self.problems.append(f"{name} {asked.kind}: no answer, {problem}")
            return None
        self.statuses[answer.status] += 1
        if answer.status == expected:
            self.told[name] = asked
        elif answer.status != 503:
            self.problems.append(f"{name} {asked.kind}: {answer.status}, not {expected}: {answer.body[:300]!r}")
        return answer.status

    def _token(self, scope):
        if time.monotonic() - self._taken > RENEW:
            self._tokens, self._taken = {}, time.monotonic()
        while scope not in self._tokens:
            assertion = self._smart.assertion(aud=f"{self._server.root}/auth/token")
            form = urlencode(self._smart.form(assertion, scope)).encode()
            self._sent += 1
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Request-Id": f"r{self._number}-{self._sent}",
            }
            answer = self._connection.send("POST", "/auth/token", form, headers)
            self.statuses[answer.status] += 1
            assert answer.status in (200, 503), answer.body
            if answer.status == 200:
                self.told[headers["X-Request-Id"]] = Asked("login", frozenset())
                self._tokens[scope] = answer.json()["access_token"]
        return self._tokens[scope]


def entry(method, url, resource=None):
    return {"request": {"method": method, "url": url}} | ({"resource": resource} if resource else {})


def bundle(type, entries):
    return {"resourceType": "Bundle", "type": type, "entry": entries}


def ask(options, folder):
    """(problems, how many requests, statuses) of so many requests to a new server."""
    with ExitStack() as stack:
        url = f"sqlite:///{folder}/audited.sqlite"
        if options.database == "postgresql":
            url = stack.enter_context(OwnPostgreSQL(Path(folder) / "postgresql")).new_database("audited")
        key = Path(folder) / "token.pem"
        key.write_bytes(new_key())
        registry = stack.enter_context(closing(open_registry(url, load_content())))
        smarts = [SmartClient(registry) for _ in range(options.clients)]
        settings = {"access": "builtin", "token_keys": key, "job_workers": 0, "max_failed_logins_per_minute": 0}
        with OwnServer(url, folder, options.workers, **settings) as server:
            askers = [Asker(server, smart, n, options.seed) for n, smart in enumerate(smarts)]
            ask_at_once(askers, options.requests)
        told = {
            name: (smart.id, asked)
            for smart, each in zip(smarts, askers, strict=True)
            for name, asked in each.told.items()
        }
        problems = [problem for each in askers for problem in each.problems] + look_for(registry.store, told)
        return problems, len(told), sum((each.statuses for each in askers), Counter())


def ask_at_once(askers, requests):
    """Let all of them ask until so many requests were answered."""

    def work(asker):
        try:
            asker.begin()
            while sum(len(each.told) for each in askers) < requests and not asker.problems:
                asker.step()
        except Exception as problem:
            asker.problems.append(repr(problem))
        finally:
            asker.close()

    threads = [threading.Thread(target=work, args=(asker,)) for asker in askers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def look_for(store, told):
    """What is wrong with the log, a line each. told: {X-Request-Id: (client, Asked)}."""
    problems = [f"chain {walked.chain}: {walked.broken}" for walked in verify(store) if walked.broken]
    found, place = Counter(), None
    with store.read(SITE, limited=False) as connection:
        while rows := store.audit.page(connection, SITE, PAGE, place, newest=False):
            place = rows[-1].recorded, rows[-1].chain, rows[-1].seq
            for row in rows:
                name = row.payload.get("request", "")
                found[name] += 1
                if name in told and (wrong := compare(row, *told[name])):
                    problems.append(f"{name} {told[name][1].kind}: {wrong}")
    problems += [f"{name} {asked.kind}: {found[name]} events" for name, (_, asked) in told.items() if found[name] != 1]
    return problems


def compare(row, client, asked):
    """What an event says that is not so, None when it is right."""
    patients = {part["patient"] for part in row.private["parts"]}
    known = "Bearer" if row.payload.get("status") == 401 else row.payload.get("client")
    if (row.payload["outcome"] != "0") != asked.refused:
        return f"outcome {row.payload['outcome']}"
    if known not in ("Bearer", client):
        return f"client {known}"
    return None if patients == asked.patients else f"patients {sorted(patients)}, not {sorted(asked.patients)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        problems, requests, statuses = ask(options, folder)
    print(f"{requests:,} requests in {time.monotonic() - started:.0f} s, statuses {dict(sorted(statuses.items()))}")
    print("\n".join(problems[:50]) or "each is in the log once, with the right patients")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
