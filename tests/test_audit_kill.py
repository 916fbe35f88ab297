"""Writers are killed at any moment: what is stored has its event, and no event tells of what is not (AUD-12)."""

import itertools
import os
import random
import signal
import time
from collections import Counter

from audit_events import SITE, broken, read
from sqlalchemy import select

from fhir_registry.core.audit import READS, WRITES, Event, Part, seal
from fhir_registry.ops.audit_log import AuditLog
from fhir_registry.store.wall import EVERYWHERE

WRITERS, KILLS = 4, 12
PAUSE = 0.15  # seconds between two kills, in which each writer commits some times


def write_on(store, number, journal):
    """Store Patients with their events, and events of reads, until killed; a line for each that was acknowledged."""
    log = AuditLog(store)
    for n in itertools.count():
        name = f"w{number}-{n}"
        with store.write(SITE) as writer:
            stored = writer.put("Patient", name, {"resourceType": "Patient", "id": name}, "PUT")
            part = Part(name, (("create", "Patient", name, stored.version),))
            event = seal(Event("create", f"writer-{number}", parts=(part,)), writer.now)
            store.audit.append(writer.connection, SITE, WRITES, [event])
        os.write(journal, f"{WRITES} {name}\n".encode())
        log.record(SITE, read(name))
        os.write(journal, f"{READS} {name}\n".encode())


def start(store, number, journal):
    """The number of a process that writes on."""
    pid = os.fork()
    if pid:
        return pid
    try:
        store.database.forget_connections()
        write_on(store, number, journal)
    finally:
        os._exit(1)


def kill(pid):
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_killed_writers_leave_a_sound_log(registry, tmp_path):
    store, numbers = registry.store, itertools.count()
    store.database.close()  # no connection is there for children to share
    journal = os.open(tmp_path / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    running = [start(store, next(numbers), journal) for _ in range(WRITERS)]
    for _ in range(KILLS):
        time.sleep(PAUSE)
        kill(running.pop(random.randrange(WRITERS)))
        running.append(start(store, next(numbers), journal))
    time.sleep(PAUSE)
    for pid in running:
        kill(pid)
    os.close(journal)
    lines = (tmp_path / "journal").read_text().splitlines()
    acknowledged = {number: {line.split()[1] for line in lines if line[0] == str(number)} for number in (WRITES, READS)}
    assert min(map(len, acknowledged.values())) > KILLS

    assert broken(store) == {}
    patient, resource = store.tables.audit.patient, store.tables.resource
    with store.read(EVERYWHERE) as connection:
        told = {
            number: Counter(
                connection.execute(select(patient.c.patient).where(patient.c.chain == number)).scalars().all()
            )
            for number in (WRITES, READS)
        }
        stored = connection.execute(select(resource.c.id).where(resource.c.type == "Patient")).scalars().all()
    assert told[WRITES] == Counter(stored)  # each once
    assert acknowledged[WRITES] <= set(stored)
    assert acknowledged[READS] <= set(told[READS]) and max(told[READS].values()) == 1
