"""The store: what reopening keeps and rebuilds."""

import sqlite3

import pytest
from sqlalchemy import inspect

from fhir_registry.content.errors import ContentError
from fhir_registry.content.views import compile_view
from fhir_registry.core.paging import Client
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest, read, search
from fhir_registry.ops.open import open_registry, time_ordered_id
from fhir_registry.store import database, schema
from fhir_registry.store.bodies import unpack
from fhir_registry.store.tables import Tables

DAY = 86_400_000_000
VIEW = {
    "resourceType": "ViewDefinition",
    "url": "https://registry.example/ViewDefinition/colour",
    "name": "colour",
    "resource": "Basic",
    "select": [
        {
            "column": [
                {"name": "patient", "path": "subject.getReferenceKey(Patient)", "type": "string"},
                {"name": "colour", "path": "code.text", "type": "string"},
            ]
        }
    ],
}


def put(registry, type, id, /, **more):
    return ingest.update(registry, 1, type, id, {"resourceType": type, "id": id, **more})


def rows(registry, table):
    tables = registry.store.tables
    with registry.store.read(1) as connection:
        name = (tables.fixed | tables.derived)[table].name
        return connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1, 2").all()


def index_counts(registry):
    """Of what follows from the resources, and of the resources."""
    tables = registry.store.tables
    return {name: len(rows(registry, name)) for name in ("resource", "version", "submission", *tables.derived)}


def test_reopening_changes_nothing(database, content):
    registry = open_registry(database, content)
    put(registry, "Patient", "p", gender="male")
    before = index_counts(registry)
    registry.close()
    registry = open_registry(database, content)
    assert index_counts(registry) == before
    assert put(registry, "Patient", "p", gender="male").version == 1
    registry.close()


def test_a_new_view_is_filled_from_what_is_stored(database, content, caplog):
    caplog.set_level("INFO", "fhir_registry")
    registry = open_registry(database, content)
    put(registry, "Basic", "b", code={"text": "red"}, subject={"reference": "Patient/p"})
    put(registry, "Basic", "gone", code={"text": "blue"})
    ingest.delete(registry, 1, "Basic", "gone")
    before = index_counts(registry)
    registry.close()
    view = compile_view(VIEW, content.definitions, {})
    changed = content._replace(views=(*content.views, view), hash="changed")
    registry = open_registry(database, changed)
    assert "rebuilt" in caplog.text
    assert [row[-2:] for row in rows(registry, "colour")] == [("p", "red")]
    after = index_counts(registry)
    assert after.pop("colour") == 1
    assert after == before
    found = json.parse(search.search(registry, 1, "Basic", [("subject", "Patient/p")], Client("http://x")))
    assert found["total"] == 1
    registry.close()
    registry = open_registry(database, content)
    with registry.store.read(1) as connection:
        assert not [name for name in inspect(connection).get_table_names() if "colour" in name]
    registry.close()


def test_what_content_has_no_more_is_deleted(database, content):
    registry = open_registry(database, content)
    extra = {"resourceType": "ValueSet", "id": "extra", "status": "draft"}
    more = content._replace(resources=[*content.resources, extra], hash="more")
    registry.close()
    registry = open_registry(database, more)
    assert read.read(registry, 1, "ValueSet", "extra").version == 1
    registry.close()
    registry = open_registry(database, content)
    with pytest.raises(FhirError, check=lambda problem: problem.kind == "deleted"):
        read.read(registry, 1, "ValueSet", "extra")
    registry.close()


def test_index_and_mapped_rows_go_with_their_resource(registry):
    before = index_counts(registry)
    put(
        registry,
        "Observation",
        "o",
        status="final",
        code={"coding": [{"system": "http://loinc.org", "code": "718-7"}], "text": "Hb"},
        subject={"reference": "Patient/p"},
        effectiveDateTime="2020",
        valueQuantity={"value": 1.5, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"},
        method={"text": "x"},
    )
    put(
        registry,
        "RiskAssessment",
        "r",
        status="final",
        subject={"reference": "urn:x"},
        prediction=[{"probabilityDecimal": 0.1}],
    )
    put(registry, "Library", "l", status="draft", type={"text": "x"}, url="urn:library", name="Name")
    grown = index_counts(registry)
    assert {name for name in before if name.startswith("index_") and grown[name] == before[name]} == set()
    for type, id in (("Observation", "o"), ("RiskAssessment", "r"), ("Library", "l")):
        ingest.delete(registry, 1, type, id)
    after = index_counts(registry)
    assert {name: after[name] for name in before if name not in ("resource", "version")} == {
        name: before[name] for name in before if name not in ("resource", "version")
    }


def test_a_view_cannot_take_the_name_of_a_table(content):
    view = compile_view({**VIEW, "name": "resource"}, content.definitions, {})
    with pytest.raises(ContentError):
        Tables([view])


def test_a_database_that_cannot_be_opened(content, tmp_path):
    with pytest.raises(ValueError, match="no folder"):
        open_registry(f"sqlite:///{tmp_path}/missing/folder/x.sqlite", content)
    with pytest.raises(ValueError):
        open_registry("sqlite://", content)


def test_a_full_disk_is_no_failure_of_the_server_and_logs_no_data(content, new_database, caplog):
    registry = open_registry(new_database("sqlite"), content)
    with pytest.raises(FhirError, check=lambda problem: problem.status == 507), registry.store.write(1) as writer:
        pages = writer.connection.exec_driver_sql("PRAGMA page_count").scalar()
        writer.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(500):
            body = {"resourceType": "Patient", "name": [{"family": f"Markedname{number}" * 20}]}
            writer.put("Patient", f"p{number}", body, "PUT")
    registry.close()
    assert "disk is full" in caplog.text
    assert "Traceback" not in caplog.text and "Markedname" not in caplog.text
    with registry.store.read(1) as connection:
        assert registry.store.reader.read(connection, 1, "Patient", "p0") is None
    registry.close()


def test_a_connection_that_is_lost_is_replaced(content, new_database, caplog):
    registry = open_registry(new_database("postgresql"), content)
    with pytest.raises(FhirError, check=lambda problem: problem.status == 503), registry.store.write(1) as writer:
        driver = writer.connection.connection  # as in store/bulk.py
        driver.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert "Traceback" not in caplog.text
    put(registry, "Patient", "p")
    registry.close()


def test_connections_that_were_lost_while_idle_are_replaced(content, new_database, monkeypatch):
    """As after a restart of the server: the next request notices nothing."""
    monkeypatch.setattr(database, "IDLE_SECONDS", 0)
    registry = open_registry(new_database("postgresql"), content)
    put(registry, "Patient", "p")
    with registry.store.write(1) as first, registry.store.read(1) as second:
        pids = [each.exec_driver_sql("SELECT pg_backend_pid()").scalar() for each in (first.connection, second)]
    with registry.store.read(1) as connection:
        (mine,) = connection.exec_driver_sql("SELECT pg_backend_pid()").one()
        (other,) = set(pids) - {mine}
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({other})")
        # The one that is free is the one that was ended.
        assert read.read(registry, 1, "Patient", "p").id == "p"
    registry.close()


def test_a_statement_beyond_the_limits_is_the_request_that_asks_too_much(content, new_database):
    registry = open_registry(new_database("sqlite"), content)
    with pytest.raises(FhirError, check=lambda problem: problem.status == 400), registry.store.read(1) as connection:
        connection.exec_driver_sql("SELECT 1" + " + 1" * 2000)
    registry.close()


def test_sqlite_keeps_what_it_acknowledged(new_database, content):
    url = new_database("sqlite")
    registry = open_registry(url, content)
    made = put(registry, "Patient", "p")
    # Another connection, as another process would have, sees it at once.
    other = sqlite3.connect(url.removeprefix("sqlite:///"))
    (kept,) = other.execute("SELECT body FROM version ORDER BY rid DESC").fetchone()
    assert unpack(kept) == made.body
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    with registry.store.read(1) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    registry.close()


def test_ids_are_uuids_in_order_of_time():
    first, second = time_ordered_id(), time_ordered_id()
    assert first != second
    assert first[:11] <= second[:11]
    assert (first[14], first[19] in "89ab", len(first)) == ("7", True, 36)


def test_every_module_that_makes_rows_is_a_rule():
    """A change in any of them makes an older database's rows wrong."""
    makers = ["core/index", "core/index_contained", "core/index_ranges", "core/index_texts", "core/index_values"]
    makers += ["core/mapping", "content/composites"]
    makers += ["content/searchparam", "content/terminology", "content/views", "fhir/dates", "fhir/references"]
    makers += ["fhir/fhirpath_functions", "fhir/fhirpath_operators", "store/rows", "store/derived_tables"]
    names = {"/".join(path.with_suffix("").parts[-2:]) for path in schema._RULES}
    assert set(makers) <= names
    assert all(path.is_file() for path in schema._RULES)
