"""The audit log is chained, can be erased without a break, and is part of a backup (section 5.4)."""

import hashlib
import json
from contextlib import closing

import pytest
from audit_events import CLIENT, SITE, append, broken, erase, fill, pushed, read, searched
from sqlalchemy import delete, select, text, update

from fhir_registry.core.audit import FIRST, READS, WRITES, Part, chain, seal
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import fsck
from fhir_registry.ops.audit_verify import verify
from fhir_registry.ops.backup import back_up, restore
from fhir_registry.ops.open import make_site, open_registry
from fhir_registry.store.wall import EVERYWHERE

OTHER = {"sqlite": "postgresql", "postgresql": "sqlite"}


def rows(store, site=SITE):
    """[(chain, seq, payload, private, hash)] of a site."""
    c = store.tables.audit.event.c
    with store.ask(EVERYWHERE) as connection:
        query = select(c.chain, c.seq, c.payload, c.private, c.hash).where(c.site == site).order_by(c.chain, c.seq)
        return [tuple(row) for row in connection.execute(query)]


def about(store, patient, site=SITE):
    with store.ask(EVERYWHERE) as connection:
        return [(row.chain, row.seq) for row in store.audit.page(connection, site, 1000, patients=[patient])]


def test_the_hash_is_that_of_the_text_with_its_place():
    """By hand, from docs/audit.md."""
    payload = b'{"client":"a"}'
    expected = hashlib.sha256(b"fhir-registry audit 1\n1\n0\n7\n" + FIRST.encode() + b"\n" + payload).hexdigest()
    assert chain(FIRST, 1, 0, 7, payload) == expected
    assert len({chain(FIRST, 1, 0, 7, payload), chain(FIRST, 11, 0, 7, b""), chain(FIRST, 1, 1, 7, payload)}) == 3


def test_texts_are_canonical():
    """RFC 8785, 3.2.2.2 and 3.2.3: names sorted, no white space, only what must be escaped is."""
    sealed = seal(searched(query='a="\u00e9\u20ac\b\x1f/\\\x7f\U0001f600'), 1)
    names = list(json.loads(sealed.payload))
    assert names == sorted(names)
    assert b" " not in sealed.payload
    assert '"query":"a=\\"\u00e9\u20ac\\b\\u001f/\\\\\x7f\U0001f600"'.encode() in sealed.private


def test_the_payload_tells_of_no_person():
    sealed = seal(pushed("mueller-1953", query="family=Mueller", reason="Mueller has moved"), 1)
    assert b"ueller" not in sealed.payload and sealed.private.count(b"ueller") > 3
    assert seal(read("p1"), 1).payload != seal(read("p1"), 1).payload  # a digest of one id is never the same


def test_ids_that_are_none_are_refused():
    with pytest.raises(ValueError, match="1 to 64 characters"):
        seal(read("a/b"), 1)


def test_chains_are_apart_and_without_a_gap(registry):
    store = registry.store
    fill(store, 3)
    append(store, read("p1"), site=make_site(registry, "klinik-b"))
    assert [(number, seq) for number, seq, *_ in rows(store)] == [
        *((WRITES, seq) for seq in range(1, 4)),
        *((READS, seq) for seq in range(1, 7)),
    ]
    found = {(each.site, each.chain): (each.seq, each.hash) for each in verify(store)}
    last = {(SITE, number): (seq, hash_) for number, seq, _, _, hash_ in rows(store)}
    assert {place: end for place, end in found.items() if place[0] == SITE} == last
    assert found[2, READS][0] == 1 and broken(store) == {}


def test_an_event_goes_with_its_transaction(registry):
    store = registry.store
    with pytest.raises(ZeroDivisionError), store.write(SITE) as writer:
        store.audit.append(writer.connection, SITE, WRITES, [seal(pushed("p1"), store.now())])
        _ = 1 / 0
    assert rows(store) == [] and broken(store) == {}
    with store.write(SITE) as writer:
        assert store.audit.append(writer.connection, SITE, WRITES, [seal(pushed("p1"), store.now())]) == 1
    assert len(rows(store)) == 1


def test_what_is_read_is_what_was_told(registry):
    store = registry.store
    append(store, pushed("p1", "p2"), chain=WRITES)
    with store.ask(EVERYWHERE) as connection:
        row = store.audit.find(connection, SITE, WRITES, 1)
        assert store.audit.find(connection, SITE, WRITES, 2) is None
    assert row.payload["client"] == CLIENT and row.payload["count"] == 4
    assert [part["patient"] for part in row.private["parts"]] == ["p1", "p2"]
    assert row.private["parts"][0]["entries"] == [["create", "Patient", "p1", 1], ["update", "Observation", "of-p1", 2]]


def test_many_at_once_are_as_one_by_one(registry):
    """More than are copied to PostgreSQL in the short way."""
    store = registry.store
    assert append(store, *(read(f"p{n}") for n in range(50))) == 50
    assert broken(store) == {} and about(store, "p49") == [(READS, 50)]


# --- erasure ----------------------------------------------------------------------------------------


def test_a_patient_is_erased_and_the_chain_holds(registry):
    store = registry.store
    append(store, pushed("gone", "stays", query="name=gone", reason="gone has moved"), chain=WRITES)
    append(store, read("stays"), searched("gone", query="patient=gone"))
    before = rows(store)
    assert about(store, "gone") and erase(store, "gone") == 2
    after = rows(store)
    assert "gone" not in json.dumps(after) and "gone" in json.dumps(before)
    assert about(store, "gone") == [] and about(store, "stays") == [(READS, 1), (WRITES, 1)]
    # Hashes and payloads are what they were; one event is new.
    assert [(*row[:3], row[4]) for row in before] == [(*row[:3], row[4]) for row in after if row[:2] != (WRITES, 2)]
    erased = json.loads(after[1][2])
    said = json.loads(before[0][2])
    assert erased["interaction"] == "destroy" and len(erased["erased"]) == 4
    assert {said["parts"][0], said["asked"]} < {*erased["erased"]} and said["parts"][1] not in erased["erased"]
    assert broken(store) == {}


def test_a_part_that_nobody_erased_is_missed(registry):
    """Its text is null, as after an erasure, and no event tells of that."""
    store = registry.store
    fill(store, 3)
    erase(store, "p0")
    event = store.tables.audit.event
    private = json.dumps({"parts": [None]}, separators=(",", ":"))
    with store.database.write(EVERYWHERE) as connection:
        where = (event.c.chain == READS, event.c.seq == 3)
        connection.execute(update(event).where(*where).values(private=private))
    assert broken(store) == {(SITE, READS): 3}


def test_an_erasure_of_one_site_is_none_of_another(registry):
    store = registry.store
    append(store, read("p1"))
    append(store, read("p1"), site=2)
    assert erase(store, "p1", site=2) == 1
    assert about(store, "p1") == [(READS, 1)] and about(store, "p1", site=2) == []


# --- what belongs to a database ---------------------------------------------------------------------


def test_a_backup_holds_the_log(registry, new_database, content, tmp_path):
    """In both kinds of database, as texts that need no program to be read."""
    store, path = registry.store, tmp_path / "b.zip"
    fill(store)
    erase(store, "p1")
    back_up(store.database.engine.url.render_as_string(hide_password=False), path)
    for kind in OTHER:
        url = new_database(kind)
        restore(url, path)
        with closing(open_registry(url, content)) as restored:
            assert rows(restored.store) == rows(store)
            assert about(restored.store, "p2") == about(store, "p2") != []
            assert broken(restored.store) == {}
            append(restored.store, read("p1"))
            assert broken(restored.store) == {}


def test_fsck_looks_at_the_heads(registry):
    store = registry.store
    fill(store, 3)
    assert list(fsck.check(registry)) == []
    event, head, _ = store.tables.audit
    with store.database.write(EVERYWHERE) as connection:
        connection.execute(delete(event).where(event.c.chain == READS, event.c.seq == 6))
        connection.execute(delete(head).where(head.c.chain == WRITES))
    found = [(each.table, each.name, each.problem) for each in fsck.check(registry)]
    assert found == [
        ("audit_head", "site 1 chain 0", "it is not there, though there are events"),
        ("audit_head", "site 1 chain 1", "the chain does not end where it says"),
    ]


def test_without_its_end_a_chain_takes_no_event(registry):
    store = registry.store
    fill(store, 1)
    with store.database.write(EVERYWHERE) as connection:
        connection.execute(delete(store.tables.audit.head))
    with pytest.raises(FhirError, match="audit verify") as found:
        append(store, read("p1"))
    assert found.value.kind == "unavailable"
    assert broken(store) == {(SITE, WRITES): 2, (SITE, READS): 3}


def test_what_is_damaged_is_told_without_its_text(registry, caplog):
    store = registry.store
    append(store, read("secret"))
    with store.database.write(EVERYWHERE) as connection:
        connection.execute(text("UPDATE audit SET private = 'secret{'"))
    with pytest.raises(FhirError) as found, store.ask(EVERYWHERE) as connection:
        store.audit.find(connection, SITE, READS, 1)
    assert found.value.kind == "internal" and "chain 1, seq 1" in caplog.text and "secret" not in caplog.text


def test_a_part_without_a_patient_is_kept(registry):
    store = registry.store
    append(store, read("p1", parts=(Part("", (("read", "Medication", "m", 1),)),)))
    assert broken(store) == {} and about(store, "") == []
