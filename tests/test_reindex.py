"""Changed content: its tables are filled in the other slot beside those who work by the old (store/rebuild.py)."""

import os
import signal
from contextlib import ExitStack, closing
from itertools import count
from multiprocessing import get_context

import pytest
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from test_custom_measures import CUSTOM, evaluate_toy
from test_upgrade import check_derived
from toy_registry import FILES, PATIENTS, open_with_patients, write_files
from toy_registry import patient as toy_patient

from fhir_registry.content.registry import load_content
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import analyse, ingest, read, reindex
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.search import search
from fhir_registry.ops.search_request import Client
from fhir_registry.store import rebuild
from fhir_registry.store.wall import EVERYWHERE

SITE, BASE = 1, "http://localhost/fhir"
REPORTS = ("toy-survival", "toy-tablets", "toy-early-death", "toy-doses")


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """Content with another SearchParameter (dose-site) and ViewDefinition (toy_weight)."""
    folder = tmp_path_factory.mktemp("toy")
    write_files(folder, FILES)
    return load_content(folder)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    """Chunks of a few resources, so that a small database is rebuilt in many transactions."""
    monkeypatch.setattr(rebuild, "CHUNK", 25)
    monkeypatch.setattr(rebuild, "PAUSE", 0.05)


def fill(registry, number=8):
    for n in range(number):
        put(registry, "Patient", f"p{n}", birthDate=f"19{50 + n}")
        put(registry, "Observation", f"w{n}", **weight(n))
        put(registry, "MedicationAdministration", f"d{n}", **dose(n))
    ingest.delete(registry, SITE, "Observation", "w0")


def put(registry, type, id, **more):
    return ingest.update(registry, SITE, type, id, {"resourceType": type, "id": id, **more})


def weight(n):
    code = {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]}
    return {"status": "final", "code": code, "subject": {"reference": f"Patient/p{n}"}, "valueQuantity": {"value": 60}}


def dose(n, site="arm"):
    given = {"site": {"coding": [{"code": site}]}, "dose": {"value": 1}}
    more = {"status": "completed", "effectiveDateTime": "2024-01-01", "dosage": given}
    return {**more, "medicationCodeableConcept": {"text": "x"}, "subject": {"reference": f"Patient/p{n}"}}


def found(registry, type, **criteria):
    pairs = [(name.replace("_", "-"), value) for name, value in criteria.items()]
    bundle = json.parse(search(registry, SITE, type, pairs, Client(BASE)))
    return sorted(entry["resource"]["id"] for entry in bundle.get("entry", ()))


def jobs(registry):
    with registry.store.read(EVERYWHERE) as connection:
        return registry.store.jobs.list(connection)


def refused(call, *arguments, **more):
    with pytest.raises(FhirError) as problem:
        call(*arguments, **more)
    return problem.value


def test_who_works_by_the_old_rules_reads_and_writes_meanwhile(database, content, changed):
    """None of these writes is missing afterwards; after the switch such a process neither writes nor answers wrong."""
    with closing(open_registry(database, content)) as old:
        fill(old)
        number, texts = count(100), set()

        def meanwhile(text, done, total):
            texts.add(text)
            if text.startswith("rebuilt"):
                return
            n = next(number)
            put(old, "Patient", f"p{n}", birthDate="1930")
            put(old, "MedicationAdministration", "d1", **dose(1, f"site-{n}"))
            put(old, "Observation", f"w{n}", **weight(1))
            ingest.delete(old, SITE, "Observation", f"w{n}")
            assert f"p{n}" in found(old, "Patient", birthdate="1930")

        with closing(open_registry(database, changed, report=meanwhile)) as new:
            assert {"rebuilding the index and mapped tables", "rebuilt the index and mapped tables"} <= texts
            n = next(number) - 1
            assert n > 103
            assert found(new, "Patient", birthdate="1930") == sorted(f"p{each}" for each in range(100, n + 1))
            assert found(new, "MedicationAdministration", dose_site=f"site-{n}") == ["d1"]
            assert found(new, "MedicationAdministration", dose_site="site-100") == []
            check_derived(new)
            problem = refused(put, old, "Patient", "late")
            assert (problem.status, problem.headers["Retry-After"], old.store.outdated) == (503, "5", True)
            assert refused(search, old, SITE, "Patient", [("birthdate", "1930")], Client(BASE)).status == 503
            assert read.read(old, SITE, "Patient", "p100").version == 1
            assert refused(read.read, new, SITE, "Patient", "late").status == 404
            put(new, "Patient", "late", birthDate="1930")
            assert "late" in found(new, "Patient", birthdate="1930")


def test_rows_are_made_by_several_processes(database, content, changed, monkeypatch):
    registry = open_registry(database, content)
    fill(registry)
    registry.close()
    monkeypatch.setattr(reindex, "FEW", 0)
    monkeypatch.setattr(reindex, "PROCESSES", 2)
    with closing(open_registry(database, changed)) as new:
        check_derived(new)


def killed_at(database, content, statement):
    """Open it in a process that kills itself at the first statement that begins so, if there is one; its exit code."""

    def run():
        def look(_connection, _cursor, text, *_):
            if text.startswith(statement):
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "before_cursor_execute", look)
        open_registry(database, content).close()

    process = get_context("fork").Process(target=run)
    process.start()
    process.join()
    return process.exitcode


def test_a_rebuild_that_is_killed_goes_on_where_it_was(database, content, changed, monkeypatch):
    registry = open_registry(database, content)
    fill(registry)
    registry.close()
    chunks, saved = [], rebuild.Rebuild._insert

    def insert(self, connection, rows):
        chunks.append(1)
        if len(chunks) == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        saved(self, connection, rows)

    with monkeypatch.context() as deadly:
        deadly.setattr(rebuild.Rebuild, "_insert", insert)
        assert killed_at(database, changed, "nothing") == -signal.SIGKILL
    # The old rules still hold; a write now is of what was made already.
    with closing(open_registry(database, content)) as old:
        (job,) = jobs(old)
        assert (job.state, job.attempt, job.checkpoint["step"]) == ("in-progress", 1, "load")
        put(old, "Patient", "p1", birthDate="1930")
        assert found(old, "Patient", birthdate="1930") == ["p1"]
    seen = []
    with closing(open_registry(database, changed, report=lambda *told: seen.append(told))) as new:
        assert 3 * rebuild.CHUNK < seen[0][1] < seen[0][2]  # not from the beginning
        (job,) = jobs(new)
        assert (job.state, job.attempt) == ("completed", 2)
        assert found(new, "Patient", birthdate="1930") == ["p1"]
        check_derived(new)


@pytest.mark.parametrize(
    ("statement", "switched"),
    [
        ("DROP TABLE IF EXISTS", True),  # the first of what was replaced, after the switch
        ("ALTER TABLE", False),  # in the switch; on PostgreSQL before the indexes are made
        ("UPDATE site SET rules", False),
        ("UPDATE analysis SET complete", False),
    ],
)
def test_a_switch_is_whole_or_has_not_been(database, content, changed, statement, switched):
    registry = open_registry(database, content)
    fill(registry, 2)
    rules = registry.store.rules
    registry.close()
    assert killed_at(database, changed, statement) == -signal.SIGKILL
    if not switched:
        with closing(open_registry(database, content)) as old:
            assert old.store.rules == rules
            put(old, "Patient", "after", birthDate="1930")
            assert found(old, "Patient", birthdate="1930") == ["after"]
    with closing(open_registry(database, changed)) as new:
        assert new.store.rules not in (None, rules)
        assert len(jobs(new)) == 1
        check_derived(new)


def test_a_rebuild_by_rules_that_nobody_wants_any_more_is_given_up(database, content, changed):
    registry = open_registry(database, content)
    fill(registry, 2)
    registry.close()
    assert killed_at(database, changed, "UPDATE site SET rules") == -signal.SIGKILL
    third = content._replace(hash="third")
    with closing(open_registry(database, third)) as new:
        assert sorted(job.state for job in jobs(new)) == ["cancelled", "completed"]
        check_derived(new)


def test_of_two_at_once_one_works_and_the_other_waits(database, content, changed):
    registry = open_registry(database, content)
    fill(registry)
    registry.close()
    context = get_context("fork")
    told = context.SimpleQueue()

    def run():
        with closing(open_registry(database, changed, report=lambda text, *_: told.put((os.getpid(), text)))) as new:
            check_derived(new)

    processes = [context.Process(target=run) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    workers = set()
    while not told.empty():
        number, text = told.get()
        if not text.startswith("waiting for "):
            workers.add(number)
    assert len(workers) == 1
    with closing(open_registry(database, changed)) as new:
        assert [job.attempt for job in jobs(new)] == [1]


def test_a_long_read_holds_up_the_switch_and_nothing_else(new_database, content, changed):
    """On PostgreSQL: the reader keeps its tables, writers get on, and nobody waits for ever."""
    database = new_database("postgresql")
    with closing(open_registry(database, content)) as old:
        fill(old)
        reading, waited = ExitStack(), []
        index = old.store.tables.index["token"]
        connection = reading.enter_context(old.store.read(EVERYWHERE))
        before = connection.execute(select(index)).all()

        def meanwhile(text, *_):
            if text.startswith("waiting for those who read"):
                put(old, "Patient", f"p{len(waited)}", birthDate="1930")
                assert found(old, "Patient", birthdate="1930")
                waited.append(text)
                if len(waited) == 2:
                    assert connection.execute(select(index)).all() == before
                    reading.close()

        with closing(open_registry(database, changed, report=meanwhile)) as new:
            assert len(waited) == 2
            assert found(new, "Patient", birthdate="1930") == ["p0", "p1"]
            check_derived(new)


def test_a_process_that_was_left_behind_does_not_bring_back_its_rules(database, content, changed):
    open_registry(database, content).close()
    open_registry(database, changed).close()
    with pytest.raises(ValueError, match="restart the server, or run fhir-registry reindex"):
        open_registry(database, content, may_rebuild=False)


def test_an_analysis_that_is_begun_by_old_rules_is_not_completed_by_them(database, content, changed):
    with closing(open_registry(database, content)) as old:
        fill(old, 2)
        key = analyse.question(old, SITE, "halaven", None, 20269, BASE).key
        with old.store.database.write(EVERYWHERE) as connection:
            begun = old.store.analyses.begin(connection, key)
        with closing(open_registry(database, changed)) as new:
            with old.store.database.write(EVERYWHERE) as connection:
                assert not old.store.analyses.touch(connection, begun)
            with pytest.raises(FhirError), old.store.database.write(EVERYWHERE) as connection:
                old.store.analyses.lock(connection, SITE)
            with new.store.read(EVERYWHERE) as connection:
                assert new.store.analyses.find(connection, key) is None


def test_the_tables_are_made_again_when_asked_for(database, content):
    with closing(open_registry(database, content)) as registry:
        fill(registry, 2)
        rules, table = registry.store.rules, registry.store.tables.index["date"].name
        with registry.store.database.write(EVERYWHERE) as connection:
            connection.exec_driver_sql(f'DELETE FROM "{table}"')
        assert found(registry, "Patient", birthdate="1951") == []
        with closing(open_registry(database, content, again=True)) as again:
            assert again.store.rules == f"{rules}_b"
            assert found(again, "Patient", birthdate="1951") == ["p1"]
            check_derived(again)
            assert refused(put, registry, "Patient", "late").status == 503


def test_reports_are_the_same_from_either_slot(database, tmp_path):
    """Facts, analyses and custom measures read the tables of the slot in use."""
    bundles = [*PATIENTS, toy_patient(6), toy_patient(7)]
    merged = {"resourceType": "Patient", "id": "p6", "birthDate": "1960"}
    merged["link"] = [{"other": {"reference": "Patient/p7"}, "type": "replaced-by"}]
    told = []
    with closing(open_with_patients(tmp_path, database, CUSTOM, bundles)) as registry:
        ingest.update(registry, SITE, "Patient", "p6", merged)
        told.append([evaluate_toy(registry, id)["group"] for id in REPORTS])
    with closing(open_registry(database, load_content(tmp_path), again=True)) as registry:
        assert registry.store.tables.slot == "_b"
        told.append([evaluate_toy(registry, id)["group"] for id in REPORTS])
    assert told[0] == told[1]
