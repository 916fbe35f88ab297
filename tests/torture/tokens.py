"""Wrong tokens and replays hurt nobody else; keys change amid load (interop.md SEC-22, section 4.2).

    python tests/torture/tokens.py --seconds 60 --rate 10000 --seed 1 --database sqlite|postgresql

Good clients read and write through one proxy, from addresses of their own. First nobody else does, then somebody sends
wrong tokens, wrong assertions and replays at the rate (a minute), last the clients' keys and the server's are replaced.
Exits 1 when a good request failed, a wrong one was let in, or an old key went on.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import ExitStack, closing
from copy import copy
from pathlib import Path
from urllib.parse import urlencode

sys.path.append(str(Path(__file__).parent.parent))

from own_postgresql import OwnPostgreSQL
from own_server import Client, NoAnswer, OwnServer
from smart_client import Key, SmartClient, jwks

from fhir_registry.content.registry import load_content
from fhir_registry.ops.clients import check_keys
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.token_keys import new_key

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RENEW = 60  # requests with one token
REPLAYS = 20  # of one assertion at once
KNOWN_SECONDS = 6  # within which a process notes that a client has other keys, or that it was revoked
WRONG = (400, 401, 429)


class GoodClient:
    """Reads and writes, with a new token now and then. smart: SmartClient; its key may be replaced meanwhile."""

    def __init__(self, server, smart, number):
        self._server, self.smart, self._address = server, smart, f"10.1.0.{number + 1}"
        self._connection, self._token, self._used = Client(server.port), None, 0
        self._path = f"/fhir/Patient/g{number}"
        self.seconds, self.problems = defaultdict(list), []  # phase: of each request
        self.before = None  # the SmartClient with the key that was replaced

    def close(self):
        self._connection.close()

    def step(self, phase):
        """One update or read."""
        if self._token is None or self._used >= RENEW:
            self._token, self._used = log_in(self._connection, self._server, self.smart, self._address), 0
        self._used += 1
        headers = {"Authorization": f"Bearer {self._token}", "X-Forwarded-For": self._address}
        resource = {"resourceType": "Patient", "id": self._path.rpartition("/")[2], "active": self._used % 2 == 0}
        write = self._used % 10 == 1
        started = time.monotonic()
        try:
            answer = self._connection.send("PUT" if write else "GET", self._path, resource if write else None, headers)
        except NoAnswer:
            self._token = None  # the server is started anew, with other keys
            if phase != "restart":
                self.problems.append(f"{phase}: no answer")
            time.sleep(0.2)
            return
        self.seconds[phase].append(time.monotonic() - started)
        if answer.status not in (200, 201):
            self.problems.append(f"{phase}: {answer.status} {answer.body[:200]!r}")


class Attacker:
    """Sends what is wrong from one address, at a rate."""

    def __init__(self, server, smart, seed):
        self._server, self._smart, self._dice = server, smart, random.Random(seed)
        self._connection, self._headers = Client(server.port), {"X-Forwarded-For": "10.9.9.9"}
        self.statuses = Counter()

    def close(self):
        self._connection.close()

    def step(self):
        """One wrong token or assertion."""
        kind = self._dice.randrange(3)
        if kind == 0:
            token = self._dice.choice(("x", "a.b.c", Key("ES256").sign({"sub": self._smart.id})))
            headers = self._headers | {"Authorization": f"Bearer {token}"}
            answer = self._connection.send("GET", "/fhir/Patient", None, headers)
        else:
            changes = {"aud": "https://elsewhere.example"} if kind == 1 else {"exp": 1}
            form = urlencode(self._smart.form(self._smart.assertion(**changes))).encode()
            answer = self._connection.send("POST", "/auth/token", form, self._headers | FORM)
        self.statuses[answer.status] += 1


def log_in(connection, server, smart, address):
    """A token. Raises AssertionError when there is none."""
    while True:
        form = urlencode(smart.form(smart.assertion(aud=f"{server.root}/auth/token"))).encode()
        try:
            answer = connection.send("POST", "/auth/token", form, FORM | {"X-Forwarded-For": address})
        except NoAnswer:
            time.sleep(0.2)
            continue
        assert answer.status in (200, 503), f"log-in: {answer.status} {answer.body!r}"
        if answer.status == 200:
            return answer.json()["access_token"]


def run_phase(phase, goods, seconds, meanwhile=None):
    """Let the good clients go on for so long, or until `meanwhile()` returns."""
    done = threading.Event()

    def work(good):
        try:
            while not done.is_set():
                good.step(phase)
        except Exception as problem:
            good.problems.append(f"{phase}: {problem!r}")

    threads = [threading.Thread(target=work, args=(good,)) for good in goods]
    for thread in threads:
        thread.start()
    try:
        if meanwhile:
            meanwhile()
        else:
            time.sleep(seconds)
    finally:
        done.set()
        for thread in threads:
            thread.join()


def attack(attackers, seconds, rate):
    """Let the attackers send so many requests a minute for so long; problems."""
    problems, begin = [], time.monotonic()
    step = 60 * len(attackers) / rate

    def work(number, attacker):
        due = step * number / len(attackers)
        while due < seconds:
            time.sleep(max(0, begin + due - time.monotonic()))
            try:
                attacker.step()
            except NoAnswer as problem:
                problems.append(f"attack: no answer, {problem}")
            due += step

    threads = [threading.Thread(target=work, args=each) for each in enumerate(attackers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


def replay(server, smart):
    """Use one assertion many times at once; problems."""
    form = urlencode(smart.form(smart.assertion(aud=f"{server.root}/auth/token"))).encode()
    statuses, begin = [], threading.Barrier(REPLAYS)

    def work(number):
        with closing(Client(server.port)) as connection:
            begin.wait()
            headers = FORM | {"X-Forwarded-For": f"10.2.0.{number + 1}"}
            statuses.append(connection.send("POST", "/auth/token", form, headers).status)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(REPLAYS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"one assertion {REPLAYS} times at once: {dict(Counter(statuses))}", flush=True)
    return [] if statuses.count(200) == 1 else [f"{statuses.count(200)} of {REPLAYS} replays were let in"]


def rotate_clients(registry, goods):
    """Give each client another key, first beside the old one."""
    for number, good in enumerate(goods):
        good.before, new = copy(good.smart), Key(kid=f"new{number}")
        registry.store.clients.rotate(good.smart.id, *check_keys(jwks(good.smart.key, new), None))
        good.smart.key = new
        time.sleep(0.2)
        registry.store.clients.rotate(good.smart.id, *check_keys(jwks(new), None))
    time.sleep(KNOWN_SECONDS)


def refuse_old_keys(server, goods):
    """Problems: old keys of clients that still get a token."""
    problems = []
    with closing(Client(server.port)) as connection:
        for good in goods:
            try:
                log_in(connection, server, good.before, "10.3.0.1")
            except AssertionError:
                continue
            problems.append("a replaced key got a token")
    return problems


def run(options, folder):
    """What is wrong with a new server, a line each."""
    with ExitStack() as stack:
        url = f"sqlite:///{folder}/tokens.sqlite"
        if options.database == "postgresql":
            url = stack.enter_context(OwnPostgreSQL(folder / "postgresql")).new_database("tokens", plain=True)
        keys = [folder / "one.pem", folder / "two.pem"]
        for key in keys:
            key.write_bytes(new_key())
        registry = stack.enter_context(closing(open_registry(url, load_content())))
        settings = {"access": "builtin", "token_keys": keys[0], "job_workers": 0, "trusted_proxies": 1}
        server = stack.enter_context(OwnServer(url, folder, 2, **settings))
        goods = [GoodClient(server, SmartClient(registry, key_=Key(kid=f"k{n}")), n) for n in range(options.clients)]
        attackers = [Attacker(server, goods[0].smart, f"{options.seed} {n}") for n in range(options.clients)]
        for each in (*goods, *attackers):
            stack.callback(each.close)
        problems = replay(server, goods[0].smart)
        run_phase("alone", goods, options.seconds)
        run_phase("attacked", goods, 0, lambda: problems.extend(attack(attackers, options.seconds, options.rate)))
        run_phase("rotated", goods, 0, lambda: rotate_clients(registry, goods))
        problems += refuse_old_keys(server, goods)
        for paths in (f"{keys[0]}:{keys[1]}", f"{keys[1]}:{keys[0]}", str(keys[1])):
            server.environment["FHIR_REGISTRY_TOKEN_KEYS"] = paths
            run_phase("restart", goods, 0, lambda: (server.stop(), server.start()))
            run_phase("after", goods, options.seconds / 10)
        statuses = sum((each.statuses for each in attackers), Counter())
        problems += [f"{n} wrong ones were answered {status}" for status, n in statuses.items() if status not in WRONG]
        problems += [problem for good in goods for problem in good.problems]
        report(goods, statuses)
        return problems


def report(goods, statuses):
    """Print what good clients waited, and what wrong ones were told."""
    for phase in ("alone", "attacked", "rotated", "after"):
        taken = sorted(1000 * each for good in goods for each in good.seconds[phase])
        tail = taken[int(0.95 * len(taken))]
        print(f"{phase:9} {len(taken):7,} good requests, median {statistics.median(taken):.1f} ms, p95 {tail:.1f} ms")
    print(f"wrong ones: {dict(sorted(statuses.items()))}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of a phase")
    parser.add_argument("--rate", type=float, default=10_000, help="wrong ones a minute")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.database}", flush=True)
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        problems = run(options, Path(folder))
    print(f"{len(problems)} problems")
    for problem in problems[:50]:
        print("PROBLEM", problem)
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
