"""Clients that do the same thing at the same moment: nothing is there twice, nothing is lost (REL-10 to REL-18).

    python tests/torture/races.py --seed 1 --database sqlite|postgresql [--scale 0.1] [--only REL-10 ...]

Several servers of several workers share one database (REL-27 where that is a SQLite file); every client talks to all of
them. 503 is tried again, as its Retry-After says a client may; any other 5xx is a problem. Exits 1 if there is one.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter

from runners import entry, track

KEYS = "urn:race"
PATIENT = {"resourceType": "Patient", "name": [{"family": "Sato"}]}
COUNTER = {"resourceType": "Observation", "status": "final", "code": {"text": "n"}, "valueInteger": 0}
BASIC = {"resourceType": "Basic"}


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


def create_the_same(runners, scale):
    """REL-10: each of 1,000 keys is created by every client if it is not there, alone and inside Bundles."""
    problems = []
    for way in ("alone", "bundle"):
        keys = [f"{way}-{n}" for n in range(max(2, int(1000 * scale)))]

        def create(runner, way=way, keys=keys):
            mine, made = list(keys), []
            if runner.number % 2:  # half of them meet in the same order, half come from anywhere
                runner.dice.shuffle(mine)
            for start in range(0, len(mine), size := 5 if way == "bundle" else 1):
                some = mine[start : start + size]
                if way == "alone":
                    resource, condition = patient(some[0]), f"identifier={KEYS}|{some[0]}"
                    answer = runner.send("POST", "Patient", resource, If_None_Exist=condition)
                    made.append((some[0], answer.status, answer.headers.get("location", "").split("/")[-3:-2]))
                    continue
                creates = (entry("POST", "Patient", patient(k), ifNoneExist=f"identifier={KEYS}|{k}") for k in some)
                answer = runner.push(*creates)
                if answer.status != 200:
                    made += [(key, answer.status, []) for key in some]
                    continue
                for key, each in zip(some, answer.json()["entry"], strict=True):
                    response = each["response"]
                    made.append((key, int(response["status"][:3]), response["location"].split("/")[-3:-2]))
            return made

        statuses, ids = {key: Counter() for key in keys}, {key: set() for key in keys}
        for made in runners.run(create):
            for key, status, found in made:
                statuses[key][status] += 1
                ids[key].update(found)
        wanted = Counter({201: 1, 200: runners.clients - 1})
        problems += [f"{key}: {dict(seen)}" for key, seen in statuses.items() if seen != wanted]
        problems += [f"{key} has the ids {found}" for key, found in ids.items() if len(found) != 1]
        one = runners.one
        problems += [
            f"{key} is there {n} times" for key in keys if (n := one.total(f"Patient?identifier={KEYS}|{key}")) != 1
        ]
    return problems


def patient(key):
    return PATIENT | {"identifier": [{"system": KEYS, "value": key}]}


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


def skew(runners, scale):
    """REL-14: one creates A unless B is there, another B unless A is there. Exactly one of them is, then."""
    rounds = max(2, int(500 * scale))

    def create(runner):
        pair, side = divmod(runner.number, 2)
        for n in range(rounds):
            mine, other = f"{pair}-{n}-{side}", f"{pair}-{n}-{1 - side}"
            body = BASIC | {"identifier": [{"system": KEYS, "value": mine}], "code": {"text": "x"}}
            condition = f"identifier={KEYS}|{other}"
            if n % 2:
                answer = runner.send("POST", "Basic", body, If_None_Exist=condition)
            else:
                answer = runner.push(entry("POST", "Basic", body, ifNoneExist=condition))
            assert answer.status in (200, 201), answer.status

    clients = min(runners.clients, 8)
    runners.run(create, clients)
    one, problems = runners.one, []
    for pair in range(clients // 2):
        for n in range(rounds):
            sides = one.total(f"Basic?identifier={KEYS}|{pair}-{n}-0,{KEYS}|{pair}-{n}-1")
            if sides != 1:
                problems.append(f"pair {pair}, round {n}: {sides} are there")
    return problems


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


def push_again(runners, scale):
    """REL-16: the same Bundles five times, shuffled, 8 at a time; one request in five is abandoned and sent again."""
    count, observations = max(4, int(1000 * scale)), 5
    bundles = [hospital_bundle(n, observations) for n in range(count)]
    one = runners.one
    before = history_total(one)

    def push(order):
        def push_some(runner):
            for bundle in order[runner.number :: 8]:
                if runner.dice.random() < 0.2:
                    runner.abandon("POST", "", bundle)
                answer = runner.send("POST", "", bundle)
                assert answer.status == 200, (answer.status, answer.body)

        runners.run(push_some, 8)

    push(bundles)
    first = history_total(one)
    for _ in range(4):
        push(one.dice.sample(bundles, count))
    problems = []
    if first - before != count * (observations + 2):
        problems.append(f"{count} Bundles of {observations + 2} entries made {first - before} versions")
    if (last := history_total(one)) != first:
        problems.append(f"pushing again made {last - first} versions")
    for n in range(count):
        found = one.total(f"Observation?subject.identifier={KEYS}|again-{n}")
        if found != observations:
            problems.append(f"patient {n} has {found} observations")
    return problems


def hospital_bundle(number, observations):
    """A patient unless he is there, a record with an id, and observations that have nothing but their content."""
    key, subject = f"again-{number}", {"subject": {"reference": "urn:uuid:00000000-0000-4000-8000-000000000001"}}
    known = entry("POST", "Patient", patient(key), ifNoneExist=f"identifier={KEYS}|{key}")
    record = BASIC | subject | {"id": key, "code": {"text": "x"}}
    values = (COUNTER | subject | {"valueInteger": value} for value in range(observations))
    entries = [known | {"fullUrl": subject["subject"]["reference"]}, entry("PUT", f"Basic/{key}", record)]
    entries += [entry("POST", "Observation", value) for value in values]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def history_total(runner):
    """How many versions there are."""
    return runner.send("GET", "_history?_count=1").json()["total"]


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
