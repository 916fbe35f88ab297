"""A client that writes everything in every way: the mix of REL-01, in requests drawn from a seed.

Each version that it writes has an identifier of its own (system WRITE), so that whose a version is can be told from
its content alone; those that conditions look for have another one (system KEY). All writers share some ids and keys.
"""

import base64
import json
import random
import uuid
from urllib.parse import quote

from own_server import FHIR, NoAnswer

WRITE, KEY = "urn:write", "urn:key"
SHARED = 20  # ids that all writers change
MOST_ENTRIES = 50
UNSAID = (429, 503)  # statuses after which nobody knows more than without an answer
ODDS = {"transaction": 50, "put": 16, "patch": 10, "delete": 10, "create": 10, "update_where": 4}


class MixedWriter:
    """Draws requests, sends them and keeps in mind what is there, as far as answers say it.

    name: different for each writer of a database. imports: how many of 100 requests are bulk imports.
    """

    def __init__(self, name, seed, imports=0):
        self.name, self._random = name, random.Random(f"{seed} {name}")
        self._kinds = [*ODDS, "import"]
        self._odds = [*ODDS.values(), imports]
        self.own, self._drawn, self._open = [], 0, None  # own: "Type/id" that only this writer changes
        self._turn, self._step = "", 0
        self.unexpected = []  # what should not have been answered
        self.silences = 0  # requests without an answer that says what was done
        self.answered = 0

    def begin(self, turn):
        """Begin together with other writers; turn: a name that they all use, and only once."""
        self._turn, self._step = turn, 0

    def step(self, client, journal):
        """Send one request; returns True when it was answered."""
        self._step += 1
        kind, entries = self._open or self.draw()
        self._open = None
        intent = journal.intend(kind, entries)
        try:
            answer = send(client, kind, entries)
        except NoAnswer:
            answer = None
        if answer is None or answer.status in UNSAID:
            self.silences += 1
            if answer and "retry-after" not in answer.headers:
                self.unexpected.append(f"{kind} {answer.status} without Retry-After: {answer.body[:300]!r}")
            self._forget(entries)
            if is_repeatable(kind, entries) and self._random.random() < 0.7:
                self._open = kind, entries  # what an impatient client does
            return False
        self.answered += 1
        answers = read_answers(kind, entries, answer)
        journal.acknowledge(intent, answer.status, answers)
        if answer.status >= 400 and not (_is_on_shared(entries) and answer.status in (404, 410)):
            self.unexpected.append(f"{kind} {answer.status} {answer.body[:300]!r}")
        self._learn(entries, answers)
        return True

    # --- drawing ------------------------------------------------------------------------------------

    def draw(self):
        """(kind, entries): what is sent next."""
        self._drawn += 1
        kind = self._random.choices(self._kinds, self._odds)[0]
        if kind == "transaction":
            return kind, self._draw_transaction()
        if kind == "import":
            lines = self._random.randint(20, 120)
            return kind, [self._random.choice((self._create, self._put_new))(i) for i in range(lines)]
        if kind in ("patch", "delete") and not self.own:
            kind = "put"
        entry = {
            "put": lambda: self._put_shared(0) if self._random.random() < 0.4 else self._put_own(0),
            "patch": lambda: self._patch_shared(0) if self._random.random() < 0.3 else self._patch_own(0),
            "delete": lambda: self._delete_shared() if self._random.random() < 0.2 else self._delete_own(),
            "create": lambda: self._create_once(0),
            "update_where": lambda: self._update_where(0),
        }[kind]()
        return "single", [entry]

    def _draw_transaction(self):
        """1 to MOST_ENTRIES entries on different resources; half of them refer to others of the same transaction."""
        entries, taken, makers = [], set(), self._makers()
        for number in range(self._random.randint(1, MOST_ENTRIES)):
            maker = self._random.choice(makers)
            if maker in (self._patch_own, self._delete_own) and not self.own:
                maker = self._create
            entry = maker() if maker == self._delete_own else maker(number)
            name = entry["request"].get("ifNoneExist") or entry.get("fullUrl") or entry["request"]["url"]
            if name not in taken:
                taken.add(name)
                entries.append(entry)
        patients = [
            entry["fullUrl"] for entry in entries if "fullUrl" in entry and "Patient" in entry["request"]["url"]
        ]
        for entry in entries:
            if patients and entry.get("resource", {}).get("resourceType") == "Observation":
                entry["resource"]["subject"] = {"reference": self._random.choice(patients)}
        return entries

    def _makers(self):
        """What makes the entries of a transaction, each as likely as the others."""
        new = (self._create, self._create, self._create, self._put_new)
        return (*new, self._put_own, self._patch_own, self._create_once, self._put_shared, self._delete_own)

    def _resource(self, number, type=None, key=None):
        type = type or self._random.choice(("Patient", "Observation"))
        marks = [{"system": WRITE, "value": f"{self.name}-{self._drawn}-{number}"}]
        marks += [{"system": KEY, "value": key}] if key else []
        resource = {"resourceType": type, "identifier": marks}
        if type == "Observation":
            value = {"value": self._random.randrange(1000), "unit": "mg"}
            return resource | {"status": "final", "code": {"text": "torture"}, "valueQuantity": value}
        born = f"19{self._random.randrange(10, 99)}-0{self._random.randrange(1, 9)}"
        return resource | {"active": True, "name": [{"family": f"F{self._random.randrange(50)}"}], "birthDate": born}

    def _create(self, number):
        resource = self._resource(number)
        full = f"urn:uuid:{uuid.UUID(int=self._random.getrandbits(128), version=4)}"
        return {"fullUrl": full, "resource": resource, "request": {"method": "POST", "url": resource["resourceType"]}}

    def _create_once(self, number):
        # Writers work at about the same pace, so that several of them meet at a key.
        key = f"{self._turn}-{self._step // 8}-{self._random.randrange(3)}"
        resource = self._resource(number, "Patient", key)
        request = {"method": "POST", "url": "Patient", "ifNoneExist": f"identifier={KEY}|{key}"}
        return {"resource": resource, "request": request}

    def _update_where(self, number):
        key = f"{self.name}-{self._random.randrange(10)}"
        request = {"method": "PUT", "url": f"Observation?identifier={KEY}|{key}"}
        return {"resource": self._resource(number, "Observation", key), "request": request}

    def _put(self, path, number):
        type, _, id = path.partition("/")
        return {"resource": self._resource(number, type) | {"id": id}, "request": {"method": "PUT", "url": path}}

    def _put_new(self, number):
        type = self._random.choice(("Patient", "Observation"))
        return self._put(f"{type}/{self.name}-{self._drawn}-{number}", number)

    def _put_own(self, number):
        return self._put(self._random.choice(self.own), number) if self.own else self._put_new(number)

    def _put_shared(self, number):
        return self._put(f"Patient/shared-{self._random.randrange(SHARED)}", number)

    def _patch(self, path, number):
        patch = [{"op": "replace", "path": "/identifier/0/value", "value": f"{self.name}-{self._drawn}-{number}"}]
        data = base64.b64encode(json.dumps(patch).encode()).decode()
        resource = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
        return {"resource": resource, "request": {"method": "PATCH", "url": path}}

    def _patch_own(self, number):
        return self._patch(self._random.choice(self.own), number)

    def _patch_shared(self, number):
        return self._patch(f"Patient/shared-{self._random.randrange(SHARED)}", number)

    def _delete_own(self):
        return {"request": {"method": "DELETE", "url": self._random.choice(self.own)}}

    def _delete_shared(self):
        return {"request": {"method": "DELETE", "url": f"Patient/shared-{self._random.randrange(SHARED)}"}}

    # --- what is there ------------------------------------------------------------------------------

    def _forget(self, entries):
        touched = {entry["request"]["url"] for entry in entries}
        self.own = [path for path in self.own if path not in touched]

    def _learn(self, entries, answers):
        for entry, (status, path, _) in zip(entries, answers, strict=False):
            url, method = entry["request"]["url"], entry["request"]["method"]
            if method == "DELETE":
                self._forget([entry])
            elif status not in (200, 201) or "ifNoneExist" in entry["request"] or "?" in url:
                continue
            elif "shared" not in path and path not in self.own:
                self.own = [*self.own[-200:], path]


def is_repeatable(kind, entries):
    """Whether the same request may be sent again without another effect than the first has, others writing or not."""
    if kind == "single" and entries[0]["request"]["method"] == "POST":
        return "ifNoneExist" in entries[0]["request"]
    return all(entry["request"]["method"] in ("POST", "PUT") for entry in entries) and not _is_on_shared(entries)


def _is_on_shared(entries):
    return any("shared" in entry["request"]["url"] for entry in entries)


def mark_of(entry):
    """The identifier that the version has which this entry writes; None of a deletion."""
    resource = entry.get("resource")
    if not resource:
        return None
    if resource["resourceType"] == "Binary":
        return json.loads(base64.b64decode(resource["data"]))[0]["value"]
    return resource["identifier"][0]["value"]


def send(client, kind, entries):
    """Send a request; returns the Answer."""
    if kind == "transaction":
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        return client.fhir("POST", "", bundle)
    if kind == "import":
        lines = b"".join(json.dumps(entry["resource"]).encode() + b"\n" for entry in entries)
        return client.fhir(
            "POST", "$import", lines, {"Content-Type": "application/fhir+ndjson", "Prefer": "respond-async"}
        )
    (entry,) = entries
    request, resource = entry["request"], entry.get("resource")
    path, _, query = request["url"].partition("?")
    headers = {"Prefer": "return=minimal"}
    if "ifNoneExist" in request:
        headers["If-None-Exist"] = request["ifNoneExist"]
    if request["method"] == "PATCH":
        patch = base64.b64decode(resource["data"])
        return client.fhir("PATCH", path, patch, headers | {"Content-Type": resource["contentType"]})
    if query:
        path += "?" + quote(query, safe="=:")
    return client.fhir(request["method"], path, resource, headers | {"Content-Type": FHIR})


def read_answers(kind, entries, answer):
    """[(status, "Type/id" or None, version or None)], entry by entry; of an import the path of its job."""
    if answer.status >= 400:
        return []
    if kind == "import":
        return [(answer.status, answer.headers["content-location"].partition("/fhir/")[2], None)]
    if kind == "transaction":
        responses = [entry["response"] for entry in answer.json()["entry"]]
        found = [(int(r["status"][:3]), r.get("location"), r.get("etag")) for r in responses]
    else:
        found = [(answer.status, answer.headers.get("location"), answer.headers.get("etag"))]
    answers = []
    for entry, (status, location, etag) in zip(entries, found, strict=True):
        place = location.partition("/fhir/")[2].partition("/_history")[0] if location else entry["request"]["url"]
        answers.append((status, place, int(etag[3:-1]) if etag else None))
    return answers
