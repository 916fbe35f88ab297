"""Importing with several processes stores what the ordinary walk stores, row by row."""

import re

import pytest

from fhir_registry.examples import REGISTRIES, Example
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest
from fhir_registry.ops.import_units import Unit
from fhir_registry.ops.importing import import_units
from fhir_registry.ops.open import open_registry

BASE = "https://server.example/fhir"
SITE = 1
NOON = 1_710_000_000_000_000
_UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def transaction(*entries, type="transaction"):
    return json.dumps({"resourceType": "Bundle", "type": type, "entry": list(entries)})


def entry(method, url, resource=None, **request):
    found = {"request": {"method": method, "url": url, **request}}
    return {**found, "resource": resource} if resource else found


def patient(family, **members):
    return {"resourceType": "Patient", "name": [{"family": family}], **members}


def basic(subject):
    return {"resourceType": "Basic", "code": {"text": "note"}, "subject": {"reference": subject}}


ODD = [
    transaction(entry("POST", "Patient", patient("Áo", identifier=[{"system": "urn:mrn", "value": "1"}]))),
    transaction(entry("PUT", "Patient/x", patient("First", id="x")), entry("POST", "Patient", patient("Later"))),
    transaction(entry("PUT", "Patient/x", patient("Second", id="x", meta={"lastUpdated": "2001-01-01T00:00:00Z"}))),
    transaction(entry("PUT", "Patient/x", patient("Second", id="x"))),
    transaction(entry("POST", "Basic", basic("Patient?identifier=urn:mrn|1"))),
    transaction(entry("POST", "Patient", patient("Twin"), ifNoneExist="family=Later")),
    transaction(entry("POST", "Patient", patient("Twin"), ifNoneExist="family:wrong=Later")),
    transaction(*2 * [entry("POST", "Patient", patient("Two"), ifNoneExist="family=Two")]),
    transaction(
        entry("POST", "Patient", patient("Kept")), entry("POST", "Patient", {"resourceType": "Patient", "a": 1})
    ),
    transaction(entry("POST", "Basic", basic("urn:uuid:00000000-0000-4000-8000-000000000000"))),
    transaction(entry("PUT", "Patient/y", patient("A", id="y")), entry("PUT", "Patient/y", patient("B", id="y"))),
    transaction(entry("PUT", "Patient/z", patient("Match", id="z"), ifMatch='W/"1"')),
    transaction(entry("POST", "Patient", patient("Single")), entry("POST", "Nothing", patient("X")), type="batch"),
    transaction(entry("GET", "Patient/x"), entry("DELETE", "Patient/x")),
    transaction(entry("PUT", "Patient/x", patient("Back", id="x"))),
    transaction(),
    b"{",
]


@pytest.fixture(scope="module")
def bodies():
    """Patients of the examples, half of them without conditions, the odd ones between them, and some again."""
    made = []
    for name in sorted(REGISTRIES):
        for number, bundle in enumerate(Example(name, 6, seed=3).bundles()):
            if number % 2:
                for item in bundle["entry"]:
                    item["request"].pop("ifNoneExist", None)
            made.append(json.dumps(bundle))
    return made[:7] + ODD + made[7:] + made[3:5] + ODD[:2]


@pytest.fixture
def opened(new_database, content):
    """A function kind of database -> registry on a new one, whose clock stands still."""
    registries = []

    def open_new(kind):
        registries.append(open_registry(new_database(kind), content, clock=lambda: NOON))
        return registries[-1]

    yield open_new
    for registry in registries:
        registry.close()


def units(bodies):
    return [Unit(number, 0, None, 0, body) for number, body in enumerate(bodies)]


def stored_one_by_one(registry, body):
    """[(status, type, id, version)] of the entries that were written, as the response says; a FhirError."""
    try:
        answer = ingest.bundle(registry, SITE, json.parse(body), BASE)
    except FhirError as problem:
        return problem
    responses = [entry["response"] for entry in answer.get("entry", ())]
    return [(r["status"][:3], *place(r)) for r in responses if r["status"] != "200 OK" or "location" in r]


def place(response):
    if "location" not in response:
        return ()
    type_, id_, _, version = response["location"].removeprefix(f"{BASE}/").split("/")
    return type_, id_, version


def imported(registry, bodies, processes=2):
    """As stored_one_by_one, of all bodies."""
    return [
        done.error
        or [
            (str(o.status), *(() if isinstance(o, FhirError) or o.status == 204 else (o.type, o.id, str(o.version))))
            for o in done.outcomes
        ]
        for group in import_units(registry, SITE, units(bodies), BASE, processes)
        for done in group
    ]


def rows(registry):
    """{table: sorted rows}, ids that the server gave replaced by numbers in the order of creation."""
    tables = registry.store.tables
    with registry.store.read(1) as connection:
        resource = tables.resource.c
        ids = connection.execute(tables.resource.select().with_only_columns(resource.id).order_by(resource.rid))
        numbers = {id_: f"id-{number}" for number, id_ in enumerate(ids.scalars())}
        found = {
            name: [plain(tuple(row), numbers) for row in connection.execute(table.select())]
            for name, table in tables.metadata.tables.items()
            if name != "setting"  # each registry has its own secrets
        }
    return {name: sorted(rows, key=repr) for name, rows in found.items()}, numbers


def plain(value, numbers):
    if isinstance(value, str):
        return _UUID.sub(lambda match: numbers.get(match[0], match[0]), value)
    return tuple(plain(item, numbers) for item in value) if isinstance(value, tuple) else value


def told(answer, numbers):
    if isinstance(answer, FhirError):
        return answer.kind, answer.issues
    return plain(tuple(answer), numbers)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_several_processes_store_the_same(opened, bodies, kind):
    one, many = opened(kind), opened(kind)
    for _ in range(2):  # the second time most of it is the same, or goes on in the same way
        expected = [stored_one_by_one(one, body) for body in bodies]
        answers = imported(many, bodies)
        expected_rows, expected_numbers = rows(one)
        found_rows, found_numbers = rows(many)
        assert len(expected_rows["resource"]) > 400
        for table, found in found_rows.items():
            assert found == expected_rows[table], table
        assert [told(a, found_numbers) for a in answers] == [told(e, expected_numbers) for e in expected]
        assert sum(isinstance(answer, FhirError) for answer in answers) == 8


def test_plain_bundles_are_prepared_elsewhere(opened, bodies, monkeypatch):
    """The ordinary walk is for the odd ones only; else the test above compares it with itself."""
    registry = opened("sqlite")
    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(ingest, "carry_out", lambda *_: pytest.fail("the ordinary way"))
            assert len(imported(registry, bodies[1:2] + ODD[:1], processes=1)) == 2
    assert b"ifNoneExist" not in bodies[1]


def test_content_that_reads_the_time_of_storing_goes_the_ordinary_way(opened, content):
    registry = opened("sqlite")
    object.__setattr__(registry, "content", content._replace(reads_stamp=True))
    ((answer,),) = imported(registry, ODD[:1])
    assert answer[0] == "201"


def test_large_units_do_not_gather(opened):  # memory, and the time that others wait for the site
    registry = opened("sqlite")
    narrative = f'<div xmlns="http://www.w3.org/1999/xhtml">{"a" * 900_000}</div>'
    large = [json.dumps(patient("Large", text={"status": "generated", "div": narrative})) for _ in range(12)]
    groups = [len(group) for group in import_units(registry, SITE, units(large), BASE)]
    assert sum(groups) == 12 and max(groups) <= 5, groups
    small = [json.dumps(patient(f"Small {number}")) for number in range(100)]
    assert [len(group) for group in import_units(registry, SITE, units(small), BASE)] == [100]
