"""Made-up patients of the three registries, and the outcome numbers that are true of them (https://hl7.org/fhir/R4/bundle.html)."""

import random
from pathlib import Path

from ..fhir import json
from ..fhir.errors import error
from . import faslodex, faslodex_truth, halaven, halaven_truth, lipusu_her2, lipusu_her2_truth
from .chart import Chart
from .directory import list_hospitals
from .outcome import tell_truth
from .person import day_of

REGISTRIES = {module.REGISTRY: module for module in (halaven, faslodex, lipusu_her2)}
_TRUTHS = {halaven: halaven_truth, faslodex: faslodex_truth, lipusu_her2: lipusu_her2_truth}


class Example:
    """`patients` made-up patients of a registry; the same arguments give the same patients on every machine.

    Patient n is the same person in examples of any size. Raises FhirError for an unknown registry or a
    number of patients below one.
    """

    def __init__(self, registry, patients, seed=0):
        if registry not in REGISTRIES:
            raise error("bad-request", "value", f"No examples of '{registry}'; there are {', '.join(REGISTRIES)}")
        if patients < 1:
            raise error("bad-request", "value", f"The number of patients must be at least 1, not {patients}")
        self.registry = registry
        self.seed = seed
        self.module = REGISTRIES[registry]
        self.people = [self.module.simulate(n, self._random("life", n)) for n in range(1, patients + 1)]

    def _random(self, purpose, number):
        return random.Random(f"{self.registry}/{self.seed}/{purpose}/{number}")

    def bundles(self):
        """Transaction Bundles: the directory of hospitals first, then one for each patient."""
        yield list_hospitals(self.registry, self.module.HOSPITALS)
        for person in self.people:
            rng = self._random("chart", person.number)
            chart = Chart(self.registry, person, rng)
            self.module.record(person, chart, rng)
            yield chart.bundle()

    def truth(self):
        """What a right evaluation gives, as JSON-ready dict.

        `periodStart`, `periodEnd`: dates to evaluate with; `measures`: for each Measure id the `groups`
        {group code: number, None = not reached or not defined} with percentages in %, survival in months,
        doses in mg, all unrounded; the `populations`: initial-population, denominator-exclusion, denominator and
        exclusion-<reason>; and the `strata` {stratifier: {value: {"denominator": patients, group code: number}}}.
        """
        start, end = self.module.PERIOD
        truths = _TRUTHS[self.module]
        initial = truths.initial_population(self.people)
        return {
            "registry": self.registry,
            "seed": self.seed,
            "patients": len(self.people),
            "periodStart": start,
            "periodEnd": end,
            "measures": {
                measure: tell_truth(outcome, initial, day_of(end)) for measure, outcome in truths.MEASURES.items()
            },
        }


def write(registry, patients, seed, folder):
    """Write one JSON file a Bundle and `truth.json` into `folder`; returns the paths of the Bundles in push order."""
    example = Example(registry, patients, seed)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for bundle in example.bundles():
        # The directory of hospitals sorts first.
        number = bundle["id"].rsplit("-", 1)[1]
        path = folder / f"{registry}-{'0000' if number == 'directory' else number}.json"
        path.write_bytes(json.dumps(bundle))
        paths.append(path)
    (folder / "truth.json").write_bytes(json.dumps(example.truth(), pretty=True) + b"\n")
    return paths
