"""The comparison after a kill (torture/ledger.py) finds what is lost, partial, double or changed (REL-01)."""

import dataclasses
import shutil

import pytest
from journal import Intent
from ledger import Ledger
from mixed_writer import MixedWriter, send
from own_server import Answer
from sqlalchemy import text

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.reindex import open_tables
from fhir_registry.store.store import Store

LAST = "SELECT max(rid) FROM resource WHERE type = 'Patient' AND deleted = 0"
OTHER = f"SELECT body FROM version WHERE rid = ({LAST}) - 1 AND version = 1"


class Direct:
    """A client of an application in this process."""

    def __init__(self, registry):
        self._client = create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": "unused"}), registry).test_client()

    def fhir(self, method, path, body=None, headers=None):
        sent = {"json": body} if isinstance(body, dict) else {"data": body}
        response = self._client.open(f"/fhir/{path}" if path else "/fhir", method=method, headers=headers, **sent)
        return Answer(response.status_code, {k.lower(): v for k, v in response.headers.items()}, response.data)


class Kept:
    """A journal in memory; forgets the answer to the last request, as a client does that was told none."""

    def __init__(self):
        self.lines = []

    def intend(self, kind, entries):
        self.lines.append([Intent(len(self.lines), kind, entries), None, None])
        return self.lines[-1][0]

    def acknowledge(self, intent, status, answers):
        self.lines[intent.number][1:] = status, answers


@pytest.fixture(scope="module")
def sound(tmp_path_factory, content):
    """(path of a SQLite file, registry, journal lines) after requests of two writers."""
    path = tmp_path_factory.mktemp("ledger") / "registry.sqlite"
    registry, journal = open_registry(f"sqlite:///{path}", content), Kept()
    client, writers = Direct(registry), [MixedWriter(f"w{number}", seed=5) for number in range(2)]
    for _ in range(15):
        for writer in writers:
            writer.step(client, journal)
    assert [writer.unexpected for writer in writers] == [[], []]
    registry.close()
    return path, registry, journal.lines


@pytest.fixture
def written(sound, tmp_path):
    """(registry, client, journal) of a copy of it."""
    path, registry, lines = sound
    shutil.copy(path, tmp_path / "copy.sqlite")
    store = Store(f"sqlite:///{tmp_path / 'copy.sqlite'}", registry.content)
    open_tables(store)
    registry, journal = dataclasses.replace(registry, store=store), Kept()
    journal.lines = [list(line) for line in lines]
    yield registry, Direct(registry), journal
    registry.close()


def compare(client, journal):
    ledger = Ledger()
    ledger.check(client, journal.lines)
    ledger.check_all(client)
    return ledger


def test_what_was_written_is_there(written):
    _, client, journal = written
    ledger = compare(client, journal)
    assert ledger.problems == []
    assert ledger.acknowledged > 100


@pytest.mark.parametrize(
    "damage",
    [
        f"DELETE FROM version WHERE rid = ({LAST})",
        f"DELETE FROM index_token WHERE rid = ({LAST})",
        f"UPDATE resource SET deleted = 1 WHERE rid = ({LAST})",
        f"UPDATE version SET body = ({OTHER}) WHERE rid = ({LAST})",
    ],
)
def test_what_the_database_lost_is_found(written, damage):
    registry, client, journal = written
    with registry.store.write(1) as writer:
        writer.connection.execute(text(damage))
    assert compare(client, journal).problems


def lose_answer(journal, number):
    journal.lines[number][1:] = None, None


def transaction_of(journal):
    """The number of a transaction with several entries that was answered."""
    return next(n for n, (intent, _, _) in enumerate(journal.lines) if len(intent.entries) > 5)


def test_what_was_not_acknowledged_may_be_there(written):
    _, client, journal = written
    lose_answer(journal, transaction_of(journal))
    assert compare(client, journal).problems == []


def test_what_was_never_written_is_lost(written):
    _, client, journal = written
    writer = MixedWriter("other", seed=1)
    intent = journal.intend("single", [writer._put_new(0)])
    assert compare(client, journal).problems == []  # absent, as it may be
    journal.acknowledge(intent, 201, [(201, intent.entries[0]["request"]["url"], 1)])
    (problem,) = compare(client, journal).problems
    assert problem.startswith("lost: ")


def test_a_part_of_a_transaction_is_found(written):
    _, client, journal = written
    writer = MixedWriter("other", seed=1)
    entries = [writer._put_new(number) for number in range(3)]
    send(client, "single", entries[:1])
    journal.intend("transaction", entries)
    (problem,) = compare(client, journal).problems
    assert problem.startswith("in part: 1 of 3")


def test_what_is_double_is_found(written):
    _, client, journal = written
    entry = MixedWriter("other", seed=1)._create(0)
    for _ in range(2):
        send(client, "single", [entry])
    journal.intend("single", [entry])
    assert any("was written twice" in problem for problem in compare(client, journal).problems)


def test_a_conditional_create_that_made_two_is_found(written):
    _, client, journal = written
    for name in ("other", "another"):
        entry = MixedWriter(name, seed=1)._create_once(0)
        entry["resource"]["identifier"][1]["value"] = "both"
        send(client, "single", [{**entry, "request": {"method": "POST", "url": "Patient"}}])
        entry["request"]["ifNoneExist"] = "identifier=urn:key|both"
        journal.intend("single", [entry])
    problems = compare(client, journal).problems
    assert [problem[:7] for problem in problems] == ["double:"] * len(problems) != []


def test_what_was_refused_and_is_there_is_found(written):
    _, client, journal = written
    number = transaction_of(journal)
    journal.lines[number][1:] = 412, []
    assert any("refused and yet there" in problem for problem in compare(client, journal).problems)


def test_versions_of_nobody_are_found(written):
    _, client, journal = written
    send(client, "single", [MixedWriter("other", seed=1)._put_new(0)])
    (problem,) = compare(client, journal).problems
    assert "nobody wrote" in problem
