"""Published survival data as counts {(time, event): how many}."""

import csv
import json
from collections import Counter


def counts(times):
    """`"6 6 6 6+ 7"` -> {(time, event): number}; + is censored."""
    return Counter((float(t.rstrip("+")), not t.endswith("+")) for t in times.split())


KM10 = counts("30 60+ 91 122 122 152+ 183 244+ 365 400+")
# Freireich et al. 1963, remission in weeks.
SIX_MP = counts("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+")
PLACEBO = counts("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23")


def published(cases):
    """(name, what R says, {group: counts}) of each data set; the group None is everyone."""
    folder = cases / "cases/survival"
    for name, expected in json.loads((folder / "expected.json").read_bytes()).items():
        groups = {None: Counter(), **{group: Counter() for group in expected["by_group"]}}
        with open(folder / f"{name}.csv", newline="") as file:
            for row in csv.DictReader(file):
                observed = float(row["time"]), row["status"] == "1"
                groups[None][observed] += 1
                groups[row["group"]][observed] += 1
        yield name, expected, groups
