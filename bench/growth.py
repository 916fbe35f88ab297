"""How cost grows with what is stored: processor time and disk of a resource, by table, from one size to the next."""

import argparse
import json
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

from databases import PostgreSQL, SQLite, new_database, postgresql_server
from machine import print_machine
from many_resources import ORGANIZATIONS, RESOURCES, make_bundles
from push import timed

from fhir_registry.content.registry import load_content
from fhir_registry.ops.import_units import Unit
from fhir_registry.ops.importing import import_units
from fhir_registry.ops.open import open_registry, spare_collector

LARGEST = 12  # tables and indexes that are printed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=int, default=100_000, help="resources; 5,000,000 need some 10 GB in SQLite")
    parser.add_argument("--step", type=int, default=50_000, help="resources between two measurements")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--folder", type=Path, required=True, help="where the databases stay, to go on another time")
    parser.add_argument("--gigabytes", type=float, default=20, help="a database ends when it is larger, whatever --to")
    parser.add_argument("--processes", type=int, default=2, help="processes that prepare for the import")
    options = parser.parse_args()
    print_machine()
    for kind in options.database:
        grow(kind, options)
        report(kind, kept_steps(options.folder, kind))


def grow(kind, options):
    """Import step by step until the size is reached; each step is kept in a file beside the database."""
    options.folder.mkdir(parents=True, exist_ok=True)
    with opened(kind, options.folder) as database:
        registry = open_registry(database.url, load_content())
        spare_collector()
        steps = kept_steps(options.folder, kind)
        first = (steps[-1]["resources"] if steps else 0) // RESOURCES  # patients
        for start in range(first, options.to // RESOURCES, options.step // RESOURCES):
            stored = sum(database.sizes().values())
            free = shutil.disk_usage(options.folder).free
            if stored > options.gigabytes * 1e9 or free < 2e9:
                print(f"{kind} ends at {stored / 1e9:.1f} GB with {free / 1e9:.1f} GB of disk left", file=sys.stderr)
                break
            step = measure_step(registry, database, start, options)
            with steps_file(options.folder, kind).open("a") as file:
                file.write(json.dumps(step) + "\n")
        registry.close()


def measure_step(registry, database, start, options):
    """Import the patients of one step; {"resources": in the database then, and what the step cost}."""
    patients, outcome = options.step // RESOURCES, {}
    bodies = make_bundles(ORGANIZATIONS + (start + patients) * RESOURCES, first=start)
    # What a step that was interrupted has stored already changes nothing.
    units = (Unit(number, 0, None, 0, body) for number, body in enumerate(bodies))
    before = sum(database.sizes().values())
    with timed(outcome, database):
        for done in import_units(registry, 1, units, "http://localhost/fhir", options.processes):
            for unit in done:
                if unit.error:
                    sys.exit(str(unit.error))
    database.vacuum()
    sizes = database.sizes()
    counted = {"resources": (start + patients) * RESOURCES, "imported": patients * RESOURCES}
    print(f"{counted['resources']:,} resources, {sum(sizes.values()) / 1e6:,.0f} MB", file=sys.stderr)
    return {**counted, **outcome, "grown": sum(sizes.values()) - before, "sizes": sizes}


@contextmanager
def opened(kind, folder):
    """The database in the folder, an empty one where nothing has been kept."""
    if kind == "sqlite":
        yield SQLite(folder / "growth.sqlite")
        return
    with postgresql_server(folder, tuned=True) as server:
        kept = steps_file(folder, kind).exists()
        yield PostgreSQL(server, "growth") if kept else new_database(server, "growth")


def steps_file(folder, kind):
    return folder / f"growth-{kind}.ndjson"


def kept_steps(folder, kind):
    file = steps_file(folder, kind)
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def report(kind, steps):
    """A line a step: processor time and disk of a resource of it; then the largest tables at the first and the last."""
    if not steps:
        return
    print(f"\n{kind:12}{'resources/s':>12}{'us of processor':>17}{'us of server':>14}{'bytes of a resource':>21}")
    for step in steps:
        number = step["imported"]
        print(
            f"{step['resources']:>11,} {number / step['seconds']:>12,.0f}{step['cpu'] / number * 1e6:>17.0f}"
            f"{step['server'] / number * 1e6:>14.0f}{step['grown'] / number:>21,.0f}"
        )
    first, last = steps[0], steps[-1]
    for name in sorted(last["sizes"], key=last["sizes"].get, reverse=True)[:LARGEST]:
        each = [f"{step['sizes'][name] / step['resources']:>10,.0f}" for step in (first, last)]
        print(f"    {name:32}{each[0]}{each[1]} bytes of a resource")


if __name__ == "__main__":
    main()
