"""A million mutated inputs through all that reads what clients send: declared errors only, no hang, memory flat.

    nice python tests/torture/parsers.py --inputs 1000000 --processes 2 --seed 1 [--seconds T]
    python tests/torture/parsers.py --seed 1 --only 4711

Input number n of a seed is always the same one, however many processes there are; `--only` shows it and runs it.
Prints what was accepted and refused by target, the slowest inputs, the memory of each process and every problem;
exits 1 if there was any. Seconds are those of the processor, so that a busy machine makes no hangs.
"""

import argparse
import multiprocessing
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter

import psutil
from parser_targets import Targets

from fhir_registry.content.registry import load_content
from fhir_registry.ops.open import open_registry, spare_collector

HANG_SECONDS = 1
STUCK_SECONDS = 60  # without a new input: a hang that not even a signal interrupts
WARM = 0.2  # of the inputs, in which caches fill: their memory is not judged
MOST_GROWTH = 64e6  # bytes; bounded caches of dates and compiled types still fill
SAMPLE = 1000  # inputs
MOST_PROBLEMS = 50


class Hang(BaseException):
    """One input took too long; no `except Exception` keeps it."""


class Outcome:
    """What became of inputs.

    answers: (target, "accepted" or "refused") -> how many; problems: texts; slowest: (seconds, input number, target);
    memory: bytes at each SAMPLE; peak: bytes.
    """

    def __init__(self):
        self.answers, self.problems, self.slowest, self.memory, self.peak = Counter(), [], [], [], 0

    @property
    def inputs(self):
        return self.answers.total()

    @property
    def growth(self):
        """Bytes between the end of the warming up and the end."""
        kept = self.memory[int(len(self.memory) * WARM) :]
        return kept[-1] - kept[0] if kept else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=24 * 3600, help="stop after so many, whatever is left")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", type=int, help="number of the one input to show and run")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/parsers.sqlite"
        registry = open_registry(url, load_content())
        if options.only is not None:
            show_one(Targets(registry, random.Random(options.seed)), options.seed, options.only)
            return
        registry.close()
        start = time.monotonic()
        outcomes = run_processes(url, options)
    sys.exit(report(outcomes, time.monotonic() - start))


def show_one(targets, seed, number):
    """Print one input, and what it does, with the whole traceback."""
    target, given = targets.draw(random.Random(f"{seed}/{number}"))
    print(target.name, repr(given))
    print("accepted" if targets.run(target, given) else "refused")


def run_inputs(targets, seed, numbers, outcome, until=None, note=None):
    """Run the inputs of these numbers; outcome: an Outcome. note: called with each number before it runs."""
    process = psutil.Process()
    for done, number in enumerate(numbers):
        if done % SAMPLE == 0:
            outcome.memory.append(process.memory_info().rss)
            if (until and time.monotonic() > until) or len(outcome.problems) >= MOST_PROBLEMS:
                break
        if note:
            note(number)
        target, given = targets.draw(random.Random(f"{seed}/{number}"))
        started = time.process_time()
        try:
            accepted = targets.run(target, given)
        except (Exception, Hang):
            accepted = False
            text = traceback.format_exc(limit=-4)
            outcome.problems.append(f"--only {number}: {target.name} {repr(given)[:500]}\n{text}")
        seconds = time.process_time() - started
        outcome.answers[target.name, "accepted" if accepted else "refused"] += 1
        if len(outcome.slowest) < 5 or seconds > outcome.slowest[-1][0]:
            outcome.slowest = sorted([*outcome.slowest, (seconds, number, target.name)], reverse=True)[:5]
    outcome.memory.append(process.memory_info().rss)
    outcome.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def run_processes(url, options):
    """The Outcomes of all processes; one that is stuck is killed, and the input that it was at is a problem."""
    context = multiprocessing.get_context("spawn")
    at = context.Array("q", options.processes)
    results = context.Queue()
    arguments = (url, options.seed, options.inputs, options.processes, options.seconds, at, results)
    processes = [context.Process(target=_run, args=(number, *arguments)) for number in range(options.processes)]
    for process in processes:
        process.start()
    outcomes, seen, since = {}, [None] * len(processes), [time.monotonic()] * len(processes)
    while len(outcomes) < len(processes):
        try:
            number, outcome = results.get(timeout=1)
            outcomes[number] = outcome
        except multiprocessing.queues.Empty:
            pass
        print(f"\r{max(at):,} of {options.inputs:,}", end="", file=sys.stderr, flush=True)
        for number, process in enumerate(processes):
            if at[number] != seen[number]:
                seen[number], since[number] = at[number], time.monotonic()
            stuck = time.monotonic() - since[number] > STUCK_SECONDS
            if number not in outcomes and (stuck or process.exitcode):
                process.kill()
                outcomes[number] = Outcome()
                outcomes[number].problems.append(f"--only {at[number]}: the process was stuck or died")
    for process in processes:
        process.join()
    return list(outcomes.values())


def _run(number, url, seed, inputs, processes, seconds, at, results):
    registry = open_registry(url, load_content())
    targets = Targets(registry, random.Random(seed))
    spare_collector()
    outcome = Outcome()

    def note(current):
        at[number] = current
        began[0] = time.process_time()

    began = [time.process_time()]
    signal.signal(signal.SIGPROF, lambda *_: _interrupt(began))
    signal.setitimer(signal.ITIMER_PROF, 0.25, 0.25)
    run_inputs(targets, seed, range(number, inputs, processes), outcome, time.monotonic() + seconds, note)
    signal.setitimer(signal.ITIMER_PROF, 0)
    targets.close()
    registry.close()
    results.put((number, outcome))


def _interrupt(began):
    if time.process_time() - began[0] > HANG_SECONDS:
        began[0] = time.process_time()
        raise Hang(f"more than {HANG_SECONDS} s")


def report(outcomes, seconds):
    """Print what was found; returns the exit code."""
    answers = sum((outcome.answers for outcome in outcomes), Counter())
    inputs = answers.total()
    print(f"{inputs:,} inputs in {seconds:,.0f} s: {inputs / seconds:,.0f} a second")
    for name in dict.fromkeys(name for name, _ in sorted(answers)):
        print(f"  {name:16}{answers[name, 'accepted']:10,} accepted {answers[name, 'refused']:10,} refused")
    for took, number, name in sorted((each for outcome in outcomes for each in outcome.slowest), reverse=True)[:5]:
        print(f"  slowest {took:6.3f} s  --only {number} ({name})")
    problems = [problem for outcome in outcomes for problem in outcome.problems]
    for number, outcome in enumerate(outcomes):
        used = [bytes / 1e6 for bytes in outcome.memory] or [0]
        print(
            f"  process {number}: {used[0]:.0f} MB at first, {used[-1]:.0f} MB at last, "
            f"{outcome.peak / 1e6:.0f} MB at most, "
            f"{outcome.growth / 1e6:+.1f} MB after the first {WARM:.0%}"
        )
        if outcome.growth > MOST_GROWTH:
            problems.append(f"process {number} grew by {outcome.growth / 1e6:.0f} MB")
    for problem in problems:
        print("PROBLEM", problem)
    print(f"{len(problems)} problems")
    return bool(problems)


if __name__ == "__main__":
    main()
