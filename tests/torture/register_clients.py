"""Clients that read and write a few resources in every way and record what they were told (REL-17)."""

import base64
import json
import random
import time
import traceback

from ledger import version_of
from mixed_writer import KEY, UNSAID, WRITE
from own_server import Client, NoAnswer
from recorded import DELETED, OPEN, Operation, Step
from register_resources import ACCOUNTS, RESOURCES, path_of, query, resource_of, states_of, transaction, value_of

BALANCE = 100  # of each account at first
PARTS = 20  # of what is only created; a page holds one
GONE = (404, 410, 412)  # answers to a write whose condition does not hold


class RegisterClient:
    """One client of a server. operations: what it recorded; problems: what is wrong by itself.

    created: {value: (part, begin, end, whether answered)} of resources that are only created, in parts, each of which
    one search finds; found: [(part, begin, end, values)] of these searches; histories: [(resource, states)] as told.
    """

    def __init__(self, number, seed, port):
        self.number, self._random, self._client = number, random.Random(f"{seed} {number}"), Client(port)
        self.operations, self.problems, self.histories = [], [], []
        self.created, self.found = {}, []
        self._known = {}  # resource -> (version, value), as last seen
        self._count = 0
        self._requests = {
            self.read: 20,
            self.read_version: 5,
            self.read_history: 5,
            self.search: 10,
            self.search_several: 8,
            self.search_in_transaction: 4,
            self.put: 10,
            self.put_if_match: 10,
            self.put_if_none_match: 4,
            self.put_where: 5,
            self.patch: 6,
            self.delete: 6,
            self.put_two: 10,
            self.transfer: 6,
            self.sum_accounts: 5,
            self.create: 4,
            self.search_created: 2,
        }

    def run(self, stop):
        """Send requests until `stop` is set."""
        kinds, odds = list(self._requests), list(self._requests.values())
        while not stop.is_set():
            self._count += 1
            (request,) = self._random.choices(kinds, odds)
            try:
                request()
            except Exception:  # a client that ended in silence would make an easy proof
                self.problems.append(traceback.format_exc())
        self._client.close()

    # --- requests -----------------------------------------------------------------------------------

    def read(self):
        resource = self._random.choice(RESOURCES)
        begin, answer, end = self._ask("GET", resource)
        if answer and answer.status == 200:
            self._record(begin, end, "read", {resource: self._saw(resource, answer.json())})
        elif answer:
            step = Step("is", read=0) if answer.status == 404 else Step("is", DELETED)
            self._record(begin, end, f"read {answer.status}", {resource: step})

    def read_version(self):
        resource = self._random.choice(RESOURCES)
        version = self._known.get(resource, (0, None))[0] + self._random.randrange(3)
        if not version:
            return
        begin, answer, end = self._ask("GET", f"{resource}/_history/{version}")
        if not answer:
            return
        if answer.status == 404:
            step = Step(less_than=version)
        else:
            step = Step(value=value_of(answer.json()) if answer.status == 200 else DELETED, at_least=version)
        self._record(begin, end, f"vread {answer.status}", {resource: step})

    def read_history(self):
        resource = self._random.choice(RESOURCES)
        begin, answer, end = self._ask("GET", f"{resource}/_history?_count=500")
        if not answer:
            return
        states = states_of(answer.json().get("entry", ())) if answer.status == 200 else []
        self.histories.append((resource, states))
        step = Step("is", states[-1] if states else None, read=len(states))
        self._record(begin, end, "history", {resource: step})

    def search(self):
        self._search("search", [self._random.choice(RESOURCES)], "identifier")

    def search_several(self):
        self._search("search of several", self._random.sample(RESOURCES, 5), "identifier")

    def _search(self, kind, resources, by):
        begin, answer, end = self._ask("GET", query(resources, by))
        if answer:
            self._record(begin, end, kind, self._found(resources, answer.json()))

    def search_in_transaction(self):
        """Two searches in one transaction, which see one moment."""
        resources = self._random.sample(RESOURCES, 2)
        entries = [{"request": {"method": "GET", "url": query([resource], "_id")}} for resource in resources]
        begin, answer, end = self._ask("POST", "", transaction(entries))
        if answer:
            steps = {}
            for resource, entry in zip(resources, answer.json()["entry"], strict=True):
                steps |= self._found([resource], entry["resource"])
            self._record(begin, end, "searches in a transaction", steps)

    def put(self):
        self._put("put", self._random.choice(RESOURCES), Step())

    def put_if_match(self):
        if seen := self._seen():
            resource, (version, value) = seen
            self._put("put If-Match", resource, Step("is", value), {"If-Match": f'W/"{version}"'})

    def put_if_none_match(self):
        self._put("put If-None-Match", self._random.choice(RESOURCES), Step("absent"), {"If-None-Match": "*"})

    def put_where(self):
        resource = self._random.choice(RESOURCES)
        self._put("put where", resource, Step(), path=query([resource], "identifier"))

    def _put(self, kind, resource, step, headers=None, path=None):
        value = self._new_value()
        body = resource_of(resource, value)
        self._write(kind, resource, step._replace(writes=value), "PUT", path or resource, body, headers)

    def patch(self):
        resource, value, headers, step = self._random.choice(RESOURCES), self._new_value(), {}, Step("alive")
        if self._random.random() < 0.5 and (seen := self._seen()):
            resource, (version, old) = seen
            headers, step = {"If-Match": f'W/"{version}"'}, Step("is", old)
        patch = [{"op": "replace", "path": "/identifier/0/value", "value": value}]
        body = json.dumps(patch).encode()
        headers["Content-Type"] = "application/json-patch+json"
        self._write("patch", resource, step._replace(writes=value), "PATCH", resource, body, headers)

    def delete(self):
        resource = self._random.choice(RESOURCES)
        self._write("delete", resource, Step("there", writes=DELETED), "DELETE", resource)

    def put_two(self):
        """A transaction over two resources, in any order, some with a condition or a patch."""
        first, second = self._random.sample(RESOURCES, 2)
        steps, entries = {}, []
        for resource in (first, second):
            value = self._new_value()
            steps[resource] = Step(writes=value)
            request = {"method": "PUT", "url": resource}
            if resource == second and resource in self._known and self._random.random() < 0.5:
                version, old = self._known[resource]
                request["ifMatch"] = f'W/"{version}"'
                steps[resource] = Step("is", old, writes=value)
            entries.append({"resource": resource_of(resource, value), "request": request})
        if self._random.random() < 0.2:
            value = self._new_value()
            patch = [{"op": "replace", "path": "/identifier/0/value", "value": value}]
            data = base64.b64encode(json.dumps(patch).encode()).decode()
            body = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
            entries[0] = {"resource": body, "request": {"method": "PATCH", "url": first}}
            steps[first] = Step("alive", writes=value)
        conditional = {name: step for name, step in steps.items() if step.guard != "any"}
        begin, answer, end = self._ask("POST", "", transaction(entries))
        if answer is None:
            self._record(begin, OPEN, "transaction", steps)
        elif answer.status in GONE:
            # One condition did not hold; when there are two, the answer does not say which.
            if len(conditional) == 1:
                ((name, step),) = conditional.items()
                self._record(begin, end, "transaction refused", {name: refused(step, answer.status)})
        else:
            self._record(begin, end, "transaction", self._written(steps, answer))

    def open_accounts(self):
        """To be done before anything else."""
        steps = {resource: Step(writes=self._new_value()) for resource in ACCOUNTS}
        entries = [
            {"resource": resource_of(name, step.writes, BALANCE), "request": {"method": "PUT", "url": name}}
            for name, step in steps.items()
        ]
        begin, answer, end = self._ask("POST", "", transaction(entries))
        self._record(begin, end, "accounts", self._written(steps, answer))

    def transfer(self):
        """Move money between two accounts: nobody may ever see another sum (the bank model)."""
        resources = self._random.sample(ACCOUNTS, 2)
        begin, answer, end = self._ask("GET", query(resources, "_id"))
        if not answer:
            return
        found = {path_of(entry["resource"]): entry["resource"] for entry in answer.json().get("entry", ())}
        self._record(begin, end, "read accounts", self._found(resources, answer.json()))
        if len(found) < 2:
            self.problems.append(f"accounts are lost: {sorted(found)} of {resources}")
            return
        amount, steps, entries = self._random.randint(1, 20), {}, []
        for resource, change in zip(resources, (-amount, amount), strict=True):
            old, value = found[resource], self._new_value()
            balance = old["valueQuantity"]["value"] + change
            request = {"method": "PUT", "url": resource, "ifMatch": f'W/"{old["meta"]["versionId"]}"'}
            entries.append({"resource": resource_of(resource, value, balance), "request": request})
            steps[resource] = Step("is", value_of(old), writes=value)
        begin, answer, end = self._ask("POST", "", transaction(entries))
        if answer is None:
            self._record(begin, OPEN, "transfer", steps)
        elif answer.status not in GONE:
            self._record(begin, end, "transfer", self._written(steps, answer))

    def sum_accounts(self):
        begin, answer, end = self._ask("GET", query(ACCOUNTS, "_id"))
        if answer:
            found = [entry["resource"] for entry in answer.json().get("entry", ())]
            if (total := sum(each["valueQuantity"]["value"] for each in found)) != BALANCE * len(ACCOUNTS):
                self.problems.append(f"the accounts hold {total}: {[value_of(each) for each in found]}")
            self._record(begin, end, "sum", self._found(ACCOUNTS, answer.json()))

    def create(self):
        """Only created: must be found from then on (the set model)."""
        value = self._new_value()
        part = f"set{self._random.randrange(PARTS)}"
        marks = [{"system": WRITE, "value": value}, {"system": KEY, "value": part}]
        begin, answer, end = self._ask("POST", "Patient", {"resourceType": "Patient", "identifier": marks})
        self.created[value] = (part, begin, end, answer is not None)

    def search_created(self):
        part = f"set{self._random.randrange(PARTS)}"
        begin, answer, end = self._ask("GET", query([f"Patient/{part}"], "identifier") + "&_count=1000")
        if answer:
            values = [value_of(entry["resource"]) for entry in answer.json().get("entry", ())]
            self.found.append((part, begin, end, values))

    # --- answers ------------------------------------------------------------------------------------

    def _ask(self, method, path, body=None, headers=None):
        """(begin, Answer or None when nothing is known, end)."""
        begin = time.monotonic()
        try:
            answer = self._client.fhir(method, path, body, headers)
        except NoAnswer:
            time.sleep(0.2)  # until the server is there again, there is little to learn
            return begin, None, OPEN
        end = time.monotonic()
        if answer.status in UNSAID:
            return begin, None, OPEN
        if answer.status not in (200, 201, 204, *GONE):
            self.problems.append(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
            return begin, None, OPEN
        return begin, answer, end

    def _record(self, begin, end, kind, steps):
        self.operations.append(Operation(begin, end, self.number, kind, steps))

    def _write(self, kind, resource, step, *request):
        begin, answer, end = self._ask(*request)
        if answer is None:
            if step.writes == DELETED:
                step = step._replace(guard="alive")  # nothing else makes a version
            self._record(begin, OPEN, kind, {resource: step})
        elif answer.status in GONE:
            self._record(begin, end, f"{kind} refused", {resource: refused(step, answer.status)})
        elif step.writes == DELETED and "etag" not in answer.headers:
            self._record(begin, end, "delete of nothing", {resource: Step("is", read=0)})
        else:
            if step.guard == "any":
                step = step._replace(guard="absent" if answer.status == 201 else "alive")
            version = int(answer.headers["etag"][3:-1])
            self._record(begin, end, kind, {resource: step._replace(written=version)})
            if step.writes != DELETED:
                self._known[resource] = version, step.writes

    @staticmethod
    def _written(steps, answer):
        versions = [version_of(entry) for entry in answer.json()["entry"]]
        return {name: steps[name]._replace(written=version) for name, version in zip(steps, versions, strict=True)}

    def _found(self, resources, bundle):
        found = {path_of(entry["resource"]): entry["resource"] for entry in bundle.get("entry", ())}
        if odd := found.keys() - set(resources):
            self.problems.append(f"a search for {resources} found {odd}")
        return {name: self._saw(name, found[name]) if name in found else Step("absent") for name in resources}

    def _saw(self, resource, content):
        version, value = int(content["meta"]["versionId"]), value_of(content)
        if resource in RESOURCES:
            self._known[resource] = version, value
        return Step("is", value, read=version)

    def _seen(self):
        """(resource, (version, value)) of something seen before."""
        return self._random.choice(list(self._known.items())) if self._known else None

    def _new_value(self):
        self._count += 1
        return f"{self.number}-{self._count}"


def refused(step, status):
    """What the refusal of a conditional write says of the state."""
    if step.guard == "absent":
        return Step("alive")
    if status != 412:
        return Step("absent")
    return Step("is not", step.value) if step.guard == "is" else Step("is")
