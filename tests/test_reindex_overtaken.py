"""A process that stood still while others changed the rules does no harm when it goes on (store/rebuild.py)."""

from contextlib import ExitStack, closing

import pytest
from sqlalchemy import inspect, select
from test_reindex import BASE, SITE, changed, fill, found, put, refused, small  # noqa: F401
from test_upgrade import check_derived

from fhir_registry.ops.open import open_registry
from fhir_registry.ops.search import search
from fhir_registry.ops.search_request import Client
from fhir_registry.store.job import JobLost
from fhir_registry.store.rebuild import Rebuild
from fhir_registry.store.schema import NOBODY_S, other_rules
from fhir_registry.store.site import add_site


def test_a_reader_of_rules_before_the_last_never_meets_other_tables(database, content, changed):  # noqa: F811
    """Not even when the rules are what they were: neither while the tables are filled nor later."""
    with closing(open_registry(database, content)) as old:
        fill(old)
        open_registry(database, changed).close()
        told = []

        def meanwhile(*_):
            told.append(refused(search, old, SITE, "Patient", [("birthdate", "1951")], Client(BASE)).status)

        with closing(open_registry(database, content, report=meanwhile)) as new:
            meanwhile()
            assert found(new, "Patient", birthdate="1951") == ["p1"]
            assert set(told) == {503}
            assert len(told) > 3
            assert refused(put, old, "Patient", "late").status == 503
            with new.store.read(1) as connection:
                left = [name for name in inspect(connection).get_table_names() if name.startswith("index_date")]
            assert left == [new.store.tables.index["date"].name]


def test_one_that_was_silent_for_long_drops_nothing(database, content, changed):  # noqa: F811
    """It had looked which tables were left from before, and another process has made these anew since."""
    with closing(open_registry(database, content)) as old, closing(open_registry(database, content)) as silent:
        fill(old, 2)
        rules = silent.store.rules
        parameters = {"from": rules, "rules": other_rules(silent.store, rules)}
        jobs = silent.store.jobs
        job = jobs.claim("silent", ["reindex"], id=jobs.submit(0, "reindex", parameters, key="reindex"))
        began = Rebuild(silent.store, job, lambda *_: None, lambda work, places: [work(*each) for each in places])
        began.load()
        jobs.cancel(job.id)
        with closing(open_registry(database, changed)) as new:
            with pytest.raises(JobLost):
                began._begin()
            assert new.store.tables.slot == "_b"
            check_derived(new)


def test_a_site_that_is_added_by_one_that_was_overtaken_can_be_written_to(database, content, changed):  # noqa: F811
    with closing(open_registry(database, content)) as old, closing(open_registry(database, changed)) as new:
        site = add_site(old.store, "late")
        with new.store.write(site) as writer:
            writer.put("Patient", "p", {"resourceType": "Patient"}, "PUT")
        with new.store.read(site) as connection:
            assert new.store.reader.read(connection, site, "Patient", "p").version == 1


def test_writers_wait_for_the_last_of_what_was_written_only(new_database, content, changed, monkeypatch):  # noqa: F811
    """While a reader holds up the switch, what is written is made again before each try, not within it."""
    database, tries, inside = new_database("postgresql"), [], []
    renew, switch = Rebuild._renew, Rebuild._switch

    def count(self, connection, resources):
        inside.append(len(resources))
        renew(self, connection, resources)

    def watched(self, since):
        tries.append(since)
        with monkeypatch.context() as counted:
            counted.setattr(Rebuild, "_renew", count)
            return switch(self, since)

    monkeypatch.setattr(Rebuild, "_switch", watched)
    with closing(open_registry(database, content)) as old:
        fill(old)
        reading = ExitStack()
        reading.enter_context(old.store.read(1)).execute(select(old.store.tables.index["token"])).all()

        def meanwhile(text, *_):
            if text.startswith("waiting for those who read"):
                for n in range(5):
                    put(old, "Patient", f"p{len(tries)}-{n}", birthDate="1930")
                if len(tries) == 3:
                    reading.close()

        with closing(open_registry(database, changed, report=meanwhile)) as new:
            assert len(found(new, "Patient", birthdate="1930")) == 15
            assert (len(tries), sum(inside)) == (4, 0)


def test_content_that_is_taken_back_after_a_migration_is_served(database, content):
    """The migration closed the sites to all, until the tables by the other content were made, which never were."""
    with closing(open_registry(database, content)) as old, old.store.database.write(1) as connection:
        connection.execute(old.store.tables.site.update().values(rules=NOBODY_S))
    with closing(open_registry(database, content)) as again:
        put(again, "Patient", "p", birthDate="1930")
        assert found(again, "Patient", birthdate="1930") == ["p"]
