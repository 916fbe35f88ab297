"""A site that is made of others is removed: nothing of it is left but its audit log (docs/deidentification.md)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from audit_events import append, broken, pushed, read
from audited_client import all_events
from sqlalchemy import func, select
from test_audit_log import until
from test_deidentified_outcomes import END, MEASURES
from test_erase_meanwhile import waits_for_lock
from test_export_cli import BASE, RESOURCES
from test_pseudonymise import SOURCE, agrees, make, number, store  # noqa: F401

from fhir_registry.core.audit import READS, WRITES, Event
from fhir_registry.endpoints.record import Record
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import analyse, evaluate
from fhir_registry.ops.backup import back_up, restore
from fhir_registry.ops.import_job import KIND
from fhir_registry.ops.open import make_site, open_registry
from fhir_registry.ops.pseudonymise import PseudonymiseError
from fhir_registry.ops.reindex import OF_ALL
from fhir_registry.ops.remove_site import remove_site
from fhir_registry.store.clients import Registration
from fhir_registry.store.site import name_sites
from fhir_registry.store.wall import EVERYWHERE

TOLD = 4  # of RESOURCES
EVENT = Event("destroy", "command line", user="auditor", route="fhir-registry pseudonymise")


@pytest.fixture
def office(registry, make):  # noqa: F811
    """The number of a site that is made of RESOURCES."""
    store(registry, *RESOURCES)
    make()
    return number(registry)


def counts(registry, site):
    """{table: rows of a site}, of tables that have any."""
    tables, found = registry.store.tables, {}
    with registry.store.read(EVERYWHERE) as connection:
        for name, table in (tables.fixed | tables.derived).items():
            column = table.c.get("_site", table.c.get("site"))
            if column is not None:
                found[name] = connection.execute(select(func.count()).where(column == site)).scalar()
    return {name: rows for name, rows in found.items() if rows}


def settings(registry):
    with registry.store.read(EVERYWHERE) as connection:
        return set(connection.execute(select(registry.store.tables.setting.c.name)).scalars())


def register(registry, site, id):
    client = Registration(site, id, f"of {id}", "registry", "system/*.rs", "{}", None, registry.store.now())
    registry.store.clients.add(client)


def test_nothing_is_left_but_the_audit_log(registry, office):
    with pytest.raises(FhirError, match="Nobody is in the initial population"):  # which is kept
        evaluate.evaluate(registry, office, next(iter(MEASURES)), None, END, base=BASE)
    jobs = registry.store.jobs
    jobs.cancel(jobs.submit(office, KIND, {}, parts=[b"x"]))
    append(registry.store, pushed("p"), chain=WRITES, site=office)
    append(registry.store, read("p"), site=office)
    before, of_source = counts(registry, office), counts(registry, SOURCE)
    log = {"audit": 2, "audit_head": 2, "audit_patient": 2}
    assert before.items() > log.items()
    assert {"site", "resource", "version", "change", "job", "analysis", "index_token", "patient"} < before.keys()
    assert f"content of site {office}" in settings(registry)
    assert remove_site(registry, "office", EVENT) == TOLD
    assert counts(registry, office) == log
    assert counts(registry, SOURCE) == of_source | {"audit": 1, "audit_head": 1}
    assert f"content of site {office}" not in settings(registry)
    (event,) = all_events(registry)
    assert (event.chain, event.payload["interaction"], event.payload["count"]) == (READS, "destroy", TOLD)
    assert event.private["asked"]["reason"] == f"site office, number {office}, is removed"
    assert agrees(registry) == [] and broken(registry.store) == {}


def test_what_somebody_writes_of_an_analysis_meanwhile_goes_too(registry, office):
    store = registry.store
    key, analyses = analyse.question(registry, office, "halaven", None, 20269, BASE).key, store.analyses
    with store.database.write(office) as connection:
        begun = analyses.begin(connection, key)
    answers = {"halaven-dcr": Record("outside", None, None, "{}")}
    with ThreadPoolExecutor(1) as pool:
        with store.database.write(office) as connection:
            assert analyses.touch(connection, begun)
            analyses.add(connection, key, begun, [("p", answers, [("rule", "high", "Patient/p", 1, "note")])])
            analyses.set_tallies(connection, key, begun, {"halaven-dcr": "{}"})
            analyses.set_strays(connection, key, begun, {"q": 1})
            removed = pool.submit(remove_site, registry, "office")
            until(lambda: store.database.sqlite or waits_for_lock(store))
        assert removed.result() == TOLD
    assert counts(registry, office) == {}


def test_its_number_is_never_given_again(registry, office, make, tmp_path, new_database, content):  # noqa: F811
    """For events of the audit log bear it; nor in what is restored."""
    append(registry.store, read("p"), site=office)
    remove_site(registry, "office")
    assert "office" not in name_sites(registry.store).values()
    back_up(registry.store.database.engine.url.render_as_string(hide_password=False), tmp_path / "b.zip")
    assert make_site(registry, "klinik-b") == office + 1
    url = new_database("sqlite")
    restore(url, tmp_path / "b.zip")
    with closing(open_registry(url, content)) as restored:
        assert make_site(restored, "klinik-b") == office + 1
        assert broken(restored.store) == {}
    make()
    assert number(registry) == office + 2
    assert agrees(registry) == [] and broken(registry.store) == {}


def test_no_other_site_is_removed(registry, office):
    for name, problem in (("default", "default is a site of its own"), ("nowhere", "nowhere is no site")):
        with pytest.raises(PseudonymiseError, match=problem):
            remove_site(registry, name)
    assert counts(registry, office)


def test_clients_are_revoked_first(registry, office):
    register(registry, office, "one")
    register(registry, SOURCE, "elsewhere")
    register(registry, 0, "everywhere")
    with pytest.raises(PseudonymiseError, match=r"office has clients: one \(of one\); first .* client revoke"):
        remove_site(registry, "office", EVENT)
    assert registry.store.clients.revoke("one")
    remove_site(registry, "office", EVENT)
    with registry.store.clients.ask() as connection:
        assert [(client.id, site) for client, site in registry.store.clients.list(connection)] == [
            ("one", "office"),
            ("elsewhere", "default"),
            ("everywhere", "*"),
        ]


def test_a_client_of_a_site_that_was_just_removed_is_not_registered(registry, office):
    """Who registers it had found the site."""
    remove_site(registry, "office")
    with pytest.raises(FhirError, match="was removed meanwhile") as refused:
        register(registry, office, "late")
    assert refused.value.kind == "not-found"
    with registry.store.clients.ask() as connection:
        assert registry.store.clients.list(connection) == []


def test_a_client_that_is_just_registered_is_seen(registry, office, monkeypatch):
    clients, removing = registry.store.clients, []
    note = clients._audit.note

    def while_the_site_is_removed(*noted):  # the last before the commit
        removing.append(pool.submit(remove_site, registry, "office"))
        until(lambda: clients.store.database.sqlite or removing[0].done() or waits_for_lock(clients.store))
        note(*noted)

    monkeypatch.setattr(clients._audit, "note", while_the_site_is_removed)
    with ThreadPoolExecutor(1) as pool:
        register(registry, office, "one")
        with pytest.raises(PseudonymiseError, match="office has clients: one"):
            removing[0].result()


@pytest.mark.parametrize(("kind", "words"), [(KIND, "of office is not finished"), ("reindex", "made anew")])
def test_it_waits_for_jobs(registry, office, kind, words):
    before = counts(registry, office)
    id_ = registry.store.jobs.submit(OF_ALL if kind == "reindex" else office, kind, {})
    with pytest.raises(FhirError, match=words) as refused:
        remove_site(registry, "office")
    assert refused.value.kind == "conflict"
    registry.store.jobs.cancel(id_)
    assert counts(registry, office).items() >= before.items()
    assert remove_site(registry, "office") == TOLD


def test_who_still_asks_it_is_told(registry, office):
    """A request may have found the site just before."""
    remove_site(registry, "office")
    with pytest.raises(FhirError, match="it was removed") as refused:
        evaluate.evaluate(registry, office, next(iter(MEASURES)), None, END, base=BASE)
    assert refused.value.kind == "unavailable"
    with pytest.raises(FhirError, match="it was removed"), registry.store.read(office) as connection:
        registry.store.analyses.newest(connection, office)
    with pytest.raises(FhirError, match="it was removed"), registry.store.write(office):
        pass
