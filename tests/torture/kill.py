"""kill -9 of server, worker, job worker or database amid writes: nothing acknowledged is lost (REL-01, REL-02, REL-03).

    python tests/torture/kill.py --cycles 200 --seed 1 --database sqlite|postgresql

After each kill all that was written since the last one is compared with the journals of the clients: every acknowledged
version is there, exactly as sent, and found by search; every request without an answer is there as a whole or not at
all; nothing is there twice; and what is derived equals what it is derived from (fsck). Exits 1 if anything is wrong.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import psutil
from journal import Journal, read_journal
from ledger import Ledger
from mixed_writer import MixedWriter
from own_postgresql import OwnPostgreSQL
from own_server import Client, OwnServer

from fhir_registry.content.registry import load_content
from fhir_registry.ops import fsck
from fhir_registry.ops.open import open_registry

VICTIMS = {"server": 5, "worker": 2, "job worker": 1, "database": 2}
FAILED = {"worker": 1, "job worker": 0}  # requests that a client may lose: the one that was being handled
IMPORT_SECONDS = 180  # a job of a killed process is taken over when its heartbeat is a minute old


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cycles", type=int, default=200)
    parser.add_argument(
        "--least", type=int, default=0, help="acknowledged versions; more cycles until they are reached"
    )
    parser.add_argument("--fresh", type=int, default=25, help="cycles with one database; then an empty one is begun")
    parser.add_argument("--seconds", type=float, default=3, help="the longest time of writing before a kill")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--imports", type=int, default=1, help="how many of 100 requests are bulk imports")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.database}", flush=True)
    outcome, started = Outcome(), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        done = 0
        while done < options.cycles or outcome.acknowledged < options.least:
            count = min(options.fresh, options.cycles - done) if done < options.cycles else options.fresh
            cycles = range(done, done + count)
            kill_again_and_again(options, Path(folder) / str(done), cycles, outcome)
            done += len(cycles)
    print(f"{done} kills {dict(outcome.kills)}, {time.monotonic() - started:.0f} s")
    print(f"{outcome.requests:,} requests, {outcome.silences:,} without answer")
    print(f"{outcome.acknowledged:,} acknowledged versions checked, longest restart {outcome.slowest:.1f} s")
    print(f"{len(outcome.problems)} problems")
    for problem in outcome.problems:
        print("PROBLEM", problem)
    sys.exit(bool(outcome.problems))


class Outcome:
    """Sums over all cycles; problems: what must not be."""

    def __init__(self):
        self.problems, self.kills = [], Counter()
        self.requests = self.silences = self.acknowledged = 0
        self.slowest = 0


def kill_again_and_again(options, folder, cycles, outcome, show=sys.stdout):
    """Run these cycles on one new database. options: as on the command line; outcome: Outcome; show: a file."""
    folder.mkdir(parents=True)
    with ExitStack() as stack:
        postgresql = None
        database = f"sqlite:///{folder / 'registry.sqlite'}"
        if options.database == "postgresql":
            postgresql = stack.enter_context(OwnPostgreSQL(folder / "postgresql"))
            database = postgresql.new_database("torture", plain=True)
        server = stack.enter_context(OwnServer(database, folder, options.workers))
        registry = open_registry(database, load_content())
        stack.callback(registry.close)
        cycle = Cycle(options, folder, server, postgresql, registry)
        for number in cycles:
            line = cycle.run(number, outcome)
            if show:
                print(line, file=show, flush=True)
        before = len(outcome.problems)
        cycle.check_all(outcome)
        if show and len(outcome.problems) > before:
            print(f"after cycle {cycles[-1]}: {outcome.problems[before]}", file=show, flush=True)
        if b"Traceback" in server.log.read_bytes():
            outcome.problems.append(f"a traceback in the log of the server:\n{tracebacks(server.log)}")


class Cycle:
    """Write, kill, start again, compare; with writers and a ledger that last for many cycles."""

    def __init__(self, options, folder, server, postgresql, registry):
        self._options, self._folder = options, folder
        self._server, self._postgresql, self._registry = server, postgresql, registry
        self._writers = [MixedWriter(f"w{n}", options.seed, options.imports) for n in range(options.writers)]
        self._ledger = Ledger()

    def run(self, number, outcome):
        """One cycle; returns a line that tells of it."""
        options = self._options
        chance = random.Random(f"{options.seed} {number}")
        victims = {name: odds for name, odds in VICTIMS.items() if name != "database" or self._postgresql}
        victim = chance.choices(list(victims), victims.values())[0]
        if victim == "job worker" and not self._server.job_workers():
            victim = "server"
        stop, journals = threading.Event(), []
        threads = []
        for writer in self._writers:
            writer.begin(f"c{number}")
            path = self._folder / f"cycle{number}-{writer.name}.journal"
            journals.append(path)
            threads.append(threading.Thread(target=write_until, args=(writer, self._server.port, path, stop)))
        for thread in threads:
            thread.start()
        self._wait_for_answers()
        time.sleep(chance.uniform(0.05, options.seconds))
        seconds = self._kill(victim, chance, stop)
        for thread in threads:
            thread.join()
        self._server.wait_until_ready()
        outcome.kills[victim] += 1
        outcome.slowest = max(outcome.slowest, seconds)
        return self._check(number, victim, journals, outcome)

    def _wait_for_answers(self):
        """Until there is something to lose: some requests were answered."""
        deadline, wanted = time.monotonic() + 30, sum(writer.answered for writer in self._writers) + len(self._writers)
        while sum(writer.answered for writer in self._writers) < wanted and time.monotonic() < deadline:
            time.sleep(0.01)

    def _kill(self, victim, chance, stop):
        """Kill, start again, and stop the writers; returns the seconds that the start took."""
        if victim == "server":
            self._server.kill()
            stop.set()
            return self._server.start()
        started = time.monotonic()
        if victim == "database":
            self._postgresql.stop("immediate")
            time.sleep(chance.uniform(0, 0.3))
            self._postgresql.start()
            self._server.wait_until_ready()
        else:
            living = self._server.http_workers() if victim == "worker" else self._server.job_workers()
            with suppress(psutil.NoSuchProcess):  # the process of a job, which has just ended
                chance.choice(living).kill()
        seconds = time.monotonic() - started
        time.sleep(chance.uniform(0.2, 0.6))  # the writers go on meanwhile
        stop.set()
        return seconds

    def _check(self, number, victim, journals, outcome):
        ledger, started = self._ledger, time.monotonic()
        before = ledger.acknowledged
        with closing(Client(self._server.port)) as client:
            ledger.check(client, (line for path in journals for line in read_journal(path)))
        compared = time.monotonic() - started
        outcome.problems += [f"cycle {number}, {victim}: {problem}" for problem in ledger.problems]
        ledger.problems.clear()
        for writer in self._writers:
            outcome.problems += [f"cycle {number}, {victim}: {problem}" for problem in writer.unexpected]
            outcome.silences += writer.silences
            if writer.silences > FAILED.get(victim, writer.silences):
                outcome.problems.append(f"cycle {number}, {victim}: {writer.silences} requests of one client failed")
            writer.unexpected, writer.silences = [], 0
        outcome.problems += [
            f"cycle {number}, {victim}: fsck: {found}" for found in fsck.check(self._registry, processes=1)
        ]
        lines = sum(path.read_bytes().count(b'{"intent"') for path in journals)
        for path in journals:
            path.unlink()
        outcome.requests += lines
        outcome.acknowledged += ledger.acknowledged - before
        return (
            f"cycle {number}: {victim}; {lines} requests, {ledger.acknowledged - before} versions, "
            f"compared in {compared:.1f} s, fsck {time.monotonic() - started - compared:.1f} s, "
            f"{len(outcome.problems)} problems"
        )

    def check_all(self, outcome):
        """Wait for the imports, then compare everything, from the first version on."""
        ledger = self._ledger
        before = ledger.acknowledged
        with closing(Client(self._server.port)) as client:
            self._wait_for_imports()
            ledger.check(client, ())
            ledger.check_imports(lambda job: client.fhir("GET", job).status == 200)
            ledger.check_all(client)
        outcome.acknowledged += ledger.acknowledged - before
        outcome.problems += [f"at the end: {problem}" for problem in ledger.problems]
        outcome.problems += [f"at the end: fsck: {found}" for found in fsck.check(self._registry, processes=1)]

    def _wait_for_imports(self):
        # Those that nobody was told of, too.
        deadline, store = time.monotonic() + IMPORT_SECONDS, self._registry.store
        while time.monotonic() < deadline:
            with store.read(1) as connection:
                counts = store.jobs.counts(connection)
            if not counts["requested"] + counts["in-progress"]:
                break
            time.sleep(0.2)


def write_until(writer, port, path, stop):
    """Let a writer write until `stop` is set."""
    journal, client = Journal(path), Client(port)
    while not stop.is_set():
        if not writer.step(client, journal):
            stop.wait(0.2)
    client.close()
    journal.close()


def tracebacks(log):
    """The first traceback of a log."""
    text = log.read_text(errors="replace")
    return text[text.index("Traceback") :][:2000]


if __name__ == "__main__":
    main()
