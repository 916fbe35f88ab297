"""The resources that the clients of register_clients.py share: how they are made, found and read at the end."""

from urllib.parse import quote

from ledger import relative, version_of
from mixed_writer import KEY, WRITE
from recorded import DELETED

RESOURCES = [f"Patient/r{number}" for number in range(50)]
ACCOUNTS = [f"Observation/account{number}" for number in range(6)]


def resource_of(path, value, balance=None):
    """The resource of a path with this value."""
    type, _, id = path.partition("/")
    marks = [{"system": WRITE, "value": value}, {"system": KEY, "value": id}]
    resource = {"resourceType": type, "id": id, "identifier": marks}
    if balance is None:
        return resource
    return resource | {"status": "final", "code": {"text": "account"}, "valueQuantity": {"value": balance}}


def value_of(resource):
    return resource["identifier"][0]["value"]


def path_of(resource):
    return f"{resource['resourceType']}/{resource['id']}"


def query(resources, by):
    """The search for these resources (of one type)."""
    type = resources[0].partition("/")[0]
    ids = [resource.partition("/")[2] for resource in resources]
    return f"{type}?{by}=" + quote(",".join(ids if by == "_id" else [f"{KEY}|{id}" for id in ids]), safe=",")


def transaction(entries):
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def states_of(entries):
    """The states that the entries of a history tell, oldest first."""
    ordered = sorted(entries, key=version_of)
    if [version_of(entry) for entry in ordered] != list(range(1, len(ordered) + 1)):
        raise ValueError(f"a history has the versions {[version_of(entry) for entry in ordered]}")
    return [value_of(entry["resource"]) if "resource" in entry else DELETED for entry in ordered]


def read_histories(client):
    """{resource: states} as they are at the end."""
    histories = {}
    for resource in RESOURCES + ACCOUNTS:
        entries, path = [], f"{resource}/_history?_count=1000"
        while path:
            answer = client.fhir("GET", path)
            if answer.status == 404:
                break
            bundle = answer.json()
            entries += bundle["entry"]
            path = next((relative(link["url"]) for link in bundle["link"] if link["relation"] == "next"), None)
        histories[resource] = states_of(entries)
    return histories
