"""`fhir-registry audit` on a database, with and without checkpoints (docs/cli.md)."""

import stat
from contextlib import closing

import pytest
from audit_events import append, erase, fill, read
from click.testing import CliRunner
from sqlalchemy import delete, update

from fhir_registry.core.audit import READS
from fhir_registry.edges.audit import checkpoints_of
from fhir_registry.edges.cli import main
from fhir_registry.edges.config import Config, ConfigError
from fhir_registry.ops.open import open_registry
from fhir_registry.store.wall import EVERYWHERE


@pytest.fixture
def run(prepared, monkeypatch):
    """A function: exit code and lines of a command on the database."""
    monkeypatch.setenv("FHIR_REGISTRY_DATABASE", prepared)

    def invoke(*arguments):
        result = CliRunner().invoke(main, ["audit", *map(str, arguments)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output.splitlines()

    return invoke


@pytest.fixture
def store(prepared, content):
    with closing(open_registry(prepared, content)) as registry:
        yield registry.store


@pytest.fixture
def signing(run, tmp_path, monkeypatch):
    """The file of checkpoints and the key that verifies them, which commands sign and find by themselves."""
    run("key", tmp_path / "key.pem")
    monkeypatch.setenv("FHIR_REGISTRY_AUDIT_CHECKPOINTS", str(tmp_path / "checkpoints"))
    monkeypatch.setenv("FHIR_REGISTRY_AUDIT_KEY", str(tmp_path / "key.pem"))
    return tmp_path / "checkpoints", tmp_path / "key.pem.pub"


def test_what_was_written_is_proved(run, store):
    fill(store, 3)
    erase(store, "p1")
    with store.ask(EVERYWHERE) as connection:
        writes, reads = (head.hash for head in store.audit.heads(connection))
    assert run("verify") == (
        0,
        [
            "no checkpoints: nobody knows whether the end of a chain was cut; name the file with --checkpoints",
            f"site 1 (default), writes (chain 0): 4 events, {writes}",
            f"site 1 (default), reads (chain 1): 6 events, {reads}",
            "the audit log is what was written",
        ],
    )


def test_what_was_not_is_an_exit_code(run, store):
    fill(store, 3)
    event = store.tables.audit.event
    with store.database.write(EVERYWHERE) as connection:
        connection.execute(update(event).where(event.c.chain == READS, event.c.seq == 2).values(hash="0" * 64))
    code, lines = run("verify")
    assert code == 1 and lines[-1] == "1 problems"
    assert lines[2].startswith("site 1 (default), reads (chain 1): BROKEN at seq 2: it is not what was written")


def test_checkpoints_are_signed_and_verified(run, store, signing):
    path, public = signing
    fill(store, 3)
    assert run("checkpoint") == (0, [f"2 checkpoints written to {path}"])
    assert run("checkpoint") == (0, ["nothing is new"])
    assert run("verify")[1][0] == f"{path}: 2 checkpoints are signed"
    event, head, patient = store.tables.audit
    with store.database.write(EVERYWHERE) as connection:
        for table in (event, patient):
            connection.execute(delete(table).where(table.c.chain == READS, table.c.seq > 1))
        values = {"seq": 1, "hash": store.audit.hash_of(connection, 1, READS, 1)}
        connection.execute(update(head).where(head.c.chain == READS).values(values))
    code, lines = run("verify", "--checkpoints", path, "--key", public)
    assert code == 1 and "BROKEN at seq 2: it is not there, and the checkpoint of" in lines[2]
    append(store, read("p1"))
    code, lines = run("checkpoint")
    assert code == 1 and "audit verify" in lines[0]


def test_checkpoints_of_another_key_are_problems(run, store, signing, tmp_path):
    path, _ = signing
    fill(store, 1)
    run("checkpoint")
    run("key", tmp_path / "other")
    code, lines = run("verify", "--key", tmp_path / "other.pub")
    assert code == 1 and lines[:2] == [f"{path}: line {n} is not signed with this key" for n in (1, 2)]


def test_a_key_is_for_its_owner_only(run, tmp_path):
    path = tmp_path / "key.pem"
    assert run("key", path)[0] == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = path.read_bytes()
    assert run("key", path) == (1, [f"Error: {path} is there already; name another file"])
    assert path.read_bytes() == kept


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"AUDIT_CHECKPOINTS": "c"}, "FHIR_REGISTRY_AUDIT_KEY, the key that signs them, go together"),
        ({"AUDIT_KEY": "c"}, "go together"),
        ({"AUDIT_CHECKPOINTS": "/none/c", "AUDIT_KEY": "k"}, "there is no folder /none"),
        ({"AUDIT_CHECKPOINTS": "c", "AUDIT_KEY": "none"}, "FHIR_REGISTRY_AUDIT_KEY=none cannot be read"),
        ({"AUDIT_CHECKPOINTS": "c", "AUDIT_KEY": "bad"}, "FHIR_REGISTRY_AUDIT_KEY=bad: it is no PEM"),
    ],
)
def test_settings_that_cannot_be_are_told(settings, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad").write_text("no key")
    with pytest.raises(ConfigError, match=words):
        checkpoints_of(Config.from_env({f"FHIR_REGISTRY_{name}": value for name, value in settings.items()}))


def test_without_settings_nothing_is_signed(run):
    code, lines = run("checkpoint")
    assert code == 1 and "set FHIR_REGISTRY_AUDIT_CHECKPOINTS and FHIR_REGISTRY_AUDIT_KEY" in lines[0]
