"""A client with a token, and the Provenances of what it writes, for tests."""

from rest_client import Rest
from smart_client import SmartClient, bearer

OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
SAID = {
    "resourceType": "Provenance",
    "recorded": "2026-03-01T09:30:00+01:00",
    "agent": [{"who": {"display": "M. Sato, data manager"}}],
    "reason": [{"text": "typing error in the chart"}],
}


class Client(Rest):
    """Sends requests with a token of its own."""

    def __init__(self, app, scopes="system/*.cruds"):
        super().__init__(app)
        self.smart = SmartClient(self.registry, scopes)
        self.sent = bearer(self.smart.token(Rest(app), scopes))

    def open(self, path, headers=None, **options):
        return super().open(path, headers=self.sent | (headers or {}), **options)

    def send(self, method, path, resource=None, **headers):
        return super().send(method, path, resource, **self.sent, **headers)

    def found(self, query=""):
        """The resources that a search for Provenances finds."""
        return [entry["resource"] for entry in self.read(f"Provenance{query}").get("entry", ())]

    def by_server(self):
        """The Provenances that the server has written, by the references to what they are about."""
        written = [each for each in self.found("?_count=1000") if each["id"].startswith("registry-")]
        return {tuple(target["reference"] for target in each["target"]): each for each in written}


def identifiers(provenance):
    """{name: value} of the Identifiers of ours in its entities."""
    found = (entity["what"]["identifier"] for entity in provenance["entity"])
    return {each["system"].rpartition("/")[2]: each["value"] for each in found}


def activity(provenance):
    (coding,) = provenance["activity"]["coding"]
    assert coding["system"] == OPERATION
    return coding["code"]


def client_of(provenance):
    """The client that a Provenance of the server names."""
    return provenance["agent"][0]["who"]["identifier"]["value"]
