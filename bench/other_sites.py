"""Whether the time of an answer tells what another site holds: ids that it has, and ids of nobody, in turn (SEC-31)."""

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from access import BASE, Asker, database, observation
from machine import print_machine

from fhir_registry.ops.open import spare_collector
from fhir_registry.ops.token_keys import new_key

SYSTEM = "http://example.org/mrn"
# What a client may time, and how it is answered; {} is the id.
PROBES = (
    ("GET", "Patient/{}", 404),
    ("GET", "Patient/{}/_history/1", 404),
    ("GET", "Patient/{}/_history", 404),
    ("GET", "Patient/{}/$everything", 404),
    ("PATCH", "Patient/{}", 404),
    ("GET", "Patient?_id={}", 200),
    ("GET", f"Patient?identifier={SYSTEM}|{{}}", 200),
    ("GET", "Observation?subject=Patient/{}", 200),
)

CHANGE = {"resourceType": "Parameters"}, "application/fhir+json"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--patients", type=int, default=500, help="of each site")
    parser.add_argument("--requests", type=int, default=1000, help="of each kind and each probe")
    parser.add_argument("--most", type=float, default=5, help="per cent between two medians")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print_machine()
    apart = []
    for kind in options.database:
        with tempfile.TemporaryDirectory() as folder, database(kind, folder) as place:
            print(f"\n{kind}, {options.requests} requests of each kind, seed {options.seed}", flush=True)
            apart += [f"{kind}: {what}" for what in measure(place, folder, options)]
    print("\n" + "\n".join([f"{len(apart)} probes are more than {options.most:g} % apart", *apart]))
    sys.exit(bool(apart))


def measure(place, folder, options):
    """Print the medians of each probe; those that are too far apart."""
    key = Path(folder) / "token.pem"
    key.write_bytes(new_key())
    settings = {"DATABASE": place.url, "BASE_URL": BASE, "LOG_LEVEL": "warning"}
    settings |= {"ACCESS": "builtin", "TOKEN_KEYS": str(key)}
    mine, other = (Asker(settings, key, site) for site in ("mine", "other"))
    for asker, name in ((mine, "m"), (other, "o")):
        fill(asker, name, options.patients)
    spare_collector()
    dice, apart = random.Random(options.seed), []
    for probe in PROBES:
        held, none = ([], "o"), ([], "n")  # of the other site, of nobody
        for number in range(-50, options.requests):  # the first ones compile what is needed
            for seconds, name in dice.sample((held, none), 2):
                taken = ask(mine, probe, f"{name}{dice.randrange(options.patients):06}")
                if number >= 0:
                    seconds.append(taken)
        apart += report(probe, held[0], none[0], options.most)
    for asker in (mine, other):
        asker.close()
    return apart


def fill(asker, name, patients):
    """A patient each with an identifier and an observation."""
    for number in range(patients):
        id_ = f"{name}{number:06}"
        told = {"identifier": [{"system": SYSTEM, "value": id_}], "name": [{"family": "x" * 200}]}
        asker.put({"resourceType": "Patient", "id": id_} | told)
        asker.put(observation(id_, id_))


def ask(asker, probe, id_):
    """Seconds until a probe of an id is answered."""
    method, path, status = probe
    started = time.perf_counter()
    answer = asker.send(method, path.format(id_), *(CHANGE if method == "PATCH" else ()))
    taken = time.perf_counter() - started
    assert answer.status_code == status, answer.text
    assert status == 404 or answer.json["total"] == 0
    return taken


def report(probe, held, none, most):
    held, none = (statistics.median(each) * 1000 for each in (held, none))
    apart = (held / none - 1) * 100
    name = f"{probe[0]} {probe[1].format('[id]')}"
    print(f"{name:55} of the other site {held:6.2f} ms, of nobody {none:6.2f} ms, {apart:+5.1f} %", flush=True)
    return [name] if abs(apart) > most else []


if __name__ == "__main__":
    main()
