"""What is lost or damaged is not followed when tables are made anew (store/schema.py, docs/operations.md)."""

import logging
from contextlib import closing

import pytest
from sqlalchemy import inspect
from test_reindex import BASE, SITE, changed, fill, found, jobs, put, refused, small  # noqa: F401
from test_upgrade import check_derived

from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import fsck
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.search import search
from fhir_registry.ops.search_request import Client
from fhir_registry.store import failures
from fhir_registry.store.wall import EVERYWHERE


def damage(registry, statement):
    with registry.store.database.write(EVERYWHERE) as connection:
        connection.exec_driver_sql(statement)


def tables(registry):
    return {*inspect(registry.store.database.engine).get_table_names()}


def search_birth(registry):
    """The ids that it finds; None when it is refused as unavailable."""
    try:
        return found(registry, "Patient", birthdate="1951")
    except FhirError as problem:
        assert problem.status == 503
        return None


def interrupt(text, *_):
    if text.startswith("rebuilding"):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM setting WHERE name = 'rules'", "UPDATE setting SET value = 'x' WHERE name = 'rules'"],
    ids=["lost", "damaged"],
)
def test_without_its_rules_a_database_is_closed_and_no_slot_is_used_again(database, content, changed, statement):  # noqa: F811
    """The processes that run have the rules to come, but in another slot; nor is it that of a rebuild left behind."""
    with closing(open_registry(database, content)) as first:
        fill(first)
    open_registry(database, content, again=True).close()
    with closing(open_registry(database, content)) as running:
        assert running.store.tables.slot == "_b"
        with pytest.raises(KeyboardInterrupt):
            open_registry(database, changed, report=interrupt)
        assert "index_date_b3" in tables(running)
        damage(running, statement)
        answers = []

        def meanwhile(*_):
            assert refused(put, running, "Patient", "late").status == 503
            answers.append(search_birth(running))

        with closing(open_registry(database, content, report=meanwhile)) as new:
            assert new.store.tables.slot == "_b4"
            assert [*answers[:-1]] == [["p1"]] * (len(answers) - 1)
            assert len(answers) > 3
            assert search_birth(running) is None
            assert refused(put, running, "Patient", "late").status == 503
            put(new, "Patient", "after", birthDate="1930")
            assert found(new, "Patient", birthdate="1930") == ["after"]
            check_derived(new)


@pytest.mark.parametrize("more", ["", "DELETE FROM setting WHERE name = 'rules'"], ids=["site", "site and rules"])
def test_without_its_site_nothing_is_made_anew_before_a_repair(database, content, changed, more):  # noqa: F811
    """Of no site the tables would be empty; a repair makes the site by the rules that hold, and the start the rest."""
    with closing(open_registry(database, content)) as old:
        fill(old)
        before = tables(old)
        damage(old, "DELETE FROM site")
        if more:
            damage(old, more)
        for options in ({}, {"again": True}, {"may_rebuild": False}):
            with pytest.raises(ValueError, match=r"'site' is empty.* run fhir-registry fsck --repair"):
                open_registry(database, changed, **options)
        assert (tables(old), jobs(old)) == (before, [])
    with closing(open_registry(database, changed, may_rebuild=False, sites=())) as opened:
        told = [("site", "default", False), ("setting", "rules", False)]
        assert [(f.table, f.name, f.repaired) for f in fsck.check(opened)] == told
        findings = [*fsck.check(opened, repair=True)]
        assert [finding.repaired for finding in findings] == [True, False]
        assert "run fhir-registry reindex" in str(findings[1])
    with closing(open_registry(database, changed)) as new:
        assert found(new, "MedicationAdministration", dose_site="arm") == [f"d{n}" for n in range(8)]
        put(new, "Patient", "after")
        check_derived(new)
        assert [*fsck.check(new)] == []


def test_a_table_that_was_replaced_is_told_once_and_one_that_is_lost_each_time(
    database,
    content,
    changed,  # noqa: F811
    caplog,
    monkeypatch,
):
    def told(registry, times):
        caplog.clear()
        for _ in range(times):
            assert refused(search, registry, SITE, "Patient", [("birthdate", "1951")], Client(BASE)).status == 503
        return [(record.levelno, record.message.partition(":")[0]) for record in caplog.records]

    monkeypatch.setattr(failures, "_told", [])
    with closing(open_registry(database, content)) as old, closing(open_registry(database, changed)) as new:
        assert told(old, 3) == [(logging.WARNING, "a table is not there")]
        damage(new, f'DROP TABLE "{new.store.tables.index["date"].name}"')
        assert told(new, 3) == [(logging.ERROR, "a table is not there")] * 3
        assert "fhir-registry fsck tells what is lost" in caplog.text
        damage(new, "DROP TABLE setting")  # which says whether other rules hold
        assert told(new, 1) == [(logging.ERROR, "a table is not there")]
