"""The index rows that are stored are those of the current version, whatever happened before (docs/store.md)."""

import pytest

from fhir_registry.fhir import json
from fhir_registry.ops import ingest, read
from fhir_registry.ops.open import open_registry

LONG = "Größe " * 100
FIRST = {
    "status": "final",
    "contained": [{"resourceType": "Patient", "id": "p", "name": [{"family": "von Quiñones", "given": [LONG]}]}],
    "identifier": [{"type": {"coding": [{"code": "MR"}], "text": LONG}, "system": "http://a", "value": LONG}],
    "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9", "display": "Blood pressure"}], "text": LONG},
    "subject": {"reference": "#p", "identifier": {"value": "9"}},
    "effectiveDateTime": "2020",
    "component": [
        {"code": {"text": "one"}, "valueQuantity": {"value": 1.5, "unit": "g"}},
        {"code": {"coding": [{"code": "two"}]}, "valueQuantity": {"value": 1.5, "unit": "g"}},
    ],
}
SYSTEM = 0xC0E7510346C55F1E - 2**64
SECOND = {"status": "amended", "code": {"text": "short"}, "component": FIRST["component"][1:]}


def put(registry, type, id, resource):
    return ingest.update(registry, 1, type, id, {"resourceType": type, "id": id, **resource})


def stored_rows(registry, type, id):
    """{table: rows without site and rid} of a resource, in order."""
    tables, found = registry.store.tables, {}
    with registry.store.read(1) as connection:
        query = f"SELECT rid FROM resource WHERE type = '{type}' AND id = '{id}'"
        rid = connection.exec_driver_sql(query).scalar_one()
        for kind, table in tables.index.items():
            rows = connection.execute(table.select().where(table.c.rid == rid)).all()
            if rows:
                found[f"index_{kind}"] = sorted(tuple(row[2:]) for row in rows)
    return found


def wanted_rows(registry, type, id):
    body = json.parse(read.read(registry, 1, type, id).body)
    return {table: sorted(rows) for table, rows in registry.store.rows.index(body).items()}


def test_systems_are_numbers(registry):
    """The first 8 bytes of their SHA-256, as `printf http://loinc.org | sha256sum` gives it; 0 without one."""
    put(registry, "Observation", "o", FIRST)
    systems = {(row[3], row[2]) for row in stored_rows(registry, "Observation", "o")["index_token"]}
    assert ("85354-9", SYSTEM) in systems and ("9", 0) in systems
    assert {row[5] for row in stored_rows(registry, "Observation", "o")["index_quantity"]} == {0}


def test_rows_follow_the_current_version(registry):
    put(registry, "Observation", "o", FIRST)
    first = stored_rows(registry, "Observation", "o")
    assert first == wanted_rows(registry, "Observation", "o")
    assert first.keys() == {f"index_{kind}" for kind in ("string", "token", "date", "quantity", "reference")}
    assert {row[1] for row in first["index_quantity"]} == {0, 1, 2}
    put(registry, "Observation", "o", SECOND)
    second = stored_rows(registry, "Observation", "o")
    assert second == wanted_rows(registry, "Observation", "o")
    assert first["index_token"] != second["index_token"] and "index_date" not in second
    ingest.delete(registry, 1, "Observation", "o")
    assert stored_rows(registry, "Observation", "o") == {}
    put(registry, "Observation", "o", FIRST)
    assert stored_rows(registry, "Observation", "o") == first


def test_a_rebuild_makes_the_same_rows(database, content):
    registry = open_registry(database, content)
    put(registry, "Observation", "o", SECOND)
    put(registry, "Observation", "o", FIRST)
    written = stored_rows(registry, "Observation", "o")
    registry.close()
    registry = open_registry(database, content._replace(hash="changed"))
    assert stored_rows(registry, "Observation", "o") == written
    registry.close()


@pytest.mark.parametrize("change", ["ALTER TABLE version ADD COLUMN more TEXT", "DROP INDEX version_history"])
def test_a_database_that_something_else_changed_is_refused_in_one_line(database, content, change):
    registry = open_registry(database, content)
    with registry.store.database.write(1) as connection:
        connection.exec_driver_sql(change)
    registry.close()
    with pytest.raises(ValueError, match="something else than this program changed its table 'version'"):
        open_registry(database, content._replace(hash="changed"))


def test_long_texts_that_begin_alike_have_rows_of_their_own(registry):
    """Words of a family name and texts of a code are never exact texts; they differ beyond what the index key holds."""
    texts = [f"{LONG}{end}" for end in ("a", "b")]
    coding = [{"code": "c", "display": text} for text in texts]
    put(registry, "Patient", "p", {"name": [{"family": "Ab " * 200}]})
    put(registry, "Observation", "o", {"status": "final", "code": {"coding": coding}})
    for type_, id_ in (("Patient", "p"), ("Observation", "o")):
        assert stored_rows(registry, type_, id_) == wanted_rows(registry, type_, id_)
    wholes = {row[-1] for row in stored_rows(registry, "Observation", "o")["index_string"]}
    assert {whole[-1] for whole in wholes} == {"a", "b"}


def test_many_elements_of_a_composite(registry):
    """More occurrences than 16 bits can number."""
    elements = [{"code": {"coding": [{"code": "c"}]}}] * 40_000
    put(registry, "Observation", "o", {"status": "final", "code": {"text": "x"}, "component": elements})
    tokens = stored_rows(registry, "Observation", "o")["index_token"]
    assert max(row[1] for row in tokens) == 40_000


@pytest.mark.parametrize("data", ["1e400", "NaN", "-Infinity", "x"])
def test_samples_that_are_no_numbers_are_stored_without_rows(registry, data):
    sampled = {"origin": {"value": 0}, "period": 1, "dimensions": 1, "data": data}
    put(registry, "Observation", "o", {"status": "final", "code": {"text": "x"}, "valueSampledData": sampled})
    assert "index_quantity" not in stored_rows(registry, "Observation", "o")
