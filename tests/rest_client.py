"""A client of a server of its own, for tests of the RESTful interface."""

from contextlib import contextmanager

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.fhir import json

FHIR = "application/fhir+json"
BASE = "http://localhost/fhir"


@contextmanager
def serving(database, **settings):
    """A Rest on a new server over an empty database; settings: as in docs/configuration.md, without their prefix."""
    environment = {"FHIR_REGISTRY_DATABASE": database}
    app = create_app(Config.from_env(environment | {f"FHIR_REGISTRY_{name}": text for name, text in settings.items()}))
    try:
        yield Rest(app)
    finally:
        app.extensions["fhir_registry"].close()


class Rest:
    """Sends requests; paths are below the base."""

    def __init__(self, app):
        self.app, self.registry = app, app.extensions["fhir_registry"]
        self._client = app.test_client()

    def send(self, method, path, resource=None, **headers):
        """The response; `If_Match="..."` is the header If-Match."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        body = {} if resource is None else {"data": json.dumps(resource), "content_type": FHIR}
        return self._client.open(f"/fhir/{path}", method=method, headers=sent, **body)

    def post_form(self, path, form, **options):
        """The response to a form; the path is that of the server, not below the base."""
        return self.open(path, method="POST", data=form, **options)

    def open(self, path, **options):
        """The response to any request; the path is that of the server."""
        return self._client.open(path, **options)

    def get(self, path, **headers):
        return self.send("GET", path, **headers)

    def put(self, resource, **headers):
        return self.send("PUT", f"{resource['resourceType']}/{resource['id']}", resource, **headers)

    def post(self, resource, query="", **headers):
        return self.send("POST", resource["resourceType"] + query, resource, **headers)

    def push(self, *entries, type="transaction", **headers):
        """The response to a Bundle."""
        return self.send("POST", "", {"resourceType": "Bundle", "type": type, "entry": list(entries)}, **headers)

    def read(self, path):
        """What is stored, or found, as a dict."""
        response = self.get(path)
        assert response.status_code == 200, response.get_data(as_text=True)
        return body(response)

    def total(self, query):
        """How many resources a search finds."""
        return self.read(f"{query}{'&' if '?' in query else '?'}_summary=count")["total"]


def body(response):
    """The resource in a response."""
    return json.parse(response.get_data())


def issue(response):
    """The first issue of a response that is an error, and so an OperationOutcome."""
    assert response.status_code >= 400, response.status_code
    outcome = body(response)
    assert outcome["resourceType"] == "OperationOutcome", outcome
    assert outcome["issue"][0]["severity"] in ("error", "fatal")
    return outcome["issue"][0]


def patient(number=None, **members):
    """A Patient; number: the value of its identifier in system urn:mrn."""
    named = {} if number is None else {"identifier": [{"system": "urn:mrn", "value": str(number)}]}
    return {"resourceType": "Patient", **named, "name": [{"family": "Sato"}], **members}


def basic(subject, **members):
    """A Basic that refers to a subject."""
    return {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": subject}, **members}
