"""Versions and history (https://hl7.org/fhir/R4/http.html#history)."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from fhir_registry.core.paging import Client
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest, read
from fhir_registry.ops.history import history as ask
from fhir_registry.ops.open import open_registry

BASE = "https://registry.example/fhir"


def history(registry, id="p", **parameters):
    pairs = [(f"_{name}", str(value)) for name, value in parameters.items()]
    return json.parse(ask(registry, 1, pairs, Client(BASE), "Patient", id))


def put(registry, gender, id="p"):
    return ingest.update(registry, 1, "Patient", id, {"resourceType": "Patient", "id": id, "gender": gender})


def test_every_version_newest_first(registry):
    made = ingest.create(registry, 1, "Patient", {"resourceType": "Patient", "gender": "male"})
    put(registry, "female", made.id)
    ingest.delete(registry, 1, "Patient", made.id)
    bundle = history(registry, made.id)
    assert (bundle["type"], bundle["total"]) == ("history", 3)
    entries = bundle["entry"]
    assert [entry["request"] for entry in entries] == [
        {"method": "DELETE", "url": f"Patient/{made.id}"},
        {"method": "PUT", "url": f"Patient/{made.id}"},
        {"method": "POST", "url": "Patient"},
    ]
    assert ["resource" in entry for entry in entries] == [False, True, True]
    assert [entry["response"]["status"][:3] for entry in entries] == ["204", "200", "201"]
    assert [entry["response"]["etag"] for entry in entries] == ['W/"3"', 'W/"2"', 'W/"1"']
    assert entries[2]["resource"] == json.parse(made.body)
    assert entries[1]["response"]["lastModified"] == entries[1]["resource"]["meta"]["lastUpdated"]


def test_an_old_version_stays_as_it_was(registry):
    first = put(registry, "male")
    put(registry, "female")
    assert read.vread(registry, 1, "Patient", "p", "1").body == first.body
    for version in ("3", "0", "01", "x", "9" * 30):
        with pytest.raises(FhirError, check=lambda problem: problem.status == 404):
            read.vread(registry, 1, "Patient", "p", version)


def test_history_of_what_never_was(registry):
    with pytest.raises(FhirError, check=lambda problem: problem.status == 404):
        history(registry, "never")


def test_pages_hold_while_versions_are_added(registry):
    for number in range(5):
        put(registry, ("male", "female")[number % 2])
    seen = []
    bundle = history(registry, count=2)
    while True:
        seen += [entry["response"]["etag"] for entry in bundle["entry"]]
        following = [entry["url"] for entry in bundle["link"] if entry["relation"] == "next"]
        if not following:
            break
        put(registry, "other" if len(seen) % 4 else "unknown")
        query = dict(parse_qsl(urlsplit(following[0]).query))
        bundle = history(registry, **{name.removeprefix("_"): value for name, value in query.items()})
    assert seen == [f'W/"{number}"' for number in (5, 4, 3, 2, 1)]


def test_since_is_inclusive(database, content):
    now = [1_700_000_000_000_000]
    registry = open_registry(database, content, clock=lambda: now[0])
    put(registry, "male")
    now[0] += 60_000_000
    second = put(registry, "female")
    since = json.parse(second.body)["meta"]["lastUpdated"]
    assert since == "2023-11-14T22:14:20.000Z"
    assert history(registry, since=since)["total"] == 1
    assert history(registry, since="2023-11-14T22:13:20Z")["total"] == 2
    assert history(registry, since="2023-11-14T23:14:20.000+01:00")["total"] == 1
    assert history(registry, since="2024-01-01T00:00:00Z")["total"] == 0
    registry.close()


@pytest.mark.parametrize(
    "pairs",
    [
        [("_since", "2020-01-01")],
        [("_since", "2020-01-01T00:00:00")],
        [("_since", "2020-01-01T00:00:00Z"), ("_since", "2021-01-01T00:00:00Z")],
        [("_at", "2020-13")],
        [("_sort", "_lastUpdated")],
        [("_count", "x")],
        [("_cursor", "x")],
    ],
)
def test_what_is_refused(registry, pairs):
    put(registry, "male")
    with pytest.raises(FhirError, check=lambda problem: problem.status == 400):
        ask(registry, 1, pairs, Client(BASE), "Patient", "p")
