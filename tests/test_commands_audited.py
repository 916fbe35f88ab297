"""Commands that are given the settings of a server with access control are in its audit log (docs/audit.md)."""

import stat
from contextlib import closing

import pytest
from audit_events import append, broken, read
from audited_client import all_events
from click.testing import CliRunner
from rest_client import patient
from smart_client import builtin
from sqlalchemy import delete

from fhir_registry.edges.cli import main
from fhir_registry.fhir.errors import error
from fhir_registry.ops import ingest
from fhir_registry.ops.backup import back_up
from fhir_registry.ops.open import open_registry
from fhir_registry.store.database import Database
from fhir_registry.store.migrations import migrate
from fhir_registry.store.wall import EVERYWHERE

SITE = 1
OF_USER = {"client": "command line", "user": "auditor", "outcome": "0"}


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Those of a server with access control, in the environment of the commands."""
    found = builtin(tmp_path)
    for name, text in found.items():
        monkeypatch.setenv(f"FHIR_REGISTRY_{name}", text)
    monkeypatch.setenv("LOGNAME", "auditor")
    return found


@pytest.fixture
def registry(registry):
    ingest.update(registry, SITE, "Patient", "p", patient(id="p"))
    return registry


@pytest.fixture
def run(prepared, monkeypatch):
    """A function: exit code and output of a command on the database."""
    monkeypatch.setenv("FHIR_REGISTRY_DATABASE", prepared)

    def invoke(command, *arguments):
        result = CliRunner().invoke(main, [*command.split(), *map(str, arguments)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    return invoke


def told(registry):
    """(route, interaction, reason) of each event, which are all of the user of this machine."""
    found = []
    for row in all_events(registry):
        payload = row.payload
        assert payload | OF_USER == payload, payload
        reason = row.private["asked"]["reason"]
        found.append((payload["route"].removeprefix("fhir-registry "), payload["interaction"], reason))
    return found


def test_a_backup(settings, registry, run, tmp_path):
    assert run("backup", tmp_path / "b.zip")[0] == 0
    ((command, interaction, reason),) = told(registry)
    assert (command, interaction) == ("backup", "export") and reason.startswith("backup as of 20")
    (row,) = all_events(registry)
    assert row.payload["count"] == len(registry.content.resources) + 1


def test_a_restore(settings, registry, run, tmp_path, new_database, content):
    back_up(registry.store.database.engine.url.render_as_string(hide_password=False), tmp_path / "b.zip")
    url = new_database("sqlite")
    assert run("restore", tmp_path / "b.zip", "--database", url)[0] == 0
    assert told(registry) == []  # it is told where the data are now
    with closing(open_registry(url, content)) as restored:
        ((command, interaction, reason),) = told(restored)
    assert (command, interaction) == ("restore", "import") and reason.startswith("restored: backup as of 20")


def test_fsck_and_reindex(settings, registry, run):
    assert run("fsck")[0] == 0
    assert run("reindex")[0] == 0
    number = len(registry.content.resources) + 1
    assert told(registry) == [
        ("fsck", "operation", f"fsck: {number} resources, 0 findings, 0 repaired"),
        ("reindex", "operation", "reindex"),
    ]


def test_what_is_done_to_jobs(settings, registry, run):
    """And who looks at one, for its failure may name a patient; a list does not."""
    jobs = registry.store.jobs
    first, second = jobs.submit(SITE, "evaluate", {}), jobs.submit(SITE, "import", {})
    jobs.claim("vm/7/1", ("import",)).fail(error("unprocessable", "business-rule", "x"))
    assert run("jobs cancel", first[:12])[0] == run("jobs list")[0] == run("jobs show", second)[0] == 0
    assert run("jobs retry", second)[0] == 0
    assert run("jobs cancel", first)[0] == run("jobs retry", second)[0] == 1  # nothing is done
    assert told(registry) == [
        ("jobs cancel", "operation", f"cancel of the job {first}, evaluate"),
        ("jobs show", "operation", f"show of the job {second}, import"),
        ("jobs retry", "operation", f"retry of the job {second}, import"),
    ]


def test_a_purge_and_a_list_of_tombstones(settings, registry, run, tmp_path):
    assert run("erase --list", tmp_path / "list")[0] == 0
    assert stat.S_IMODE((tmp_path / "list").stat().st_mode) == 0o600
    assert run("erase --purge")[0] == 0
    assert told(registry) == [("erase", "export", "list of tombstones"), ("erase", "operation", "purge")]


def test_the_chain_holds(settings, registry, run, tmp_path):
    append(registry.store, read("p"))
    for command in ("fsck", "reindex", "erase --purge"):
        assert run(command)[0] == 0
    assert broken(registry.store) == {}


def test_without_access_control_nothing_is_recorded(registry, run, tmp_path):
    assert run("backup", tmp_path / "b.zip")[0] == run("fsck")[0] == run("reindex")[0] == run("erase --purge")[0] == 0
    assert told(registry) == []


@pytest.fixture
def damaged(registry):
    """Its audit log has lost the end of a chain, so that nothing can be added to it."""
    append(registry.store, read("p"))
    with registry.store.database.write(EVERYWHERE) as connection:
        connection.execute(delete(registry.store.tables.audit.head))
    return registry


def test_what_cannot_be_recorded_is_not_done(settings, damaged, run, tmp_path):
    code, output = run("backup", tmp_path / "b.zip")
    assert code == 1 and "audit verify" in output
    assert list(tmp_path.glob("b.zip*")) == []


def test_fsck_tells_of_a_log_that_takes_nothing(settings, damaged, run):
    code, output = run("fsck")
    assert code == 1 and "audit_head" in output and "audit: this is not in the audit log" in output
    assert "2 findings, 0 repaired, 2 left" in output


def test_a_database_of_an_older_release_is_backed_up_and_it_is_said(settings, new_database, tmp_path):
    """It has no audit log yet, and a backup is what one makes before an upgrade."""
    url = new_database("sqlite")
    with closing(Database(url)) as old, old.write(EVERYWHERE) as connection:
        migrate(connection, "0003")
    result = CliRunner().invoke(main, ["backup", str(tmp_path / "b.zip"), "--database", url])
    assert result.exit_code == 0 and "older release, which keeps no audit log" in result.output
    assert (tmp_path / "b.zip").exists()
