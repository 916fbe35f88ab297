"""The store: what reopening keeps and rebuilds, and the facts it reads (endpoints/facts.py)."""

import sqlite3

import pytest

from fhir_registry.content.errors import ContentError
from fhir_registry.content.views import compile_view
from fhir_registry.endpoints.facts import VIEWS
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import health, ingest, read, search
from fhir_registry.ops.open import open_registry, time_ordered_id
from fhir_registry.store import schema
from fhir_registry.store.facts import read_facts
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


def facts(registry, subjects=None):
    with registry.store.read() as connection:
        return list(read_facts(registry.store, connection, 1, subjects))


def rows(registry, table):
    with registry.store.read() as connection:
        return connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1, 2").all()


def index_counts(registry):
    return {name: len(rows(registry, name)) for name in sorted({*registry.store.tables.metadata.tables} - {"change"})}


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
    found = json.parse(search.search(registry, 1, "Basic", [("subject", "Patient/p")], "http://x"))
    assert found["total"] == 1
    registry.close()
    registry = open_registry(database, content)
    with registry.store.read() as connection:
        assert not connection.dialect.has_table(connection, "colour")
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
    with pytest.raises(FhirError, check=lambda problem: problem.status == 503):
        open_registry(f"sqlite:///{tmp_path}/missing/folder/x.sqlite", content)
    with pytest.raises(ValueError):
        open_registry("sqlite://", content)


def test_a_full_disk_is_no_failure_of_the_server_and_logs_no_data(content, new_database, caplog):
    registry = open_registry(new_database("sqlite"), content)
    with pytest.raises(FhirError, check=lambda problem: problem.status == 503), registry.store.write(1) as writer:
        pages = writer.connection.exec_driver_sql("PRAGMA page_count").scalar()
        writer.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(500):
            body = {"resourceType": "Patient", "name": [{"family": f"Markedname{number}" * 20}]}
            writer.put("Patient", f"p{number}", body, "PUT")
    registry.close()
    assert "disk is full" in caplog.text
    assert "Traceback" not in caplog.text and "Markedname" not in caplog.text
    with registry.store.read() as connection:
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


def test_a_statement_beyond_the_limits_is_the_request_that_asks_too_much(content, new_database):
    registry = open_registry(new_database("sqlite"), content)
    with pytest.raises(FhirError, check=lambda problem: problem.status == 400), registry.store.read() as connection:
        connection.exec_driver_sql("SELECT 1" + " + 1" * 2000)
    registry.close()


def test_health(registry):
    assert health.health(registry)["status"] == "ok"


def test_sqlite_keeps_what_it_acknowledged(new_database, content):
    url = new_database("sqlite")
    registry = open_registry(url, content)
    made = put(registry, "Patient", "p")
    # Another connection, as another process would have, sees it at once.
    other = sqlite3.connect(url.removeprefix("sqlite:///"))
    assert other.execute("SELECT body FROM version ORDER BY rid DESC").fetchone() == (made.body.decode(),)
    assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    with registry.store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
    registry.close()


def test_ids_are_uuids_in_order_of_time():
    first, second = time_ordered_id(), time_ordered_id()
    assert first != second
    assert first[:11] <= second[:11]
    assert (first[14], first[19] in "89ab", len(first)) == ("7", True, 36)


# --- facts ------------------------------------------------------------------------------------------


def test_every_view_has_the_columns_of_its_facts(content):
    tables = Tables(content.views).mapped
    for view, row_type in VIEWS.items():
        missing = set(row_type._fields[1:]) | {"patient"}
        assert missing - {column.name for column in tables[view].columns} == set()


def test_facts_of_a_patient(registry):
    put(registry, "Patient", "p", gender="female", birthDate="1960-05", deceasedDateTime="2021-02-03T10:00:00+09:00")
    put(
        registry,
        "MedicationAdministration",
        "m2",
        status="completed",
        medicationCodeableConcept={"text": "zzz"},
        subject={"reference": "Patient/p"},
        effectiveDateTime="2020-03",
    )
    put(
        registry,
        "MedicationAdministration",
        "m1",
        status="completed",
        medicationReference={"reference": "Medication/drug"},
        subject={"reference": "Patient/p"},
        effectiveDateTime="2020-03-04",
    )
    put(registry, "Medication", "drug", code={"text": "eribulin", "coding": [{"code": "L01XX41"}]})
    put(registry, "Patient", "q")
    person, other = facts(registry)
    assert (person.subject, other.subject) == ("p", "q")
    assert person.first_known_dead is None
    (patient,) = person.patients
    assert patient.source[:2] == ("Patient/p", 1)
    assert (patient.gender, patient.birth_lo, patient.birth_hi) == ("female", -3532, -3502)  # May 1960
    assert (patient.deceased, patient.death_lo) == (True, 18661)  # 2021-02-03, the zone is not applied
    first, second = person.administrations
    assert [first.source.resource, second.source.resource] == [
        "MedicationAdministration/m1",
        "MedicationAdministration/m2",
    ]
    assert (first.drug_code, first.drug_text) == ("L01XX41", "eribulin")
    assert (first.start, first.start_lo, first.start_hi) == ("2020-03-04", 18325, 18325)
    assert (second.start_lo, second.start_hi, second.drug_text) == (18322, 18352, "zzz")
    assert (other.administrations, other.conditions) == ([], [])
    assert [person.subject for person in facts(registry, ["q", "never"])] == ["q"]


def test_source_keeps_the_submission_of_the_creation(registry):
    put(registry, "Patient", "p")
    put(registry, "Patient", "q")
    put(registry, "Patient", "p", gender="male")
    p, q = facts(registry)
    assert (p.patients[0].source.version, q.patients[0].source.version) == (2, 1)
    assert p.patients[0].source.submission < q.patients[0].source.submission


def test_merged_patients_are_one_person(registry):
    def replaced(id, by):
        link = [{"other": {"reference": f"Patient/{by}"}, "type": "replaced-by"}]
        put(registry, "Patient", id, link=link)
        put(registry, "Condition", f"of-{id}", subject={"reference": f"Patient/{id}"})

    replaced("a", "c")
    replaced("b", "a")
    put(registry, "Patient", "c")
    replaced("y", "x")
    replaced("x", "y")
    replaced("lost", "never")
    people = facts(registry)
    assert [person.subject for person in people] == ["c", "lost", "x"]
    assert [row.source.resource for row in people[0].patients] == ["Patient/c", "Patient/a", "Patient/b"]
    assert [row.source.resource for row in people[0].conditions] == ["Condition/of-a", "Condition/of-b"]
    assert [row.source.resource for row in people[2].patients] == ["Patient/x", "Patient/y"]


def test_the_surviving_patient_alone_may_tell_of_a_merger(registry):
    def replaces(id, *old):
        put(registry, "Patient", id, link=[{"other": {"reference": f"Patient/{o}"}, "type": "replaces"} for o in old])

    replaces("c", "a", "b", "never")
    put(registry, "Patient", "a")
    put(registry, "Patient", "b", link=[{"other": {"reference": "Patient/d"}, "type": "replaced-by"}])
    put(registry, "Patient", "d")
    people = facts(registry)
    assert [[row.source.resource for row in person.patients] for person in people] == [
        ["Patient/c", "Patient/a"],
        ["Patient/d", "Patient/b"],
    ]


def test_the_day_on_which_death_became_known(database, content):
    now = [18_000 * DAY + DAY // 2]
    registry = open_registry(database, content, clock=lambda: now[0])
    put(registry, "Patient", "p", deceasedBoolean=False)
    put(registry, "Patient", "dated", deceasedBoolean=True)
    now[0] += 10 * DAY
    put(registry, "Patient", "p", deceasedBoolean=True)
    now[0] += 10 * DAY
    put(registry, "Patient", "p", deceasedBoolean=True, gender="male")
    put(registry, "Patient", "dated", deceasedDateTime="2019-01-01")
    assert [(person.subject, person.first_known_dead) for person in facts(registry)] == [("dated", None), ("p", 18_010)]
    registry.close()


def test_facts_of_more_people_than_a_page(registry):
    entries = [
        {"resource": resource, "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}}
        for number in range(450)
        for resource in (
            {"resourceType": "Patient", "id": f"p{number:03}"},
            {"resourceType": "Condition", "id": f"c{number}", "subject": {"reference": f"Patient/p{number:03}"}},
        )
    ]
    ingest.bundle(registry, 1, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, "http://x")
    people = facts(registry)
    assert [person.subject for person in people] == [f"p{number:03}" for number in range(450)]
    assert all(row.source.resource == f"Condition/c{int(p.subject[1:])}" for p in people for row in p.conditions)
    assert {len(person.conditions) for person in people} == {1}


def test_every_module_that_makes_rows_is_a_rule():
    """A change in any of them makes an older database's rows wrong."""
    makers = ["core/index", "core/mapping", "content/terminology", "content/views", "fhir/dates", "fhir/references"]
    makers += ["fhir/fhirpath_functions", "fhir/fhirpath_operators", "store/rows", "store/tables"]
    names = {"/".join(path.with_suffix("").parts[-2:]) for path in schema._RULES}
    assert set(makers) <= names
    assert all(path.is_file() for path in schema._RULES)
