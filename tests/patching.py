"""Patches over HTTP, for the tests of each format."""

from contextlib import contextmanager

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.fhir import json

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
FHIR = "application/fhir+json"


@contextmanager
def patching(database):
    """A Patching on a new server over an empty database."""
    app = create_app(Config.from_env({"FHIR_REGISTRY_DATABASE": database}))
    try:
        yield Patching(app)
    finally:
        app.extensions["fhir_registry"].close()


class Patching:
    """The client of one server; resources are dicts as fhir.json parses them."""

    def __init__(self, app):
        self.app, self.client = app, app.test_client()
        self.count = 0

    def store(self, resource):
        """Store a resource under a new id; returns `Type/id`."""
        self.count += 1
        path = f"{resource['resourceType']}/p{self.count}"
        response = self.client.put(
            f"/fhir/{path}", data=json.dumps(resource | {"id": f"p{self.count}"}), content_type=FHIR
        )
        assert response.status_code == 201, response.get_data(as_text=True)
        return path

    def send(self, path, patch, media_type, **headers):
        """PATCH; patch: bytes, or what is to be written as JSON."""
        data = patch if isinstance(patch, bytes) else json.dumps(patch)
        return self.client.patch(f"/fhir/{path}", data=data, content_type=media_type, headers=headers)

    def read(self, path):
        """The current resource without id and meta."""
        resource = json.parse(self.client.get(f"/fhir/{path}").get_data())
        return {name: value for name, value in resource.items() if name not in ("id", "meta")}

    def patched(self, resource, patch, media_type):
        """What is stored after a patch that must succeed, without id and meta."""
        path = self.store(resource)
        response = self.send(path, patch, media_type)
        assert response.status_code == 200, response.get_data(as_text=True)
        stored = self.read(path)
        answered = json.parse(response.get_data())
        assert {name: value for name, value in answered.items() if name not in ("id", "meta")} == stored
        return stored

    def refused(self, resource, patch, media_type):
        """(status, issues) of a patch that must fail and leave the resource as it was."""
        path = self.store(resource)
        before = self.client.get(f"/fhir/{path}").get_data()
        response = self.send(path, patch, media_type)
        outcome = json.parse(response.get_data())
        assert response.status_code >= 400 and outcome["resourceType"] == "OperationOutcome", outcome
        assert self.client.get(f"/fhir/{path}").get_data() == before
        return response.status_code, outcome["issue"]


def parameters(*operations):
    """A Parameters resource out of operations."""
    return {"resourceType": "Parameters", **({"parameter": list(operations)} if operations else {})}


def operation(type, path, name=None, value=None, **numbers):
    """A FHIRPath Patch operation. value: {"valueX": ...}, {"part": [...]} or {"resource": ...}; numbers: as index."""
    parts = [{"name": "type", "valueCode": type}, {"name": "path", "valueString": path}]
    parts += [{"name": "name", "valueString": name}] if name else []
    parts += [{"name": "value", **value}] if value else []
    parts += [{"name": key, "valueInteger": number} for key, number in numbers.items()]
    return {"name": "operation", "part": parts}


def replace(path, **value):
    """An operation; value: valueX=, part= or resource=."""
    return operation("replace", path, value=value)


def add(path, name, **value):
    """An operation; value as for replace."""
    return operation("add", path, name, value)


def delete(path):
    """An operation."""
    return operation("delete", path)
