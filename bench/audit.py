"""What the audit log costs: a push, a read by how many ask at once, verification; printed with machine and size."""

import argparse
import itertools
import os
import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from databases import SQLite, new_database, postgresql_server
from machine import print_machine

from fhir_registry.content.registry import load_content
from fhir_registry.core.audit import READS, WRITES, Event, Part, seal
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.audit_log import AuditLog
from fhir_registry.ops.audit_verify import verify
from fhir_registry.ops.open import open_registry

SITE = 1


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 8, 64], help="who record reads at once")
    parser.add_argument("--seconds", type=float, default=5, help="of each measurement of them")
    parser.add_argument("--entries", type=int, default=500, help="of one push")
    parser.add_argument("--events", type=int, nargs="*", default=[100_000], help="that are verified")
    options = parser.parse_args()
    print_machine()
    content = load_content()
    for kind in options.database:
        with database(kind) as url, closing(open_registry(url, content)) as registry:
            print(f"\n{kind}")
            measure_push(registry.store, options.entries)
            for callers in options.callers:
                measure_reads(registry.store, callers, options.seconds)
            measure_beside_push(registry.store)
            for events in options.events:
                measure_verify(registry.store, events)


@contextmanager
def database(kind):
    with tempfile.TemporaryDirectory() as folder:
        if kind == "sqlite":
            yield SQLite(f"{folder}/bench.sqlite").url
        else:
            os.chmod(folder, 0o755)  # run as root, PostgreSQL is another user
            with postgresql_server(folder) as server:
                yield new_database(server, "bench").url


def push_event(entries, number):
    """One transaction of so many entries of one patient, with ids as the server gives them."""
    patient = f"0190b2a4-7c1e-7d44-9a53-{number:012x}"
    created = tuple(("create", "Observation", f"{patient[:-6]}{n:06x}", 1) for n in range(entries))
    told = {"role": "site", "address": "192.0.2.7", "request": os.urandom(16).hex(), "method": "POST"}
    return Event(
        "transaction", "client-1", route="/fhir", status=200, count=entries, parts=(Part(patient, created),), **told
    )


def read_event(number):
    patient = f"0190b2a4-7c1e-7d44-9a53-{number % 5000:012x}"
    told = {"role": "site", "address": "192.0.2.7", "request": os.urandom(16).hex(), "method": "GET", "status": 200}
    parts = (Part(patient, (("read", "Observation", patient, 1),)),)
    return Event("read", "client-1", route="/fhir/<type>/<id>", parts=parts, **told)


def measure_push(store, entries, times=30):
    """What append takes inside a write transaction, its sealing included."""
    took = []
    for number in range(times):
        event = push_event(entries, number)
        with store.write(SITE) as writer:
            started = time.perf_counter()
            store.audit.append(writer.connection, SITE, WRITES, [seal(event, writer.now)])
            took.append(time.perf_counter() - started)
    size = len(seal(push_event(entries, 0), 0).private)
    print(f"push of {entries} entries   {statistics.median(took) * 1000:.2f} ms of its transaction, {size:,} bytes")


def measure_reads(store, callers, seconds):
    """How long each of so many callers waits until his event is stored."""
    log, end, numbers = AuditLog(store), time.monotonic() + seconds, itertools.count()

    def call(_):
        took = []
        while time.monotonic() < end:
            event = read_event(next(numbers))
            started = time.perf_counter()
            log.record(SITE, event)
            took.append(time.perf_counter() - started)
        return took

    with ThreadPoolExecutor(callers) as pool:
        took = sorted(itertools.chain(*pool.map(call, range(callers))))
    log.close()
    middle, late = took[len(took) // 2], took[len(took) * 99 // 100]
    print(
        f"{callers:3} read at once        {middle * 1000:.2f} ms each, 99 of 100 under {late * 1000:.1f} ms, "
        f"{len(took) / seconds:,.0f} events/s"
    )


def measure_beside_push(store, hold=2.0, rounds=3):
    """How long a read waits while another transaction writes for a while: on SQLite until it is done."""
    log, took = AuditLog(store), []

    def write():
        for _ in range(rounds):
            with store.write(SITE) as writer:
                writer.put(
                    "Basic",
                    "held",
                    {"resourceType": "Basic", "id": "held", "code": {"text": str(time.time())}},
                    "PUT",
                    store.reader.states(writer.connection, SITE, [("Basic", "held")]).get(("Basic", "held")),
                )
                time.sleep(hold)
            time.sleep(0.01)

    writing = threading.Thread(target=write)
    writing.start()
    for number in itertools.count():
        if not writing.is_alive():
            break
        started = time.perf_counter()
        try:
            log.record(SITE, read_event(number))
        except FhirError:
            print("a read was refused")
        took.append(time.perf_counter() - started)
    log.close()
    print(f"beside writes of {hold:g} s   at most {max(took):.2f} s, median {statistics.median(took) * 1000:.1f} ms")


def measure_verify(store, events, chunk=1000):
    with store.ask(1) as connection:
        there = sum(head.seq for head in store.audit.heads(connection))
    for start in range(there, events, chunk):
        with store.database.write(1) as connection:
            sealed = [seal(read_event(start + n), store.now()) for n in range(min(chunk, events - start))]
            store.audit.append(connection, SITE, READS, sealed)
    started, processor = time.perf_counter(), time.process_time()
    walked = list(verify(store))
    took, processor = time.perf_counter() - started, time.process_time() - processor
    assert not any(each.broken for each in walked)
    number = sum(each.seq for each in walked)
    told = f"{took:.1f} s, {processor:.1f} s of processor beside the database's"
    print(f"verify {number:,} events   {told}   target 60 s for 1,000,000", flush=True)


if __name__ == "__main__":
    main()
