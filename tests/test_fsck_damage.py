"""What cannot be read stops no comparison, and a repair follows sound rows only (REL-40)."""

import base64
import itertools
from contextlib import closing

import pytest
from rest_client import body, serving
from sqlalchemy import LargeBinary, event, text, type_coerce
from test_fsck import GONE, NOW, OF_A, SITE, A, cut_body, damage, found, put, registry, sound, write_body

from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import fsck
from fhir_registry.ops.open import open_registry
from fhir_registry.store import bodies
from fhir_registry.store.repair import repair
from fhir_registry.store.wall import EVERYWHERE

__all__ = ["registry", "sound"]  # fixtures
YEAR_9987 = 253_000_000_000_000_000


def write_bytes(rid, change, version=1):
    """A function that changes the bytes of a version's body as they are stored."""

    def write(table, connection):
        which = (table.c.rid == text(rid), table.c.version == version)
        body = connection.execute(table.select().where(*which)).one().body.encode()
        values = {"body": type_coerce(change(body), LargeBinary)}
        connection.execute(table.update().where(*which).values(values))

    return write


def claim_room(body):
    """A packed text whose frame says that it has 2**40 bytes (RFC 8878, 3.1.1.1)."""
    packed = bodies.pack(body)
    size = {0: 1, 1: 2, 2: 4, 3: 8}[packed[4] >> 6]
    start = 5 + {0: 0, 1: 1, 2: 2, 3: 4}[packed[4] & 3]  # one segment: no window descriptor
    assert packed[4] & 0x20
    return (
        packed[:4]
        + bytes([packed[4] | 0xC0])
        + packed[5:start]
        + (2**40).to_bytes(8, "little")
        + packed[start + size :]
    )


def as_text_of_sqlite(table, connection):
    """SQLite gives no text for bytes that are none; PostgreSQL has had no texts since they are packed."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"UPDATE version SET body = CAST(body AS TEXT) WHERE {OF_A}")


NO_RESOURCE = "its body is no resource with id, meta.versionId and meta.lastUpdated"
UNREADABLE = {
    "a text beyond memory": ([write_bytes(A, claim_room)], ("version", "Patient/a version 1", NO_RESOURCE)),
    "a text that is no UTF-8": (
        [write_bytes(A, lambda body: body.replace(b"Patient", b"Pat\xffent", 1)), as_text_of_sqlite],
        ("version", "Patient/a version 1", NO_RESOURCE),
    ),
    "an element of another type": (
        [write_body(A, lambda body: body[:-1] + ',"name":"x"}')],
        ("version", "Patient/a", "its rows or its text hold what does not belong there (AttributeError)"),
    ),
    "a time of no calendar": (
        [f"UPDATE version SET updated = 9000000000000000000 WHERE {OF_A}"],
        (
            "version",
            "Patient/a version 1",
            "in its body meta.lastUpdated is '2025-10-09T08:53:20.000Z', not '9000000000000000000'",
        ),
        ("resource", "Patient/a", "its time is not that of its last version"),
    ),
    "a time that no instant of ours has": (
        [f"UPDATE {table} SET updated = updated + 1 WHERE {OF_A}" for table in ("version", "resource")],
        (
            "version",
            "Patient/a version 1",
            f"in its body meta.lastUpdated is '2025-10-09T08:53:20.000Z', not '{NOW + 1}'",
        ),
    ),
    "a deletion of what is deleted": (
        [f"UPDATE version SET method = 'DELETE', body = '' WHERE rid = {GONE} AND version = 2"],
        ("version", "Patient/gone version 3", "it is a deletion of what is not there"),
    ),
    "a known bundle of no list": (
        ["""UPDATE submission SET created = '["a/b/c"]' WHERE hash = (SELECT min(hash) FROM submission)"""],
        ("submission", None, "what it created is no list of Type/id"),
    ),
    "numbers of another site": (
        ["UPDATE site SET last = 9000000000000000000"],
        ("site", "default", "last is 9000000000000000000, which is no number of this site"),
    ),
    "an index that is not unique": (
        ["DROP INDEX resource_identity", "CREATE INDEX resource_identity ON resource (site, type, id)"],
        ("resource", "index resource_identity", "it is one of other columns, or not unique"),
    ),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_cannot_be_read_is_told_and_the_rest_compared(registry, kind):
    statements, *expected = UNREADABLE[kind]
    damage(registry, *statements, "DELETE FROM index_date WHERE rid = (SELECT rid FROM resource WHERE id = 'b')")
    told = [(table, expected[0][1] and name, problem) for table, name, problem in found(registry, repair=True)]
    missing = [each for each in told if each[0].startswith("index_date")]
    assert len(missing) == 1
    assert [each for each in told if each not in missing] == expected


# Damage from which counters or mapped rows were made once.
MISLEADING = {
    "a time to come": [f"UPDATE {table} SET updated = {YEAR_9987} WHERE {OF_A}" for table in ("version", "resource")],
    "a submission to come": [f"UPDATE version SET submission = 9223372036854775807 WHERE {OF_A}"],
    "a submission before all": [f"UPDATE version SET submission = -5 WHERE {OF_A}"],
    "another first submission": [f"UPDATE resource SET submission = submission + 1 WHERE {OF_A}"],
}


@pytest.mark.parametrize("kind", MISLEADING)
def test_a_repair_does_not_follow_rows_that_are_wrong(registry, kind):
    derived = "SELECT site, updated, last, submission FROM site", "SELECT _rid, _submission FROM patient ORDER BY _rid"

    def rows():
        with registry.store.read(EVERYWHERE) as connection:
            return [connection.execute(text(each)).all() for each in derived]

    before = rows()
    damage(registry, *MISLEADING[kind])
    first = list(fsck.check(registry, repair=True))
    assert first and not any(finding.repaired for finding in first)
    assert rows() == before
    assert list(fsck.check(registry, repair=True)) == first


def test_a_number_that_is_taken_is_not_given_again(registry):
    """Though the versions of what had it are lost."""
    damage(
        registry,
        """INSERT INTO resource (rid, site, type, id, version, updated, deleted, submission)
        SELECT last + 1, 1, 'Basic', 'ghost', 1, updated, 0, submission FROM site""",
    )
    list(fsck.check(registry, repair=True))
    with registry.store.write(SITE) as writer:
        writer.put("Basic", "after", {"resourceType": "Basic", "code": {"text": "x"}}, "PUT")
    assert [finding[:2] for finding in fsck.check(registry)] == [("version", "Basic/ghost")]


ANALYSES = {
    "a count is no JSON": "UPDATE analysis_tally SET tally = 'x'",
    "a count is missing": "DELETE FROM analysis_tally",
    "an answer is no JSON": "UPDATE analysis_subject SET answer = 'x'",
    "a state is none": "UPDATE analysis SET complete = 5",
}


@pytest.mark.parametrize("kind", ANALYSES)
def test_an_analysis_that_cannot_be_read_is_dropped(registry, kind):
    damage(registry, ANALYSES[kind])
    assert found(registry, repair=True)
    assert found(registry) == []
    with registry.store.read(EVERYWHERE) as connection:
        assert connection.execute(text("SELECT count(*) FROM analysis")).scalar_one() == 0


SETTINGS = {
    "content": "UPDATE setting SET value = 'x' WHERE name = 'content of site 1'",
    "content of no list": """UPDATE setting SET value = '{"owned": ["x"]}' WHERE name = 'content of site 1'""",
    "dictionary": "UPDATE setting SET value = 'aGVsbG8=' WHERE name = 'dictionary 1'",
    "dictionary without a number": "UPDATE setting SET name = 'dictionary x' WHERE name = 'dictionary 1'",
}


@pytest.mark.parametrize("kind", SETTINGS)
def test_what_the_program_has_is_kept_again_when_it_opens(registry, content, kind):
    damage(registry, SETTINGS[kind])
    open_registry(registry.store.database.url, content, clock=itertools.count(NOW + 10**6).__next__).close()
    assert found(registry) == []
    with registry.store.read(EVERYWHERE) as connection:
        kept = connection.execute(text("SELECT value FROM setting WHERE name = 'dictionary 1'")).scalars()
        assert base64.b64encode(bodies.DICTIONARY.read_bytes()).decode() in [*kept]
        assert registry.store.reader.read(connection, SITE, "Patient", "a").body


RULES = {
    "of the site": ["UPDATE site SET rules = 'x'"],
    "of the database": ["UPDATE setting SET value = 'x' WHERE name = 'rules'"],
    "of both": ["UPDATE setting SET value = 'x' WHERE name = 'rules'", "UPDATE site SET rules = 'y'"],
    "lost, with the slot": ["DELETE FROM setting WHERE name = 'rules'"],
}


@pytest.mark.parametrize("kind", RULES)
def test_rules_that_are_damaged_are_put_right_by_a_reindex(registry, content, kind):
    url, clock = registry.store.database.url, itertools.count(NOW + 10**6).__next__
    open_registry(url, content, clock=clock, again=True).close()  # from here on not the first slot
    damage(registry, *RULES[kind])
    if kind != "of the site":
        with pytest.raises(ValueError, match=r"'rules' is damaged; .* run fhir-registry reindex"):
            open_registry(url, content, clock=clock, may_rebuild=False)
    with closing(open_registry(url, content, clock=clock)) as opened:
        assert found(opened) == []
        put(opened, {"resourceType": "Patient", "id": "after"})
        assert found(opened) == []


def test_a_site_that_is_lost_is_told_and_made_anew(registry, content):
    url, clock = registry.store.database.url, itertools.count(NOW + 10**6).__next__

    def rows():
        with registry.store.read(EVERYWHERE) as connection:
            return connection.execute(text("SELECT * FROM site")).all()

    before = rows()
    damage(registry, "DELETE FROM site")
    with pytest.raises(ValueError, match="run fhir-registry fsck --repair"):
        open_registry(url, content, clock=clock)
    with pytest.raises(FhirError, match="fhir-registry fsck --repair") as refused, registry.store.write(SITE):
        pass
    assert refused.value.status == 503
    with closing(open_registry(url, content, clock=clock, may_rebuild=False, sites=())) as opened:
        assert found(opened) == [("site", "default", "its row is not there")]
        assert found(opened, repair=True) == [("site", "default", "its row is not there")]
    assert rows() == before
    with closing(open_registry(url, content, clock=clock)) as opened:
        put(opened, {"resourceType": "Patient", "id": "after"})
        assert found(opened) == []


def test_numbers_that_were_never_given_are_not_followed_when_a_site_is_made_anew(registry):
    with registry.store.write(SITE) as writer:
        expected = writer.submission, writer.now
    damage(
        registry,
        f"UPDATE version SET submission = 9223372036854775807, updated = {YEAR_9987} WHERE {OF_A}",
        "DELETE FROM site",
    )
    list(fsck.check(registry, repair=True))
    with registry.store.write(SITE) as writer:
        assert (writer.submission, writer.now) == expected


NO_TEXT = {
    "cut": [cut_body],
    "known as packed no more": [write_bytes(A, lambda body: b"\x29" + bodies.pack(body)[1:])],
    "of before texts were packed": [write_bytes(A, lambda body: body.replace(b"1950", b"19\xff0")), as_text_of_sqlite],
}


@pytest.mark.parametrize("kind", NO_TEXT)
def test_a_damaged_text_is_named_by_its_row_and_replaced_by_the_next_version(database, caplog, kind):
    with serving(database) as rest:
        assert rest.put({"resourceType": "Patient", "id": "a", "birthDate": "1950"}).status_code == 201
        assert rest.put({"resourceType": "Patient", "id": "b"}).status_code == 201
        with rest.registry.store.database.write(EVERYWHERE) as connection:
            for change in NO_TEXT[kind]:
                change(rest.registry.store.tables.version, connection)
            (rid,) = connection.exec_driver_sql(f"SELECT rid FROM version WHERE {OF_A}").scalars()
        for path in ("Patient/a", "Patient/a/_history/1", "Patient/a/_history", "Patient", "Patient/_history"):
            caplog.clear()
            answer = rest.get(path)
            lines = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
            assert answer.status_code == 500 and "is damaged" in body(answer)["issue"][0]["diagnostics"]
            assert [line.partition(": ")[0] for line in lines] == [f"table version, rid {rid}, version 1"]
            assert lines[0].endswith("run fhir-registry fsck")
            assert "resourceType" not in caplog.text
        assert rest.get("Patient/b").status_code == 200
        assert rest.put({"resourceType": "Patient", "id": "a", "birthDate": "1951"}).status_code == 200
        assert rest.read("Patient/a")["birthDate"] == "1951"
        assert rest.total("Patient?birthdate=1950") == 0
        (lost,) = fsck.check(rest.registry)
        assert lost[:2] == ("version", "Patient/a version 1")


def test_damaged_texts_are_looked_for_one_by_one(content, new_database, caplog):
    """All versions of a page of resources might be more than memory; SQLite's driver reads no row ahead."""
    with serving(new_database("postgresql")) as rest:
        for family in ("One", "Two", "Three"):
            rest.put({"resourceType": "Patient", "id": "a", "name": [{"family": family}]})
        with rest.registry.store.database.write(EVERYWHERE) as connection:
            cut_body(rest.registry.store.tables.version, connection)
        sizes = []
        note = lambda _, cursor, statement, *rest: sizes.append(cursor.rowcount) if "body" in statement else None  # noqa: E731
        event.listen(rest.registry.store.database.engine, "after_cursor_execute", note)
        assert rest.get("Patient/a").status_code == 500
    assert caplog.text.count("table version, rid") == 3
    assert sizes == [1] * 4


def test_what_is_made_anew_of_a_damaged_text_names_it(registry, caplog):
    damage(registry, cut_body)
    with registry.store.read(EVERYWHERE) as connection:
        rid = connection.exec_driver_sql(f"SELECT {A}").scalar()
    with pytest.raises(FhirError, match="is damaged"):
        repair(registry.store, SITE, [("rows", SITE, rid)])
    assert f"table version, rid {rid}, version 1" in caplog.text
