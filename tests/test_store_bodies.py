"""Texts of resources are packed in the database and nowhere else."""

import base64
import multiprocessing
import resource
from contextlib import closing
from pathlib import Path

import pytest
import zstandard
from sqlalchemy import LargeBinary, text, type_coerce, update
from test_upgrade import check_derived

from fhir_registry.examples import Example
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest, read
from fhir_registry.ops.open import open_registry
from fhir_registry.store import bodies

ODD = {"resourceType": "Basic", "id": "b", "code": {"text": "\\x00 漢字 \\n' \U0001f600 \t"}}


def kept(registry, connection):
    """[what the database itself holds of the texts], the newest first."""
    query = "SELECT body FROM version ORDER BY rid DESC, version DESC"
    return [row[0] for row in connection.execute(text(query))]


def test_what_is_packed_comes_back():
    for packed in (b"{}", b'{"resourceType":"Basic"}', "ä漢\U0001f600".encode() * 1000, b"\x00\x01", bytes(range(256))):
        assert bodies.pack(packed) != packed
        assert bodies.unpack(bodies.pack(packed)) == packed
    assert bodies.pack(b"") == bodies.unpack(b"") == b""


def test_patients_take_a_fifth():
    """Patients that the dictionary was not made from."""
    *_, bundle = Example("halaven", 1, seed=77).bundles()
    texts = [json.dumps(entry["resource"]) for entry in bundle["entry"] if "resource" in entry]
    assert sum(len(bodies.pack(text)) for text in texts) < 0.2 * sum(map(len, texts))


def test_texts_are_packed_where_they_lie(registry):
    stored = ingest.update(registry, 1, "Basic", "b", ODD)
    ingest.delete(registry, 1, "Basic", "b")
    with registry.store.read(1) as connection:
        deleted, packed, *_ = kept(registry, connection)
    assert zstandard.get_frame_parameters(packed).dict_id == 1
    assert bodies.unpack(packed) == stored.body
    assert not deleted
    with registry.store.read(1) as connection:
        assert registry.store.reader.read(connection, 1, "Basic", "b", 1).body == stored.body


def test_texts_of_before_stay_readable(registry):
    """A database of the first schema has the texts themselves; the migration leaves them as they are."""
    stored = ingest.update(registry, 1, "Basic", "b", ODD)
    plain = stored.body if registry.store.database.engine.dialect.name == "postgresql" else stored.body.decode()
    with registry.store.database.write(1) as connection:
        connection.execute(text("UPDATE version SET body = :body WHERE type = 'Basic'"), {"body": plain})
    assert read.read(registry, 1, "Basic", "b").body == stored.body
    ingest.update(registry, 1, "Basic", "b", {**ODD, "language": "de"})
    assert json.parse(read.read(registry, 1, "Basic", "b").body)["language"] == "de"
    assert read.vread(registry, 1, "Basic", "b", "1").body == stored.body


def test_a_database_keeps_its_dictionaries(database, content, monkeypatch):
    """What was packed with an older dictionary is read with the one that the database keeps."""
    registry = open_registry(database, content)
    stored = ingest.update(registry, 1, "Basic", "b", ODD)
    registry.close()
    samples = [b'{"resourceType":"Other","id":"%d","other":"%d"}' % (n, n * n) for n in range(500)]
    newer = zstandard.train_dictionary(2048, samples, dict_id=2)
    monkeypatch.setattr(bodies, "_newest", lambda: newer)
    for name in ("packer", "unpackers"):
        bodies._of_this_thread.__dict__.pop(name, None)
    bodies._known.clear()
    try:
        with pytest.raises(ValueError, match="dictionary 1, which the table 'setting' does not hold"):
            bodies.unpack(bodies.zstandard.ZstdCompressor(dict_data=first()).compress(b"text"))
        registry = open_registry(database, content)
        assert read.read(registry, 1, "Basic", "b").body == stored.body
        registry.close()
    finally:
        for name in ("packer", "unpackers"):
            bodies._of_this_thread.__dict__.pop(name, None)


def first():
    return zstandard.ZstdCompressionDict(bodies.DICTIONARY.read_bytes())


def test_the_dictionary_is_kept_once(database, content):
    for _ in range(2):
        registry = open_registry(database, content)
        with registry.store.read(1) as connection:
            query = "SELECT value FROM setting WHERE name = 'dictionary 1'"
            ((value,),) = connection.execute(text(query)).all()
        registry.close()
    assert base64.b64decode(value) == bodies.DICTIONARY.read_bytes()


def test_a_damaged_text_is_named():
    packed = bytearray(bodies.pack(b'{"resourceType":"Basic","id":"b"}'))
    packed[-6] ^= 1
    with pytest.raises(bodies.DamagedText, match="a packed text is damaged"):
        bodies.unpack(bytes(packed))


@pytest.mark.parametrize("at", range(4))
def test_what_is_known_as_packed_no_more_is_damaged_too(at):
    """RFC 8878, 3.1.1: a frame begins with four bytes that say so."""
    packed = bytearray(bodies.pack(b'{"resourceType":"Basic","id":"b"}'))
    packed[at] ^= 1
    with pytest.raises(bodies.DamagedText, match="neither packed nor UTF-8"):
        bodies.read_text(bytes(packed))


def test_the_densest_text_is_unpacked():
    text = b" " * 40_000_000
    assert bodies.unpack(bodies.pack(text)) == text


def test_a_process_without_memory_says_nothing_of_the_text():
    packed = bodies.pack(b" " * 200_000_000)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_unpack_in_little_memory, args=(packed, sender))
    process.start()
    sender.close()
    assert receiver.recv() == "MemoryError"
    process.join()


def _unpack_in_little_memory(packed, sender):
    bodies.unpack(bodies.pack(b"{}"))
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 50_000_000, resource.RLIM_INFINITY))
    try:
        bodies.unpack(packed)
    except (MemoryError, ValueError) as problem:
        sender.send(type(problem).__name__)


@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_damaged_text_stops_a_reindex_until_an_update_is_stored_over_it(database, content, caplog, meanwhile):
    changed, spoilt = content._replace(hash="changed"), []
    with closing(open_registry(database, content)) as old:
        version = old.store.tables.version

        def spoil(*_):
            if not spoilt:
                spoilt.append(ingest.update(old, 1, "Patient", "p", {"resourceType": "Patient", "id": "p"}))
                with old.store.database.write(1) as connection:
                    spoiling = update(version).where(version.c.type == "Patient")
                    connection.execute(spoiling.values(body=type_coerce(b"\xff", LargeBinary)))

        if not meanwhile:
            spoil()
        with pytest.raises(FhirError, match="is damaged"):
            open_registry(database, changed, report=spoil)
        assert "version 1: a text is neither packed nor UTF-8; run fhir-registry fsck" in caplog.text
        ingest.update(old, 1, "Patient", "p", {"resourceType": "Patient", "id": "p", "birthDate": "1950"})
    with closing(open_registry(database, changed)) as new:
        check_derived(new)
