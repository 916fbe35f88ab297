"""fsck finds each kind of damage, exactly it, and nothing where all is sound (REL-40)."""

import dataclasses
import shutil
import uuid

import pytest
from sqlalchemy import LargeBinary, inspect, make_url, select, text, type_coerce
from test_evaluate import BASE, SITE, eribulin, treated

from fhir_registry.ops import analyse, fsck, ingest
from fhir_registry.ops.open import Registry, open_registry
from fhir_registry.store.schema import prepare
from fhir_registry.store.store import Store
from fhir_registry.store.wall import EVERYWHERE

CUTOFF = 20269  # 2025-06-30
NOW = 1_760_000_000_000_000
RID = "(SELECT rid FROM resource WHERE type = 'Patient' AND id = '{}')"
A, GONE = RID.format("a"), RID.format("gone")
OF_A = f"rid = {A}"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def sound(request, new_database, content):
    """URL of a database with patients that were changed, deleted, made again and merged, and with an analysis."""
    url = new_database(request.param)
    registry = open_registry(url, content, clock=lambda: NOW)
    for patient in ("a", "b", "c", "d"):
        ingest.bundle(registry, SITE, treated(patient, ("2024-03-15", "LA28369-9")), BASE)
    put(registry, {"resourceType": "Medication", "id": "m", "code": {"text": "eribulin"}})
    for family in ("One", "Two"):
        put(registry, {"resourceType": "Patient", "id": "gone", "name": [{"family": family}]})
    ingest.delete(registry, SITE, "Patient", "gone")
    put(registry, {"resourceType": "Patient", "id": "back", "birthDate": "1950"})
    ingest.delete(registry, SITE, "Patient", "back")
    put(registry, {"resourceType": "Patient", "id": "back", "birthDate": "1951"})
    note = {"resourceType": "Basic", "code": {"text": "note"}}
    entry = {"request": {"method": "POST", "url": "Basic"}, "resource": note}
    ingest.bundle(registry, SITE, {"resourceType": "Bundle", "type": "transaction", "entry": [entry] * 2}, BASE)
    analyse.analyse(registry, question(registry), lambda connection, analysis: None)
    merged = {"other": {"reference": "Patient/a"}, "type": "replaced-by"}
    put(registry, {"resourceType": "Patient", "id": "c", "link": [merged]})
    put(registry, {**eribulin("b", "2024-05-05"), "id": "late"})
    registry.close()
    return url


@pytest.fixture
def registry(request, sound, content, tmp_path):
    """A registry on a copy of it."""
    source, copy = make_url(sound), f"copy_{uuid.uuid4().hex}"
    if sound.startswith("sqlite"):
        server, url = None, source.set(database=str(tmp_path / copy))
        shutil.copy(source.database, tmp_path / copy)
    else:
        server, url = request.getfixturevalue("postgresql_server"), source.set(database=copy)
        server.psql(f"CREATE DATABASE {copy} TEMPLATE {source.database} OWNER {source.username};")
    store = Store(url, content, lambda: NOW)
    prepare(store)
    nothing = dict.fromkeys(field.name for field in dataclasses.fields(Registry))
    yield Registry(**nothing | {"content": content, "store": store})
    store.close()
    if server:
        server.psql(f"DROP DATABASE {copy};")


def put(registry, resource):
    ingest.update(registry, SITE, resource["resourceType"], resource["id"], resource)


def question(registry):
    return analyse.question(registry, SITE, "halaven", None, CUTOFF, BASE)


def damage(registry, *statements):
    """Carry out statements of SQL, and functions of (table of versions, connection)."""
    with registry.store.database.write(EVERYWHERE) as connection:
        for statement in statements:
            if callable(statement):
                statement(registry.store.tables.version, connection)
            else:
                connection.exec_driver_sql(statement)


def found(registry, **options):
    """[(table, name, problem)] of what does not agree."""
    return [finding[:3] for finding in fsck.check(registry, analyses=True, bases=(None, BASE), **options)]


def test_nothing_is_found_where_all_is_sound(registry):
    told = []
    assert found(registry, progress=lambda *each: told.append(each)) == []
    with registry.store.read(EVERYWHERE) as connection:
        resources = connection.execute(text("SELECT count(*) FROM resource")).scalar()
    assert told[0] == ("resources", resources, resources)


def write_body(rid, change, version=1):
    """A function that changes the text of a version, which is packed."""

    def write(table, connection):
        which = (table.c.rid == text(rid), table.c.version == version)
        body = connection.execute(select(table.c.body).where(*which)).scalar_one()
        connection.execute(table.update().where(*which).values(body=change(body)))

    return write


def cut_body(table, connection):
    """Bytes that cannot be unpacked."""
    values = {"body": type_coerce(b"\x28\xb5\x2f\xfdcut", LargeBinary)}
    connection.execute(table.update().where(table.c.rid == text(A)).values(values))


# SQL that damages what cannot be made anew: all that is found.
LOST = {
    "a version is missing": (
        f"DELETE FROM version WHERE rid = {GONE} AND version = 2",
        ("version", "Patient/gone version 3", "version 2 should stand here"),
    ),
    "the last version is missing": (
        f"DELETE FROM version WHERE rid = {GONE} AND version = 3",
        ("resource", "Patient/gone", "version 3 is current, the last one is 2"),
        ("resource", "Patient/gone", "it is marked as deleted, its last version is a PUT"),
    ),
    "no version": (f"DELETE FROM version WHERE {OF_A}", ("version", "Patient/a", "the resource has no version")),
    "marked as deleted": (
        f"UPDATE resource SET deleted = 1 WHERE {OF_A}",
        ("resource", "Patient/a", "it is marked as deleted, its last version is a PUT"),
    ),
    "another time": (
        f"UPDATE resource SET updated = updated - 1000 WHERE {OF_A}",
        ("resource", "Patient/a", "its time is not that of its last version"),
    ),
    "no JSON": (
        write_body(A, lambda body: body[:-1]),
        ("version", "Patient/a version 1", "its body is no resource with id, meta.versionId and meta.lastUpdated"),
    ),
    "packed no more": (
        cut_body,
        ("version", "Patient/a version 1", "its body is no resource with id, meta.versionId and meta.lastUpdated"),
    ),
    "another id": (
        write_body(GONE, lambda body: body.replace('"id":"gone"', '"id":"went"')),
        ("version", "Patient/gone version 1", "in its body id is 'went', not 'gone'"),
    ),
    "another version": (
        write_body(GONE, lambda body: body.replace('"versionId":"1"', '"versionId":"7"')),
        ("version", "Patient/gone version 1", "in its body meta.versionId is '7', not '1'"),
    ),
    "a deletion with a body": (
        f"UPDATE version SET body = '{{}}' WHERE rid = {GONE} AND version = 3",
        ("version", "Patient/gone version 3", "it is a deletion and has a body"),
    ),
    "another type": (
        f"UPDATE version SET type = 'Person' WHERE rid = {GONE} AND version = 3",
        ("version", "Patient/gone version 3", "its type is Person"),
    ),
    "another site": (
        f"UPDATE version SET site = 7 WHERE rid = {GONE} AND version = 1",
        ("version", "Patient/gone version 1", "7 is not its site"),
    ),
    "an unknown method": (
        f"UPDATE version SET method = 'MOVE' WHERE rid = {GONE} AND version = 2",
        ("version", "Patient/gone version 2", "'MOVE' is no method that writes"),
    ),
    "a known bundle created what is not there": (
        """UPDATE submission SET created = '["Basic/lost"]'
        WHERE hash = (SELECT hash FROM submission ORDER BY submission DESC LIMIT 1)""",
        ("submission", None, "it created Basic/lost, which is not there"),
    ),
    "content is not there": (
        "UPDATE setting SET value = replace(value, 'Measure/halaven-dcr', 'Measure/lost')",
        ("resource", "Measure/lost", "'content of site 1' names it, and it is not there"),
    ),
    "a change that never was": (
        """INSERT INTO change (site, key, submission) VALUES (1, 'x', 9000)""",
        ("change", "'x'", "submission 9000 was never given"),
    ),
    "a job of no state": (
        """INSERT INTO job (job, site, kind, parameters, state, attempt, tries, submitted, due, done, total)
        VALUES ('j', 1, 'import', '{}', 'lost', 0, 0, 0, 0, 0, 0)""",
        ("job", "j", "'lost' is no state of a job"),
    ),
    "a silent job": (
        """INSERT INTO job (job, site, kind, parameters, state, attempt, tries, submitted, due, done, total, heartbeat)
        VALUES ('j', 1, 'import', '{}', 'in-progress', 1, 0, 0, 0, 0, 0, 5)""",
        ("job", "j", "it is in progress, and silent for 600 s"),
    ),
    "an error of no job": (
        "INSERT INTO job_error (site, job, number, source, line, issue) VALUES (1, 'j', 0, '', 1, '[]')",
        ("job_error", "j", "its rows are of no job"),
    ),
}


@pytest.mark.parametrize("kind", LOST)
def test_what_is_lost_is_found_and_said_to_be_beyond_repair(registry, kind):
    statement, *expected = LOST[kind]
    damage(registry, statement)
    findings = list(fsck.check(registry, repair=True))
    named = [
        (table, name if expected[n][1] else None, problem) for n, (table, name, problem, *_) in enumerate(findings)
    ]
    assert named == expected
    assert not any(finding.repaired for finding in findings)
    assert all(finding.remedy in str(finding) for finding in findings)


# SQL that damages what follows from other rows: all that is found.
DERIVED = {
    "an index row is missing": (
        f"DELETE FROM index_date WHERE {OF_A}",
        ("index_date", "Patient/a", "1 of its rows are missing, 0 are wrong"),
    ),
    "an index row is wrong": (
        f"UPDATE index_date SET hi = hi + 1 WHERE {OF_A}",
        ("index_date", "Patient/a", "1 of its rows are missing, 1 are wrong"),
    ),
    "an index row of what is deleted": (
        f"INSERT INTO index_uri (site, rid, param, item, value) VALUES (1, {GONE}, 5, 0, 'x')",
        ("index_uri", "Patient/gone", "0 of its rows are missing, 1 are wrong"),
    ),
    "an index row of nothing": (
        "INSERT INTO index_uri (site, rid, param, item, value) VALUES (1, 1099511628000777, 5, 0, 'x')",
        ("index_uri", "rid 1099511628000777", "1 rows are of no resource"),
    ),
    "a mapped row is missing": (
        f"DELETE FROM patient WHERE _rid = {A}",
        ("patient", "Patient/a", "1 of its rows are missing, 0 are wrong"),
    ),
    "a mapped row of another version": (
        f"UPDATE patient SET _version = 9 WHERE _rid = {A}",
        ("patient", "Patient/a", "1 of its rows are missing, 1 are wrong"),
    ),
    "counters behind": (
        "UPDATE site SET last = last - 1, updated = updated - 1000",
        ("site", "default", "last, updated: behind what is stored"),
    ),
    "a change is not noted": (
        "DELETE FROM change WHERE key = 'b'",
        ("change", "'b'", "a write is not noted, so that analyses miss it"),
        ("analysis_subject", "analysis 1 of halaven, b", "what it answered is not what is derived anew"),
    ),
    "an analysis of what never was": (
        "UPDATE analysis SET submission = 9000",
        ("analysis", "1", "it has seen submission 9000, which was never given"),
        *(
            ("analysis_subject", f"analysis 1 of halaven, {subject}", "what it answered is not what is derived anew")
            for subject in ("a", "b")
        ),
        ("analysis_subject", "analysis 1 of halaven, c", "it answered, and is no person here"),
    ),
    "rows of no analysis": (
        "INSERT INTO analysis_stray (site, analysis, key, records) VALUES (1, 7, 'x', 1)",
        ("analysis_stray", "analysis 7", "its rows are of none"),
    ),
    "an answer is wrong": (
        "UPDATE analysis_subject SET index_day = index_day + 1 WHERE subject = 'd' AND measure = 'halaven-dcr'",
        ("analysis_tally", "analysis 1 of halaven, halaven-dcr", "it is not the count of the answers"),
        ("analysis_subject", "analysis 1 of halaven, d", "what it answered is not what is derived anew"),
    ),
    "answers of nobody": (
        "UPDATE analysis_subject SET subject = 'x' WHERE subject = 'd'",
        ("analysis_subject", "analysis 1 of halaven, d", "what it answered is not what is derived anew"),
        ("analysis_subject", "analysis 1 of halaven, x", "it answered, and is no person here"),
    ),
    "a count is wrong": (
        "UPDATE analysis_tally SET tally = replace(tally, '\"denominator\":4', '\"denominator\":5')"
        " WHERE measure = 'halaven-dcr'",
        ("analysis_tally", "analysis 1 of halaven, halaven-dcr", "it is not the count of the answers"),
    ),
    "strays are wrong": (
        "UPDATE analysis SET strays = strays + 1",
        ("analysis", "analysis 1 of halaven, strays", "they are not the sum of those kept"),
    ),
}


@pytest.mark.parametrize("kind", DERIVED)
def test_what_is_derived_is_found_and_made_anew(registry, kind):
    statement, *expected = DERIVED[kind]
    damage(registry, statement)
    assert found(registry) == expected
    repaired = found(registry, repair=True)
    assert repaired and {*repaired} <= {*expected}  # an analysis that is dropped has no wrong answers any more
    assert found(registry) == []


def test_what_was_repaired_is_derived_again(registry):
    """An analysis that was made of wrong rows sees them mended, and the next write is one more submission."""
    damage(registry, f"UPDATE patient SET birth_lo = 0, birth_hi = 0 WHERE _rid = {A}")
    list(fsck.check(registry, repair=True))
    kept = analyse.analyse(registry, question(registry), lambda _, analysis: analysis)
    with registry.store.read(EVERYWHERE) as connection:
        assert kept.submission == registry.store.analyses.newest(connection, SITE)
    assert found(registry) == []


def test_times_against_the_order_of_commits_are_found(registry):
    damage(
        registry,
        f"UPDATE version SET submission = 2 WHERE rid = {RID.format('late')}",
        f"UPDATE resource SET submission = 2 WHERE rid = {RID.format('late')}",
    )
    assert all(problem.startswith("its lastUpdated is before that of submission 2") for *_, problem in found(registry))


def test_several_rows_of_one_resource_are_found(registry):
    """Only when the unique index is gone, which is found too."""
    damage(
        registry,
        "DROP INDEX resource_identity",
        f"UPDATE resource SET type = 'Patient', id = 'a' WHERE rid = {GONE}",
    )
    told = found(registry)
    assert ("resource", "index resource_identity", "it is not there") in told
    assert ("resource", "Patient/a", "it has 2 rows in site 1") in told


def test_without_its_columns_nothing_is_compared(registry):
    damage(registry, "DROP TABLE index_uri")
    columns = sorted(registry.store.tables.index["uri"].columns.keys())
    assert found(registry) == [("index_uri", f"column {column}", "it is not there") for column in columns]
    with registry.store.read(EVERYWHERE) as connection:
        assert not inspect(connection).has_table("index_uri")
