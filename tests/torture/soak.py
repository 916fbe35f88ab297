"""A mixed load at 70 % of the peak, for long: no error, no growth of memory, latency, files or log (REL-24).

    python tests/torture/soak.py --minutes 30 --seed 1 --database sqlite|postgresql

Measures the peak first, with clients that do not wait, then keeps a rate below it: a late request counts from the
moment at which it was due. Prints latencies and memory by thirds of the time, and exits 1 when one of them grew. With
`--resources` it begins with a made-up hospital: an empty database would grow a thousandfold meanwhile. Resources
stay as many, only versions are added: a report costs more with each patient, which bench/evaluate.py measures.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import psutil
from mixed_writer import MixedWriter
from own_postgresql import OwnPostgreSQL
from own_server import Client, NoAnswer, OwnServer

SHARE = 0.7  # of the peak
ODDS = {"write": 40, "read": 30, "search": 20, "history": 8, "report": 1, "metadata": 1}
REPORT = "Measure/halaven-dcr/$evaluate-measure?periodEnd=2025-06-30"
MOST_OWN = 150  # resources that one client keeps
ROUND = 800  # steps of a client, after which the keys of its conditional creates come again
WARM = 0.2  # of the time, in which caches fill: it is not judged
MOST_WAL = {"sqlite": 64e6, "postgresql": 1.5e9}  # bytes; PostgreSQL's max_wal_size is 1 GB


class Timing(NamedTuple):
    """One request: seconds since the beginning at which it was due, what it was, how long it took, what went wrong."""

    due: float
    kind: str
    seconds: float
    problem: str | None


class Sample(NamedTuple):
    """What the server needs at one moment: seconds since the beginning, bytes, and numbers of processes' open files."""

    moment: float
    memory: int
    files: int
    processes: int
    wal: int


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--resources", type=int, default=0, help="stored before; needs bench/ on PYTHONPATH")
    parser.add_argument("--peak-seconds", type=float, default=20, help="how long the peak is measured")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--growth", type=float, default=0.05, help="of memory that is allowed, as a share")
    parser.add_argument("--drift", type=float, default=0.2, help="of latency that is allowed, as a share")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.database}", flush=True)
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        problems = soak(options, Path(folder))
    print(f"{len(problems)} problems")
    for problem in problems:
        print("PROBLEM", problem)
    sys.exit(bool(problems))


def soak(options, folder):
    """Run it; prints what was measured, returns what is wrong. options: as on the command line."""
    with ExitStack() as stack:
        postgresql, database = None, f"sqlite:///{folder / 'registry.sqlite'}"
        if options.database == "postgresql":
            postgresql = stack.enter_context(OwnPostgreSQL(folder / "postgresql"))
            database = postgresql.new_database("torture", plain=True)
        if options.resources:
            from search import fill  # of bench/

            fill(database, options.resources)
        server = stack.enter_context(OwnServer(database, folder, options.workers))
        load = Load(server.port, options.clients, options.seed)
        load.run(options.peak_seconds / 2, None)  # caches
        peak = len(load.run(options.peak_seconds, None)) / options.peak_seconds
        print(f"peak {peak:.0f} requests/s; {SHARE * peak:.0f} for {options.minutes:g} minutes", flush=True)
        stop, samples = threading.Event(), []
        wal = postgresql.wal_bytes if postgresql else lambda: size_of(folder / "registry.sqlite-wal")
        sampler = threading.Thread(target=sample_until, args=(server, wal, stop, samples))
        sampler.start()
        timings = load.run(60 * options.minutes, SHARE * peak)
        stop.set()
        sampler.join()
    return judge(options, timings, samples)


class Load:
    """Clients in threads, which keep what they know from one run to the next."""

    def __init__(self, port, clients, seed):
        self._port = port
        self._clients = [LoadClient(number, seed) for number in range(clients)]

    def run(self, seconds, rate):
        """Send requests for so long, `rate` a second, or as many as are answered when None; returns Timings."""
        begin, threads, timings = time.monotonic(), [], []
        step = len(self._clients) / rate if rate else 0
        for number, client in enumerate(self._clients):
            first = step * number / len(self._clients)
            arguments = (Client(self._port), begin, seconds, first, step, timings)
            threads.append(threading.Thread(target=client.run, args=arguments))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return timings


class SteadyWriter(MixedWriter):
    """Makes no more resources where it has enough, but changes and deletes them."""

    def step(self, client, journal):
        if self._step == ROUND:
            self.begin("")
        return super().step(client, journal)

    def _makers(self):
        if len(self.own) < MOST_OWN:
            return super()._makers()
        return (self._put_own, self._patch_own, self._put_shared, self._delete_own)


class LoadClient:
    """Draws requests of all kinds."""

    def __init__(self, number, seed):
        self._writer = SteadyWriter(f"s{number}", seed)
        self._random = random.Random(f"{seed} load {number}")

    def run(self, client, begin, seconds, due, step, timings):
        """Send a request every `step` seconds from `due` on, into timings; without pause when step is 0."""
        while True:
            now = time.monotonic() - begin
            due = due if step else now
            if due >= seconds:
                break
            if due > now:
                time.sleep(due - now)
            (kind,) = self._random.choices(list(ODDS), ODDS.values())
            problem = self._send(client, kind)
            timings.append(Timing(due, kind, time.monotonic() - begin - due, problem))
            due += step
        client.close()

    def _send(self, client, kind):
        if kind == "write":
            self._writer.step(client, _NoJournal)
            problem = "; ".join(self._writer.unexpected) or ("no answer" if self._writer.silences else None)
            self._writer.unexpected, self._writer.silences = [], 0
            return problem
        place = self._random.choice(self._writer.own or ["Patient/shared-1"])
        type, _, id = place.partition("/")
        path = {
            "read": place,
            "search": f"{type}?_id={id}&_revinclude=Observation:subject",
            "history": f"{place}/_history",
            "report": REPORT,
            "metadata": "metadata?_summary=true",
        }[kind]
        try:
            answer = client.fhir("GET", path)
        except NoAnswer as problem:
            return f"no answer: {problem}"
        expected = {"report": (200, 422), "read": (200, 404, 410), "history": (200, 404)}.get(kind, (200,))
        return None if answer.status in expected else f"{kind} {answer.status} {answer.body[:200]!r}"


class _NoJournal:
    """Nothing is checked afterwards."""

    @staticmethod
    def intend(kind, entries):
        pass

    @staticmethod
    def acknowledge(intent, status, answers):
        pass


def size_of(path):
    return path.stat().st_size if path.exists() else 0


def sample_until(server, wal, stop, samples):
    """Take a Sample every second until `stop` is set."""
    begin = time.monotonic()
    while not stop.wait(1):
        memory = files = count = 0
        for process in server.processes():
            try:
                memory += process.memory_full_info().pss  # pages that forks share count once
                files += process.num_fds()
                count += 1
            except psutil.NoSuchProcess:
                continue
        samples.append(Sample(time.monotonic() - begin, memory, files, count, wal()))


def judge(options, timings, samples):
    """Print what was measured, third by third; return what is wrong."""
    seconds, problems = 60 * options.minutes, []
    problems += sorted({timing.problem for timing in timings if timing.problem})[:20]
    thirds = [part(timings, "due", seconds, number) for number in range(3)]
    print(f"{len(timings):,} requests, {sum(bool(timing.problem) for timing in timings)} of them with problems")
    for kind in ODDS:
        told, tails = [], []
        for third in thirds:
            taken = [timing for timing in third if timing.kind == kind]
            ordered = in_order(taken)
            if len(taken) > 1:
                tails.append((len(taken), statistics.median(ordered), usual_tail(taken)))
                told.append(" / ".join(f"{ms:.1f}" for ms in (*tails[-1][1:], quantile(ordered, 0.99), ordered[-1])))
        print(f"{kind:9} ms, median / p99 of the median minute / p99 / most, by thirds: {', '.join(told)}")
        problems += drifted(kind, tails, options.drift)
    sampled = [part(samples, "moment", seconds, number) for number in range(3)]
    for name in ("memory", "files", "processes", "wal"):
        means = [statistics.mean(getattr(sample, name) for sample in third) for third in sampled]
        unit = 1e6 if name in ("memory", "wal") else 1
        print(f"{name:9}{' MB' if unit > 1 else ''} by thirds: {', '.join(f'{mean / unit:.1f}' for mean in means)}")
        if name != "wal" and means[-1] > means[0] * (1 + options.growth):
            problems.append(f"{name} grew from {means[0]:.0f} to {means[-1]:.0f}")
    if (largest := max(sample.wal for sample in samples)) > MOST_WAL[options.database]:
        problems.append(f"the write-ahead log had {largest / 1e6:.0f} MB")
    return problems


def part(measured, moment, seconds, number):
    """Third `number` of what came after warming up."""
    width = seconds * (1 - WARM) / 3
    first = seconds * WARM + number * width
    return [each for each in measured if first <= getattr(each, moment) < first + width]


def in_order(timings):
    """Milliseconds, sorted."""
    return sorted(timing.seconds * 1000 for timing in timings)


def usual_tail(timings):
    """p99 of the median minute, ms: what grows is in each minute, what another load of the machine does is in some."""
    minutes = defaultdict(list)
    for timing in timings:
        minutes[timing.due // 60].append(timing)
    return statistics.median(quantile(in_order(minute), 0.99) for minute in minutes.values())


def quantile(ordered, share):
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def drifted(kind, tails, allowed):
    """What grew from the first third to the last; where few were measured, the median alone is told from chance."""
    if len(tails) == 3:
        (few, median, tail), _, (_, last_median, last_tail) = tails
        if few >= 100 and last_median > median * (1 + allowed) + 0.5:
            yield f"{kind}: the median grew from {median:.1f} to {last_median:.1f} ms"
        if few >= 5000 and last_tail > tail * (1 + allowed) + 1:
            yield f"{kind}: p99 grew from {tail:.1f} to {last_tail:.1f} ms"


if __name__ == "__main__":
    main()
