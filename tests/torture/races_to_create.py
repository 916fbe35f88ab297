"""Races of clients that create the same thing, or what excludes each other, for races.py (https://hl7.org/fhir/R4/http.html#ccreate)."""

from collections import Counter

from runners import entry

KEYS = "urn:race"
PATIENT = {"resourceType": "Patient", "name": [{"family": "Sato"}]}
COUNTER = {"resourceType": "Observation", "status": "final", "code": {"text": "n"}, "valueInteger": 0}
BASIC = {"resourceType": "Basic"}


def create_the_same(runners, scale):
    """REL-10: each of 1,000 keys is created by every client if it is not there, alone and inside Bundles."""
    problems = []
    for way, create, size in (("alone", create_alone, 1), ("bundle", create_together, 5)):
        keys = [f"{way}-{n}" for n in range(max(2, int(1000 * scale)))]

        def create_all(runner, keys=keys, create=create, size=size):
            mine = list(keys)
            if runner.number % 2:  # half of them meet in the same order, half come from anywhere
                runner.dice.shuffle(mine)
            return [made for at in range(0, len(mine), size) for made in create(runner, mine[at : at + size])]

        statuses, ids = {key: Counter() for key in keys}, {key: set() for key in keys}
        for made in runners.run(create_all):
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


def create_alone(runner, keys):
    """[(key, status, [id] of what is there then)] of the one key."""
    (key,) = keys
    answer = runner.send("POST", "Patient", patient(key), If_None_Exist=condition(key))
    return [(key, answer.status, ids_in(answer.headers.get("location", "")))]


def create_together(runner, keys):
    """The same of several keys in one Bundle."""
    answer = runner.push(*(entry("POST", "Patient", patient(key), ifNoneExist=condition(key)) for key in keys))
    if answer.status != 200:
        return [(key, answer.status, []) for key in keys]
    responses = [each["response"] for each in answer.json()["entry"]]
    told = zip(keys, responses, strict=True)
    return [(key, int(response["status"][:3]), ids_in(response["location"])) for key, response in told]


def patient(key):
    return PATIENT | {"identifier": [{"system": KEYS, "value": key}]}


def condition(key):
    return f"identifier={KEYS}|{key}"


def ids_in(location):
    return location.split("/")[-3:-2]


def skew(runners, scale):
    """REL-14: one creates A unless B is there, another B unless A is there. Exactly one of them is, then."""
    rounds = max(2, int(500 * scale))

    def create(runner):
        pair, side = divmod(runner.number, 2)
        for n in range(rounds):
            mine, other = f"{pair}-{n}-{side}", f"{pair}-{n}-{1 - side}"
            body = BASIC | {"identifier": [{"system": KEYS, "value": mine}], "code": {"text": "x"}}
            if n % 2:
                answer = runner.send("POST", "Basic", body, If_None_Exist=condition(other))
            else:
                answer = runner.push(entry("POST", "Basic", body, ifNoneExist=condition(other)))
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
    known = entry("POST", "Patient", patient(key), ifNoneExist=condition(key))
    record = BASIC | subject | {"id": key, "code": {"text": "x"}}
    values = (COUNTER | subject | {"valueInteger": value} for value in range(observations))
    entries = [known | {"fullUrl": subject["subject"]["reference"]}, entry("PUT", f"Basic/{key}", record)]
    entries += [entry("POST", "Observation", value) for value in values]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def history_total(runner):
    """How many versions there are, of which a Bundle tells no total when they are many."""
    return sum(1 for _ in runner.history("_history"))
