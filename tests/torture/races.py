"""Clients that do the same thing at the same moment: nothing is there twice, nothing is lost (REL-10 to REL-18).

    python tests/torture/races.py --seed 1 --database sqlite|postgresql [--scale 0.1] [--only REL-10 ...]

Several servers of several workers share one database (REL-27 where that is a SQLite file); every client talks to all of
them. 503 is tried again, as its Retry-After says a client may; any other 5xx is a problem. Exits 1 if there is one.
"""

import argparse
import sys
import tempfile
import time

from races_to_create import BASIC, COUNTER, KEYS, create_the_same, patient, push_again, skew
from runners import entry, track


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--scale", type=float, default=1, help="of the numbers of interop.md, section 6.3")
    parser.add_argument("--only", nargs="+", choices=sorted(RACES), default=list(RACES))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.database}", flush=True)
    problems = 0
    with (
        tempfile.TemporaryDirectory(prefix="torture-") as folder,
        track(options.database, folder, options.servers, options.workers, options.clients, options.seed) as runners,
    ):
        for name in options.only:
            started = time.monotonic()
            found = RACES[name](runners, options.scale)
            seconds, problems = time.monotonic() - started, problems + len(found)
            statuses = ", ".join(f"{n:,} x {status}" for status, n in sorted(runners.statuses.items(), key=str))
            print(f"{name}: {seconds:.1f} s, {statuses}; {len(found)} problems", flush=True)
            runners.statuses.clear()
            for problem in found[:10]:
                print("  PROBLEM", problem)
    sys.exit(bool(problems))


def increment(runners, scale, way):
    """Ten counters are read and written one higher, if nobody was faster; else again. No step is lost."""
    clients = min(runners.clients, 32)
    each = max(2, int(20_000 * scale / clients))
    ids = [f"{way}-{n}" for n in range(10)]
    one = runners.one
    for id_ in ids:
        one.send("PUT", f"Observation/{id_}", COUNTER | {"id": id_})

    def count(runner):
        for _ in range(each):
            id_ = runner.dice.choice(ids)
            while True:
                read = runner.send("GET", f"Observation/{id_}")
                counter, etag = read.json(), read.headers["etag"]
                counter["valueInteger"] += 1
                if way == "put":
                    answer = runner.send("PUT", f"Observation/{id_}", counter, If_Match=etag)
                elif way == "patch":
                    patch = {"resourceType": "Observation", "valueInteger": counter["valueInteger"]}
                    merge = {"Content_Type": "application/merge-patch+json"}
                    answer = runner.send("PATCH", f"Observation/{id_}", patch, If_Match=etag, **merge)
                else:
                    answer = runner.push(entry("PUT", f"Observation/{id_}", counter, ifMatch=etag))
                if answer.status != 412:
                    assert answer.status == 200, (answer.status, answer.body)
                    break

    runners.run(count, clients)
    problems, found = [], 0
    for id_ in ids:
        versions = one.versions(f"Observation/{id_}")
        found += versions[0]["valueInteger"]
        seen = [(int(v["meta"]["versionId"]), v["valueInteger"]) for v in reversed(versions)]
        if seen != [(n + 1, n) for n in range(len(seen))]:
            problems.append(f"the history of {id_} has a gap: {seen[:20]}")
    return problems + ([] if found == clients * each else [f"{clients * each} increments, {found} counted"])


def increment_by_put(runners, scale):
    """REL-11."""
    return increment(runners, scale, "put")


def increment_by_patch_and_bundle(runners, scale):
    """REL-12."""
    return increment(runners, scale / 2, "patch") + increment(runners, scale / 2, "bundle")


def overwrite(runners, scale):
    """REL-13: 16 clients update one resource without If-Match. Each version is one client's whole body."""
    each = max(2, int(500 * scale))

    def put(runner):
        texts = [f"{runner.number}-{n}" for n in range(each)]
        for text in texts:
            body = BASIC | {"id": "same", "code": {"text": text}, "subject": {"display": text}}
            answer = runner.send("PUT", "Basic/same", body)
            assert answer.status in (200, 201), answer.status
        return texts

    sent = sorted(text for texts in runners.run(put, 16) for text in texts)
    versions = runners.one.versions("Basic/same")
    mixed = [v for v in versions if v["code"]["text"] != v["subject"]["display"]]
    kept = sorted(v["code"]["text"] for v in versions)
    return [f"{v} is of two clients" for v in mixed] + (
        [] if kept == sent else ["versions are not what was acknowledged"]
    )


def cross(runners, scale):
    """REL-15: transactions that write the same resources in opposite order, with references crosswise. No deadlock."""
    clients = min(runners.clients, 16)
    each = max(2, int(10_000 * scale / clients))

    def push(runner):
        for n in range(each):
            text = f"{runner.number}-{n}"
            pair = [
                BASIC | {"id": own, "code": {"text": text}, "subject": {"reference": f"Basic/{other}"}}
                for own, other in (("cross-a", "cross-b"), ("cross-b", "cross-a"))
            ]
            if runner.number % 2:
                pair.reverse()
            answer = runner.push(*(entry("PUT", f"Basic/{each['id']}", each) for each in pair))
            assert answer.status == 200, (answer.status, answer.body)

    runners.run(push, clients)
    one = runners.one
    first, second = ([v["code"]["text"] for v in one.versions(f"Basic/cross-{name}")] for name in "ab")
    wanted = clients * each
    return [] if first == second and len(set(first)) == wanted else ["the two were not always written together"]


def read_own(runners, scale):
    """REL-18: what a client has written is there for it at once, whichever process it asks."""
    clients = min(runners.clients, 16)
    each = max(2, int(100_000 * scale / clients / 3))

    def write(runner):
        missed = []
        for n in range(each):
            key = f"own-{runner.number}-{n % 20}"
            body = patient(f"{key}-{n}") | {"id": key}
            version = runner.send("PUT", f"Patient/{key}", body).headers["etag"]
            if (read := runner.send("GET", f"Patient/{key}")).headers["etag"] != version:
                missed.append(f"{key} was written as {version} and read as {read.headers['etag']}")
            if runner.total(f"Patient?identifier={KEYS}|{key}-{n}") != 1:
                missed.append(f"{key} is not found by what was written as {version}")
            if runner.total(f"Patient?identifier={KEYS}|{key}-{n - 20}") != 0:
                missed.append(f"{key} is found by what was overwritten with {version}")
        return missed

    return [miss for missed in runners.run(write, clients) for miss in missed]


RACES = {
    "REL-10": create_the_same,
    "REL-11": increment_by_put,
    "REL-12": increment_by_patch_and_bundle,
    "REL-13": overwrite,
    "REL-14": skew,
    "REL-15": cross,
    "REL-16": push_again,
    "REL-18": read_own,
}

if __name__ == "__main__":
    main()
