"""How long the estimators take on the counts of a million patients; printed with machine and size."""

import argparse
import os
import platform
import resource
import statistics
import time
from collections import Counter
from itertools import product

import numpy as np

from fhir_registry.stats.comparison import hazard_ratios, log_rank
from fhir_registry.stats.competing import aalen_johansen
from fhir_registry.stats.cox import cox
from fhir_registry.stats.survival import kaplan_meier

HORIZON = 1826  # days
LEVELS = (2, 2, 2, 2, 2, 2, 5, 3)  # of eight covariates: 960 patterns


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3, help="runs of each figure; the median is printed")
    options = parser.parse_args()
    patterns = draw_patients(options.patients)
    causes, levels = Counter(), {level: Counter() for level in range(LEVELS[-2])}
    for pattern, counts in patterns.items():
        causes.update(counts)
        levels[pattern[-2]].update(counts)
    print(f"machine    {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}")
    print(f"size       {options.patients:,} patients, {len(causes):,} counts, {len(patterns)} patterns of covariates")
    for name, run in (
        ("Kaplan-Meier", lambda: kaplan_meier(any_event(causes))),
        ("Aalen-Johansen, 2 causes", lambda: aalen_johansen(causes)),
        ("log-rank, 5 levels", lambda: log_rank(levels)),
        ("Cox, 5 levels", lambda: hazard_ratios(levels, 0)),
        (f"Cox, {len(patterns)} patterns", lambda: cox(patterns)),
    ):
        seconds = []
        run()  # imports
        for _ in range(options.repeat):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
        print(f"{name:26} {statistics.median(seconds) * 1000:>8,.0f} ms")
    print(f"{'memory, peak':26} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>8,.0f} MB")


def draw_patients(size):
    """{covariates: {(day, type): number}}: two competing causes, hazards by covariate, censored evenly."""
    generator = np.random.default_rng(1)
    possible = np.array(list(product(*map(range, LEVELS))))
    chosen = generator.integers(len(possible), size=size)
    hazard = np.exp(possible[chosen] @ np.linspace(-0.3, 0.3, len(LEVELS))) / 900
    event, censoring = generator.exponential(1 / hazard), generator.uniform(0, 2 * HORIZON, size)
    end = np.minimum(censoring, HORIZON)
    kind = np.where(event < end, generator.integers(1, 3, size), 0)
    drawn = Counter(zip(chosen.tolist(), np.minimum(event, end).astype(int).tolist(), kind.tolist(), strict=True))
    patterns = {}
    for (pattern, day, cause), n in drawn.items():
        patterns.setdefault(tuple(possible[pattern].tolist()), {})[day, cause] = n
    return patterns


def any_event(counts):
    merged = Counter()
    for (day, cause), n in counts.items():
        merged[day, cause > 0] += n
    return merged


if __name__ == "__main__":
    main()
