"""Whatever is done to the stored log is found, with the first event that is not what was written (AUD-11, AUD-13)."""

import random

import pytest
from audit_events import SITE, append, broken, erase, fill, read
from sqlalchemy import BigInteger, delete, func, insert, select, update

from fhir_registry.core.audit import FIRST, READS, WRITES, chain
from fhir_registry.ops.audit_checkpoints import (
    Checkpoints,
    new_key,
    read_checkpoints,
    read_private_key,
    read_public_key,
)
from fhir_registry.ops.audit_verify import verify
from fhir_registry.store.wall import EVERYWHERE

AT = 7  # the event that is tampered with
LAST = 20


@pytest.fixture
def store(registry):
    """That of a registry with LAST events of writes, and twice as many of reads."""
    fill(registry.store, LAST)
    return registry.store


def tamper(store, *statements):
    with store.database.write(EVERYWHERE) as connection:
        for statement in statements:
            connection.execute(statement)


def at(store, seq, number=WRITES):
    c = store.tables.audit.event.c
    return c.site == SITE, c.chain == number, c.seq == seq


def row(store, seq, number=WRITES):
    with store.ask(EVERYWHERE) as connection:
        return connection.execute(select(store.tables.audit.event).where(*at(store, seq, number))).mappings().one()


def flip(text, position, bit):
    """A text with one bit changed; it stays UTF-8 and JSON escapes none of it away."""
    return text[:position] + chr(ord(text[position]) ^ (1 << bit)) + text[position + 1 :]


# --- each of the six --------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["payload", "private", "hash"])
@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_changed_bit(store, column, place):
    event = store.tables.audit.event
    changed = flip(row(store, AT)[column], place % len(row(store, AT)[column]), 0)
    tamper(store, update(event).where(*at(store, AT)).values({column: changed}))
    assert broken(store) == {(SITE, WRITES): AT}


def test_another_time(store):
    event = store.tables.audit.event
    tamper(store, update(event).where(*at(store, AT)).values(recorded=event.c.recorded + 1))
    assert broken(store) == {(SITE, WRITES): AT}


def test_a_deleted_event(store):
    tamper(store, delete(store.tables.audit.event).where(*at(store, AT)))
    assert broken(store) == {(SITE, WRITES): AT}


def test_the_first_event_deleted(store):
    tamper(store, delete(store.tables.audit.event).where(*at(store, 1)))
    assert broken(store) == {(SITE, WRITES): 1}


def test_two_events_swapped(store):
    event = store.tables.audit.event
    one, other = row(store, AT), row(store, AT + 1)
    content = {name: one[name] for name in ("payload", "private", "recorded", "hash")}
    others = {name: other[name] for name in content}
    tamper(
        store,
        update(event).where(*at(store, AT)).values(others),
        update(event).where(*at(store, AT + 1)).values(content),
    )
    assert broken(store) == {(SITE, WRITES): AT}


def test_an_inserted_event(store):
    """Those after it are moved; their hashes are left, or made anew as far as somebody can without the others'."""
    event = store.tables.audit.event
    high = 10**6
    tamper(
        store,
        update(event).where(event.c.chain == WRITES, event.c.seq >= AT).values(seq=event.c.seq + high),
        update(event).where(event.c.chain == WRITES, event.c.seq >= high).values(seq=event.c.seq - high + 1),
        insert(event).values(dict(row(store, AT))),
    )
    assert broken(store) == {(SITE, WRITES): AT + 1}


@pytest.mark.parametrize("seq", [0, -5, LAST + 1])
def test_an_event_before_the_first_or_after_the_last(store, seq):
    tamper(store, insert(store.tables.audit.event).values(dict(row(store, AT)) | {"seq": seq}))
    assert broken(store) == {(SITE, WRITES): seq}


def test_the_end_is_cut(store):
    """Without the head: the head tells. With it, only a checkpoint can."""
    event = store.tables.audit.event
    tamper(store, delete(event).where(event.c.chain == WRITES, event.c.seq > AT))
    assert broken(store) == {(SITE, WRITES): AT + 1}


def test_an_event_is_not_found_by_its_patient(store):
    """The event stands, but whoever asks who has seen this patient is not told."""
    patient = store.tables.audit.patient
    tamper(store, delete(patient).where(patient.c.chain == READS, patient.c.seq == AT))
    assert broken(store) == {(SITE, READS): AT}


@pytest.mark.parametrize(("patient", "chain", "seq"), [("evil", READS, 3), ("p4", WRITES, 1), ("evil", READS, 10**6)])
def test_an_event_is_found_by_a_patient_whom_it_is_not_about(store, patient, chain, seq):
    tamper(store, insert(store.tables.audit.patient).values(site=SITE, patient=patient, chain=chain, seq=seq))
    assert broken(store) == {(SITE, chain): LAST if chain == WRITES else 2 * LAST}


def test_what_is_of_no_chain(store):
    tamper(store, insert(store.tables.audit.patient).values(site=SITE, patient="p4", chain=5, seq=1))
    tamper(store, insert(store.tables.audit.head).values(site=SITE, chain=6, seq=0, hash="0" * 64))
    assert broken(store) == {(SITE, 5): 1, (SITE, 6): 1}


@pytest.mark.parametrize("events", [0, 2])
def test_a_chain_of_a_site_that_never_was(store, events):
    """As whole as a chain can be."""
    tamper(store, insert(store.tables.audit.head).values(site=7, chain=READS, seq=0, hash=FIRST))
    append(store, *(read("p1") for _ in range(events)), site=7)
    assert broken(store) == {(7, READS): 1}


def test_a_chain_without_an_event_of_a_site_that_is_there(registry):
    """An erasure begins both."""
    erase(registry.store, "nobody")
    assert [(each.chain, each.seq) for each in verify(registry.store)] == [(WRITES, 1), (READS, 0)]
    assert broken(registry.store) == {}


def test_something_beside_the_private_parts(store):
    private = row(store, AT, READS)["private"]
    event = store.tables.audit.event
    tamper(store, update(event).where(*at(store, AT, READS)).values(private=f'{private[:-1]},"x":"y"}}'))
    assert broken(store) == {(SITE, READS): AT}


@pytest.mark.parametrize("number", [WRITES, READS])
def test_what_was_erased_is_put_back(store, number):
    """By whoever has a copy of before: the parts fit their digests, and an event says that they are gone."""
    event, _, patient = store.tables.audit
    with store.ask(EVERYWHERE) as connection:
        kept = {
            each["seq"]: each["private"]
            for each in connection.execute(select(event).where(event.c.chain == number)).mappings()
        }
        led = [
            dict(each)
            for each in connection.execute(
                select(patient).where(patient.c.chain == number, patient.c.patient == "p3")
            ).mappings()
        ]
    erase(store, "p3")
    assert broken(store) == {}
    for seq, private in kept.items():
        tamper(store, update(event).where(*at(store, seq, number)).values(private=private))
    tamper(store, insert(patient).values(led))
    assert broken(store) == {(SITE, number): min(each["seq"] for each in led)}


def test_the_head_tells_of_another_hash(store):
    head = store.tables.audit.head
    tamper(store, update(head).where(head.c.chain == READS).values(hash="0" * 64))
    assert broken(store) == {(SITE, READS): 2 * LAST}


# --- what only checkpoints find ---------------------------------------------------------------------


@pytest.fixture
def checkpoints(store, tmp_path):
    """A function: sign where the chains end now; {(site, chain): [Checkpoint]} of all that was signed."""
    private, public = new_key()
    path = tmp_path / "checkpoints"
    signing = Checkpoints(path, read_private_key(private))

    def sign():
        signing.add(store, at_once=True)
        known, wrong = read_checkpoints(path.read_bytes().splitlines(keepends=True), read_public_key(public))
        assert wrong == []
        return known

    return sign


def rewrite(store, first, number=WRITES):
    """Change an event, and compute all hashes from there on, and the head, as the program does."""
    event, head, _ = store.tables.audit
    with store.database.write(EVERYWHERE) as connection:
        before = connection.execute(select(event.c.hash).where(*at(store, first - 1, number))).scalar()
        query = select(event).where(event.c.chain == number, event.c.seq >= first).order_by(event.c.seq)
        for found in connection.execute(query).mappings().all():
            payload = (
                found["payload"].replace("push-client", "nobody-else") if found["seq"] == first else found["payload"]
            )
            before = chain(before, SITE, number, found["seq"], payload.encode())
            where = at(store, found["seq"], number)
            connection.execute(update(event).where(*where).values(payload=payload, hash=before))
        connection.execute(update(head).where(head.c.chain == number).values(hash=before))


def test_a_chain_made_anew(store, checkpoints):
    known = checkpoints()
    fill(store, 3)
    known = checkpoints()
    rewrite(store, LAST + 2)
    assert broken(store) == {}  # nothing in the database tells
    assert broken(store, known) == {(SITE, WRITES): LAST + 3}  # the next checkpoint; that before it holds
    rewrite(store, AT)
    assert broken(store, known) == {(SITE, WRITES): LAST}


def cut(store, seq):
    event, head, patient = store.tables.audit
    tamper(
        store,
        delete(event).where(event.c.chain == WRITES, event.c.seq > seq),
        delete(patient).where(patient.c.chain == WRITES, patient.c.seq > seq),
        update(head).where(head.c.chain == WRITES).values(seq=seq, hash=row(store, seq)["hash"]),
    )


def test_a_cut_end(store, checkpoints):
    known = checkpoints()
    cut(store, AT)
    assert broken(store) == {}
    assert broken(store, known) == {(SITE, WRITES): AT + 1}
    append(store, *(read(f"p{n}") for n in range(LAST)), chain=WRITES)  # others take its place
    assert broken(store, known) == {(SITE, WRITES): LAST}


def test_a_whole_chain_that_is_gone(store, checkpoints):
    known = checkpoints()
    tamper(store, *(delete(table) for table in store.tables.audit))
    assert broken(store) == {}
    assert broken(store, known) == {(SITE, WRITES): 1, (SITE, READS): 1}


def test_an_older_database_tells_which_checkpoint_is_missing(store, checkpoints):
    """AUD-13: as after a restore; its chain goes on, and the checkpoint of what is lost does not fit any more."""
    checkpoints()
    fill(store, 3)
    known = checkpoints()
    cut(store, LAST + 1)
    (found,) = (walked.broken for walked in verify(store, known) if walked.broken)
    lost = known[SITE, WRITES][-1]
    assert found.problem == f"it is not there, and the checkpoint of {lost.time} is of seq {LAST + 3}"
    assert found.seq == LAST + 2


# --- at random --------------------------------------------------------------------------------------


def tamper_at_random(store, source):
    """Do something to the log; the (chain, seq) of the first event that is not what was written."""
    event, head, patient = store.tables.audit
    number = source.choice((WRITES, READS))
    last = LAST if number == WRITES else 2 * LAST
    seq = source.randint(1, last)
    found = row(store, seq, number)
    what = source.choice(("bit", "bit", "bit", "recorded", "delete", "swap", "copy", "cut", "head", "index"))
    if what == "bit":
        column = source.choice(("payload", "private", "hash"))
        position = source.randrange(len(found[column]))
        # Letters, digits and marks of JSON: with one of the lower bits changed they are no control characters.
        changed = flip(found[column], position, source.choice((0, 1, 2, 3)))
        tamper(store, update(event).where(*at(store, seq, number)).values({column: changed}))
    elif what == "recorded":
        bit = 1 << source.randrange(40)
        recorded = found["recorded"] ^ bit
        tamper(store, update(event).where(*at(store, seq, number)).values(recorded=recorded))
    elif what == "delete":
        tamper(store, delete(event).where(*at(store, seq, number)))
    elif what == "swap":
        other = source.choice([each for each in range(1, last + 1) if each != seq])
        away = func.abs(event.c.seq, type_=BigInteger)
        tamper(
            store,
            update(event).where(*at(store, seq, number)).values(seq=-other),
            update(event).where(*at(store, other, number)).values(seq=-seq),
            update(event).where(event.c.chain == number, event.c.seq < 0).values(seq=away),
        )
        return number, min(seq, other)
    elif what == "copy":
        target = source.choice([each for each in range(1, last + 1) if each != seq])
        values = {name: found[name] for name in ("payload", "private", "recorded", "hash")}
        tamper(store, update(event).where(*at(store, target, number)).values(values))
        return number, target
    elif what == "cut":
        tamper(store, delete(event).where(event.c.chain == number, event.c.seq >= seq))
    elif what == "head":
        tamper(store, update(head).where(head.c.chain == number).values(seq=seq - 1))
    else:
        tamper(store, delete(patient).where(patient.c.chain == number, patient.c.seq == seq))
    return number, seq


def restore_tables(store, kept):
    tamper(store, *(delete(table) for table in store.tables.audit))
    tamper(store, *(insert(table).values(rows) for table, rows in zip(store.tables.audit, kept, strict=True)))


def test_a_hundred_at_random(store):
    seed = random.randrange(2**32)
    print("seed", seed)
    source = random.Random(seed)
    with store.ask(EVERYWHERE) as connection:
        kept = [[dict(each) for each in connection.execute(select(table)).mappings()] for table in store.tables.audit]
    for _ in range(100):
        number, seq = tamper_at_random(store, source)
        assert broken(store) == {(SITE, number): seq}, seed
        restore_tables(store, kept)
    assert broken(store) == {}
