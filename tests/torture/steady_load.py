"""Clients that write and read without pause, and know what they must find, whatever happens to the database."""

import json
import random
import threading
from collections import Counter

from own_server import Client, NoAnswer

KEYS = "urn:steady"
UNKNOWN = (503, 507)


class SteadyLoad:
    """`with SteadyLoad(port, writers, seed) as load`: each client writes resources of its own, so that it knows them.

    phase: the name under which `statuses` counts answers, (phase, status) -> number; `acknowledged` counts writes.
    problems: what no fault excuses.
    """

    def __init__(self, port, writers=4, seed=1):
        self.phase, self.statuses, self.problems, self.acknowledged = "well", Counter(), [], 0
        self.answered = threading.Condition()
        self._stop = threading.Event()
        self._writers = [_Writer(self, Client(port), f"{seed}-{number}") for number in range(writers)]
        self._threads = [threading.Thread(target=self._run, args=(writer,)) for writer in self._writers]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()
        for writer in self._writers:
            writer.close()

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def check(self):
        """Stop, and compare all that was written with what is there."""
        self.stop()
        for writer in self._writers:
            writer.check_all()

    def enter(self, phase):
        """From now on count under another name."""
        self.phase = phase

    def wait_for(self, status, count=1, seconds=60):
        """Until so many answers with this status have come in the present phase."""
        wanted = self.statuses[self.phase, status] + count
        with self.answered:
            if not self.answered.wait_for(lambda: self.statuses[self.phase, status] >= wanted, seconds):
                raise AssertionError(f"no {status} in {self.phase}: {dict(self.statuses)}")

    def count(self, phase, status):
        with self.answered:
            self.statuses[phase, status] += 1
            self.answered.notify_all()

    def _run(self, writer):
        try:
            while not self._stop.is_set():
                writer.step()
        except Exception as problem:  # else it would end in silence
            self.problems.append(f"{type(problem).__name__}: {problem}")


class _Writer:
    """One client: a resource, three written together, and keys that may be there once."""

    def __init__(self, load, client, name):
        self._load, self._client, self._name = load, client, name
        self._dice, self._written, self._keys = random.Random(name), 0, {}
        # What each must hold: the last text that was acknowledged, and those of which nobody knows since.
        self._known = {"single": (None, set()), "together": (None, set())}

    def step(self):
        name = self._dice.choice(("single", "together", "key", "read"))
        if name == "read":
            self._check("single")
        elif name == "key":
            self._create(self._dice.randrange(1_000_000))
        else:
            self._write(name)

    def check_all(self):
        self._check("single")
        self._check("together")
        for key, acknowledged in self._keys.items():
            answer = self._send("GET", f"Basic?identifier={KEYS}|{key}&_summary=count")
            if answer is None or answer.json()["total"] not in ((1,) if acknowledged else (0, 1)):
                self._load.problems.append(f"{key} is not there once: {answer and answer.body}")

    def close(self):
        self._client.close()

    def _write(self, name):
        self._written += 1
        text, (kept, maybe) = f"{self._name}-{self._written} {'x' * self._dice.randrange(4000)}", self._known[name]
        ids = [f"{name}-{self._name}"] if name == "single" else [f"{name}-{self._name}-{n}" for n in range(3)]
        resources = [{"resourceType": "Basic", "id": id_, "code": {"text": text}} for id_ in ids]
        if name == "single":
            answer = self._send("PUT", f"Basic/{ids[0]}", resources[0])
        else:
            entries = [{"resource": r, "request": {"method": "PUT", "url": f"Basic/{r['id']}"}} for r in resources]
            answer = self._send("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})
        self._known[name] = (kept, maybe | {text}) if answer is None else (text, set())
        self._load.acknowledged += answer is not None

    def _create(self, number):
        key = f"{self._name}-{number}"
        resource = {"resourceType": "Basic", "identifier": [{"system": KEYS, "value": key}], "code": {"text": "x"}}
        answer = self._send("POST", "Basic", resource, {"If-None-Exist": f"identifier={KEYS}|{key}"})
        self._keys[key] = self._keys.get(key, False) or answer is not None
        self._load.acknowledged += answer is not None

    def _check(self, name):
        kept, maybe = self._known[name]
        ids = [f"{name}-{self._name}"] if name == "single" else [f"{name}-{self._name}-{n}" for n in range(3)]
        answers = [self._send("GET", f"Basic/{id_}", absent=kept is None) for id_ in ids]
        if None in answers:
            return
        found = {json.loads(answer.body)["code"]["text"] if answer.status == 200 else None for answer in answers}
        if len(found) > 1 or not found <= {kept, *maybe}:
            self._load.problems.append(f"{name}-{self._name} has {[str(text)[:20] for text in found]}")
        self._known[name] = (found.pop(), set())

    def _send(self, method, path, body=None, headers=None, absent=False):
        """The Answer; None when nobody knows what was done."""
        phase = self._load.phase
        try:
            answer = self._client.fhir(method, path, body, headers)
        except NoAnswer as problem:
            self._load.problems.append(f"no answer in {phase}: {problem}")
            return None
        self._load.count(phase, answer.status)
        if answer.status in UNKNOWN:
            if "retry-after" not in answer.headers:
                self._load.problems.append(f"{answer.status} without Retry-After")
            return None
        if answer.status not in (200, 201, 404 if absent else 200):
            self._load.problems.append(f"{answer.status} to {method} in {phase}: {answer.body[:200]}")
            return None
        return answer
