"""Checkpoints are signed outside of the database, by a key that it does not have (section 5.4)."""

import pytest
from audit_events import SITE, append, fill, read
from clock import NOW
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from sqlalchemy import update

from fhir_registry.core.audit import READS, WRITES
from fhir_registry.fhir.dates import SECOND
from fhir_registry.ops.audit_checkpoints import (
    CheckpointError,
    Checkpoints,
    new_key,
    read_checkpoints,
    read_private_key,
    read_public_key,
)
from fhir_registry.ops.open import open_registry
from fhir_registry.store.wall import EVERYWHERE


@pytest.fixture
def store(prepared, content, clock):
    registry = open_registry(prepared, content, clock=clock)
    yield registry.store
    registry.close()


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


KEYS = {"Ed25519": ed25519.Ed25519PrivateKey.generate(), "P-384": ec.generate_private_key(ec.SECP384R1())}


def lines(path):
    return path.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_what_is_signed_is_where_chains_end(store, tmp_path, key):
    path = tmp_path / "c"
    fill(store, 2)
    assert Checkpoints(path, read_private_key(pem(key))).add(store) == 2
    for public in (public_pem(key), pem(key)):
        found, wrong = read_checkpoints(lines(path), read_public_key(public))
        assert wrong == []
        with store.ask(EVERYWHERE) as connection:
            heads = {(head.site, head.chain): tuple(head) for head in store.audit.heads(connection)}
        assert {place: each[-1][:4] for place, each in found.items()} == heads
        assert found[SITE, WRITES][0].time == "2025-10-09T08:53:20.000Z"


def test_a_line_that_was_changed_or_is_of_another_key_is_told(store, tmp_path):
    path = tmp_path / "c"
    fill(store, 2)
    private, public = new_key()
    Checkpoints(path, read_private_key(private)).add(store)
    one, other = lines(path)
    changed = one.replace(b'"seq":2', b'"seq":1')
    assert changed != one
    found, wrong = read_checkpoints([changed, b"torn{\n", other], read_public_key(public))
    assert wrong == ["line 1 is not signed with this key", "line 2 is no checkpoint"] and len(found) == 1
    _, wrong = read_checkpoints([one, other], read_public_key(new_key()[1]))
    assert wrong == ["line 1 is not signed with this key", "line 2 is not signed with this key"]


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"-----BEGIN PRIVATE KEY-----\n",
        pem(ec.generate_private_key(ec.SECP256R1())),
        pem(rsa.generate_private_key(65537, 2048)),
    ],
    ids=["nothing", "cut", "P-256", "RSA"],
)
def test_other_keys_are_refused(text):
    with pytest.raises(ValueError, match="Ed25519 or P-384"):
        read_private_key(text)
    with pytest.raises(ValueError, match="Ed25519 or P-384"):
        read_public_key(text)


def test_there_is_another_after_a_thousand_events_or_a_minute(store, clock, tmp_path):
    checkpoints = Checkpoints(tmp_path / "c", KEYS["Ed25519"])
    assert checkpoints.add(store) == 0  # there is nothing
    append(store, read("p1"))
    assert checkpoints.add(store) == 1
    clock.now += 120 * SECOND
    assert checkpoints.add(store) == 0  # nothing is new
    clock.now = NOW + 121 * SECOND
    append(store, read("p1"))
    assert checkpoints.add(store) == 1
    append(store, *(read("p1") for _ in range(999)))
    clock.now += 59 * SECOND
    assert checkpoints.add(store) == 0
    append(store, read("p1"))
    assert checkpoints.add(store) == 1
    append(store, read("p1"))
    assert checkpoints.add(store) == 0
    assert checkpoints.add(store, at_once=True) == 1
    append(store, read("p1"))
    clock.now += 60 * SECOND
    assert checkpoints.add(store) == 1


def test_several_processes_write_one_file(store, clock, tmp_path):
    """Each knows what the others have signed; another file is begun when it is taken away."""
    path = tmp_path / "c"
    one, other = (Checkpoints(path, KEYS["Ed25519"]) for _ in range(2))
    append(store, read("p1"))
    assert (one.add(store), other.add(store)) == (1, 0)
    append(store, read("p1"))
    assert (other.add(store, at_once=True), one.add(store, at_once=True)) == (1, 0)
    path.rename(tmp_path / "old")
    assert (one.add(store), other.add(store)) == (1, 0)
    assert [len(lines(each)) for each in (tmp_path / "old", path)] == [2, 1]


def test_a_line_that_was_not_finished_is_left(store, tmp_path):
    path = tmp_path / "c"
    append(store, read("p1"))
    checkpoints = Checkpoints(path, KEYS["Ed25519"])
    checkpoints.add(store)
    with path.open("ab") as file:
        file.write(b'{"chain":1')
    append(store, read("p1"))
    assert checkpoints.add(store, at_once=True) == 1
    found, wrong = read_checkpoints(lines(path), KEYS["Ed25519"].public_key())
    assert wrong == ["line 2 is no checkpoint"] and [each.seq for each in found[SITE, READS]] == [1, 2]


def test_what_is_not_what_was_signed_is_not_signed_again(store, tmp_path, caplog):
    checkpoints = Checkpoints(tmp_path / "c", KEYS["Ed25519"])
    append(store, read("p1"))
    checkpoints.add(store)
    event = store.tables.audit.event
    append(store, read("p1"))
    with store.database.write(EVERYWHERE) as connection:
        connection.execute(update(event).where(event.c.seq == 1).values(hash="0" * 64))
    with pytest.raises(CheckpointError, match="audit verify"):
        checkpoints.add(store, at_once=True)
    for _ in range(3):
        checkpoints.keep(store)
    assert len(lines(tmp_path / "c")) == 1
    assert len([each for each in caplog.records if "audit verify" in each.message]) == 1


def test_a_file_that_cannot_be_written_is_told(store, tmp_path, caplog):
    checkpoints = Checkpoints(tmp_path / "none" / "c", KEYS["Ed25519"])
    append(store, read("p1"))
    checkpoints.keep(store)
    assert "the file of checkpoints cannot be written: No such file or directory" in caplog.text
