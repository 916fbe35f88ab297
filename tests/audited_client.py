"""A client with a token, and what its requests leave in the audit log."""

from audit_events import SITE
from smart_client import SmartClient, bearer


class AuditedClient:
    """Sends requests to a Rest in mode builtin; `id` is what the log calls it."""

    def __init__(self, rest, scopes="system/*.cruds", **registration):
        self.rest, self._client = rest, SmartClient(rest.registry, scopes, **registration)
        self.id, self._token = self._client.id, bearer(self._client.token(rest, scopes))

    def send(self, method, path, resource=None, **headers):
        return _whole(self.rest.send(method, path, resource, **self._token, **headers))

    def get(self, path, **headers):
        return self.send("GET", path, **headers)

    def put(self, resource, **headers):
        return self.send("PUT", f"{resource['resourceType']}/{resource['id']}", resource, **headers)

    def push(self, *entries, type="transaction", **headers):
        return self.send("POST", "", {"resourceType": "Bundle", "type": type, "entry": list(entries)}, **headers)

    def open(self, path, headers=None, **options):
        return _whole(self.rest.open(path, headers=self._token | (headers or {}), **options))


def _whole(response):
    """A response that is read, and whose file, if it has one, is closed."""
    response.get_data()
    response.close()
    return response


def events_of(registry, response, site=SITE):
    """The rows (store.audit.Row) that the request of a response has left, in order."""
    return [row for row in all_events(registry, site) if row.payload["request"] == response.headers["X-Request-Id"]]


def all_events(registry, site=SITE):
    with registry.store.ask(site) as connection:
        return registry.store.audit.page(connection, site, 10_000, newest=False)


def only_event(registry, response):
    (row,) = events_of(registry, response)
    return row


def touched(row):
    """{patient: {(interaction, type, id, version)}} of a row."""
    return {part["patient"]: {tuple(entry) for entry in part["entries"]} for part in row.private["parts"]}


def query_of(row):
    return row.private.get("asked", {}).get("query")
