"""How fast outcomes are derived and reported: 10,000 to 1,000,000 patients in SQLite; printed with machine and size.

The patients are written straight into the mapped tables (bench/many_patients.py); those who change are pushed.
"""

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from machine import print_machine
from many_patients import REGISTRY, SITE, make_many_patients, patient_id

from fhir_registry.content.registry import load_content
from fhir_registry.endpoints.usable import usable_data
from fhir_registry.examples import REGISTRIES
from fhir_registry.fhir.dates import day_interval
from fhir_registry.ops import ingest
from fhir_registry.ops.analyse import question
from fhir_registry.ops.derivation import derive_answers
from fhir_registry.ops.evaluate import evaluate
from fhir_registry.ops.open import open_registry, spare_collector
from fhir_registry.store.facts import read_facts, subject_ranges

URL = "http://localhost/fhir"
START, END = REGISTRIES[REGISTRY].PERIOD
CHANGED = 100  # of so many patients one changes
ENTRIES = 250  # of one bundle with changes
_registry = None  # of a worker process


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, nargs="+", default=[10_000, 100_000], help="sizes, one after the other")
    parser.add_argument("--folder", help="where the database is made, some 18 kB a patient; gone at the end")
    options = parser.parse_args()
    print_machine()
    for patients in options.patients:
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            path = Path(folder) / "bench.sqlite"
            seconds, _ = timed(make_many_patients, path, patients)
            print(f"\n{patients:,} patients, {path.stat().st_size / 1e6:,.0f} MB, made in {seconds:,.0f} s")
            measure(path, patients)


def measure(path, patients):
    """Print every figure of a database without analyses."""
    for what, work in (("reading", read_range), ("derivation of all measures", derive_range)):
        for processes in (1, 2):
            seconds, cpu = run_ranges(path, work, -(-patients // processes), processes)
            target = "target 10,000 on two cores" if work is derive_range else ""
            note = f"({cpu / patients * 1e6:,.0f} us of processor each)"
            name = f"{what}, {processes} process{'es' * (processes > 1)}"
            show(name, patients / seconds, f"patients/s {note}", target)
    with worker(path) as pool:
        one, other = pool.submit(list_measures).result()[:2]
        first, cpu = pool.submit(report, one).result()
        note = f"({cpu / patients * 1e6:,.0f} us of processor each)"
        show("first report", first, f"s, {patients / first:,.0f} patients/s {note}")
        for what, measure_id in (("the same report again", one), ("report of another measure", other)):
            seconds, cpu = pool.submit(report, measure_id).result()
            show(what, seconds, f"s ({cpu:.2f} s of processor)", "target 1 s for 1,000,000")
        own, child = pool.submit(peak_memory).result()
        show("memory, peak", own, f"MB, and {child:,.0f} of each process that derives", "target 500")
        pool.submit(change, patients).result()
        changed, cpu = pool.submit(report, one).result()
        show("report after 1 % of patients changed", changed, f"s ({cpu:.2f} s of processor)")
        show("  of the first", 100 * changed / first, "%", "target 3")


def show(what, number, unit, target=""):
    print(f"{what:38} {number:>10,.{2 if number < 100 else 0}f} {unit}   {target}".rstrip(), flush=True)


def timed(work, *arguments):
    """(seconds, seconds of processor time, child processes included) of work(*arguments)."""
    start, before = time.perf_counter(), os.times()
    work(*arguments)
    after = os.times()
    return time.perf_counter() - start, sum(after[:4]) - sum(before[:4])


def worker(path, processes=1):
    """Processes of their own, each with the registry open, so that memory is that of the work alone."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, context, initializer=open_worker, initargs=(str(path),))


def open_worker(path):
    global _registry
    _registry = open_registry(f"sqlite:///{path}", load_content())
    spare_collector()


def run_ranges(path, work, size, processes):
    """(seconds, seconds of processor time) for `work` on ranges of `size` patients, each in a process of its own."""
    with worker(path, processes) as pool:
        ranges = pool.submit(list_ranges, size).result()
        list(pool.map(time.sleep, [1] * processes))  # all processes have opened the registry
        start = time.perf_counter()
        used = sum(pool.map(work, ranges))
        return time.perf_counter() - start, used


def list_ranges(size):
    with _registry.store.read(1) as connection:
        return subject_ranges(_registry.store, connection, SITE, size)


def read_range(bounds):
    """Read the facts of a range; returns seconds of processor time."""
    with _registry.store.read(1) as connection:
        return timed(deque, facts_of(connection, bounds), 0)[1]


def derive_range(bounds):
    """Derive all measures of a range; returns seconds of processor time."""
    asked = ask()
    with _registry.store.read(1) as connection:
        persons = facts_of(connection, bounds)
        answers = (derive_answers(usable_data(facts, asked.key.cutoff), asked.asked) for facts in persons)
        return timed(deque, answers, 0)[1]


def facts_of(connection, bounds):
    after, until = bounds
    return read_facts(_registry.store, connection, SITE, base=URL, after=after, until=until)


def ask():
    """The Question of the registry's study over its whole period."""
    study = next(measure.study for measure in _registry.content.measures.values() if measure.id.startswith(REGISTRY))
    return question(_registry, SITE, study, day_interval(START)[0], day_interval(END)[1], URL)


def list_measures():
    return list(ask().asked)


def report(measure):
    return timed(evaluate, _registry, SITE, measure, START, END, None, None, URL)


def change(patients):
    """Push a visit of every hundredth patient."""
    entries = [visit(number) for number in range(0, patients, CHANGED)]
    for start in range(0, len(entries), ENTRIES):
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries[start : start + ENTRIES]}
        ingest.bundle(_registry, SITE, bundle, URL)


def visit(number):
    encounter = {
        "resourceType": "Encounter",
        "id": f"changed-{number}",
        "status": "finished",
        "class": {"code": "AMB"},
        "subject": {"reference": f"Patient/{patient_id(number)}"},
        "period": {"start": "2024-07-01", "end": "2024-07-01"},
    }
    return {"resource": encounter, "request": {"method": "PUT", "url": f"Encounter/{encounter['id']}"}}


def peak_memory():
    """Peak resident memory of this process and of the largest that it started, MB."""
    return [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]


if __name__ == "__main__":
    main()
