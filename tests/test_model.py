"""Random requests of one client against a model of resources and their versions (REL-29).

The model is a dict; every status, version, content, search result and history must be what it says.
`MODEL_EXAMPLES=4000` in the environment makes a long run of it: some 100,000 requests on each database.
"""

import base64
import itertools
import os

import pytest
from hypothesis import settings, stateful
from hypothesis import strategies as st
from rest_client import body, serving

from fhir_registry.fhir import json

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "15"))
IDS = st.integers(0, 3)
VALUES = st.integers(0, 2)  # few, so that updates often change nothing and conditions find several
PATCH = "application/json-patch+json"
runs = itertools.count()


class Model(stateful.RuleBasedStateMachine):
    """self.versions: {id: [content of each version, None of a deletion]}."""

    rest = None

    def __init__(self):
        super().__init__()
        self.run, self.versions = next(runs), {}

    # --- the model ----------------------------------------------------------------------------------

    def name(self, number):
        return f"model-{self.run}-{number}"

    def mark(self, value):
        return {"system": "urn:model", "value": f"{self.run}-{value}"}

    def criteria(self, value):
        return f"identifier=urn:model|{self.run}-{value}"

    def content(self, value, id=None):
        return {"resourceType": "Patient", **({"id": id} if id else {}), "identifier": [self.mark(value)]}

    def current(self, id):
        """Content, or None when there is none."""
        return self.versions.get(id, [None])[-1]

    def holding(self, value):
        """The ids of what is there with this value."""
        return [id for id in self.versions if self.current(id) and self.current(id)["identifier"] == [self.mark(value)]]

    def store(self, id, content):
        """Enter a version, unless it changes nothing; returns the status of the answer."""
        before = self.current(id)
        if before != content:
            self.versions.setdefault(id, []).append(content)
        return 200 if before else 201

    def gone(self, id):
        return 410 if id in self.versions else 404

    # --- comparing ----------------------------------------------------------------------------------

    def expect(self, response, status, id=None):
        """Compare an answer; of a write to `id` its version and content too."""
        assert response.status_code == status, response.get_data(as_text=True)
        if id and status in (200, 201):
            self.compare(body(response), id, len(self.versions[id]))
            assert response.headers["ETag"] == f'W/"{len(self.versions[id])}"'

    def compare(self, resource, id, version):
        meta = resource.pop("meta")
        assert (resource, meta["versionId"]) == (self.versions[id][version - 1] | {"id": id}, str(version))

    # --- requests -----------------------------------------------------------------------------------

    @stateful.rule(value=VALUES)
    def create(self, value):
        response = self.rest.post(self.content(value))
        self.enter_new(response, value)

    def enter_new(self, response, value):
        id = body(response)["id"]
        assert id not in self.versions
        self.versions[id] = [self.content(value, id)]
        self.expect(response, 201, id)

    @stateful.rule(value=VALUES)
    def create_once(self, value):
        found = self.holding(value)
        response = self.rest.post(self.content(value), If_None_Exist=self.criteria(value))
        if found:
            self.expect(response, 200 if len(found) == 1 else 412, found[0])
        else:
            self.enter_new(response, value)

    @stateful.rule(number=IDS, value=VALUES, match=st.sampled_from([None, "right", "wrong", "none"]))
    def put(self, number, value, match):
        id = self.name(number)
        there, newest = self.current(id), len(self.versions.get(id, ()))
        headers, holds = {}, True
        if match in ("right", "wrong"):
            headers["If_Match"] = f'W/"{newest + (match == "wrong")}"'
            holds = match == "right" and there is not None
        elif match == "none":
            headers["If_None_Match"] = "*"
            holds = there is None
        response = self.rest.put(self.content(value, id), **headers)
        self.expect(response, self.store(id, self.content(value, id)) if holds else 412, id)

    @stateful.rule(value=VALUES, new=VALUES)
    def put_where(self, value, new):
        found = self.holding(value)
        response = self.rest.send("PUT", f"Patient?{self.criteria(value)}", self.content(new))
        if len(found) > 1:
            self.expect(response, 412)
        elif found:
            self.expect(response, self.store(found[0], self.content(new, found[0])), found[0])
        else:
            self.enter_new(response, new)

    @stateful.rule(number=IDS, value=VALUES)
    def patch(self, number, value):
        id = self.name(number)
        path = f"/fhir/Patient/{id}"
        response = self.rest._client.patch(path, data=json.dumps(self.operations(value)), content_type=PATCH)
        done = self.current(id)
        self.expect(response, self.store(id, self.content(value, id)) if done else self.gone(id), id)

    def operations(self, value):
        return [{"op": "replace", "path": "/identifier/0/value", "value": self.mark(value)["value"]}]

    @stateful.rule(number=IDS)
    def delete(self, number):
        id = self.name(number)
        self.expect(self.rest.send("DELETE", f"Patient/{id}"), 204)
        if self.current(id):
            self.versions[id].append(None)

    @stateful.rule(value=VALUES)
    def delete_where(self, value):
        found = self.holding(value)
        self.expect(self.rest.send("DELETE", f"Patient?{self.criteria(value)}"), 412 if len(found) > 1 else 204)
        if len(found) == 1:
            self.versions[found[0]].append(None)

    @stateful.rule(
        steps=st.lists(st.tuples(st.sampled_from(["PUT", "PATCH", "DELETE"]), IDS, VALUES), min_size=1, max_size=4)
    )
    def transact(self, steps):
        steps = [
            (method, self.name(number), value) for method, number, value in {step[1]: step for step in steps}.values()
        ]
        response = self.rest.push(*(self.entry(*step) for step in steps))
        missing = [id for method, id, _ in steps if method == "PATCH" and not self.current(id)]
        if missing:
            assert response.status_code in {self.gone(id) for id in missing}
            return
        assert response.status_code == 200, response.get_data(as_text=True)
        for (method, id, value), answer in zip(steps, body(response).get("entry", ()), strict=True):
            if method == "DELETE":
                status = 204
                if self.current(id):
                    self.versions[id].append(None)
            else:
                status = self.store(id, self.content(value, id))
                assert answer["response"]["etag"] == f'W/"{len(self.versions[id])}"'
            assert answer["response"]["status"].startswith(str(status))

    def entry(self, method, id, value):
        request = {"method": method, "url": f"Patient/{id}"}
        if method == "PUT":
            return {"resource": self.content(value, id), "request": request}
        if method == "DELETE":
            return {"request": request}
        data = base64.b64encode(json.dumps(self.operations(value))).decode()
        return {"resource": {"resourceType": "Binary", "contentType": PATCH, "data": data}, "request": request}

    @stateful.rule(number=IDS, version=st.integers(1, 4))
    def read(self, number, version):
        id = self.name(number)
        self.expect(self.rest.get(f"Patient/{id}"), 200 if self.current(id) else self.gone(id), id)
        response, versions = self.rest.get(f"Patient/{id}/_history/{version}"), self.versions.get(id, ())
        if version > len(versions):
            self.expect(response, 404)
        elif versions[version - 1] is None:
            self.expect(response, 410)
        else:
            self.compare(body(response), id, version)

    @stateful.rule(value=VALUES)
    def search(self, value):
        found = [entry["resource"] for entry in self.rest.read(f"Patient?{self.criteria(value)}").get("entry", ())]
        assert sorted(resource["id"] for resource in found) == sorted(self.holding(value))
        for resource in found:
            self.compare(resource, resource["id"], len(self.versions[resource["id"]]))

    @stateful.rule(number=IDS)
    def history(self, number):
        id = self.name(number)
        response, versions = self.rest.get(f"Patient/{id}/_history"), self.versions.get(id)
        self.expect(response, 200 if versions else 404)
        if versions:
            entries = body(response)["entry"]
            assert len(entries) == len(versions)
            for version, entry in zip(range(len(versions), 0, -1), entries, strict=True):
                assert ("resource" in entry) == (versions[version - 1] is not None)
                if "resource" in entry:
                    self.compare(entry["resource"], id, version)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_answer_is_that_of_the_model(kind, new_database):
    with serving(new_database(kind)) as rest:

        class Here(Model):
            pass

        Here.rest = rest
        steps = settings(settings.get_profile("project"), max_examples=EXAMPLES, stateful_step_count=25)
        stateful.run_state_machine_as_test(Here, settings=steps)
