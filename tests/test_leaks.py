"""Nothing that a client may not see changes what it is answered (https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/).

Two registries differ in what is hidden from who asks, and in nothing else. Whatever he asks, both must answer the same:
status, headers, body. So what the right answer is need not be known.
"""

import re
import time
from collections import Counter
from itertools import count

import pytest
from leak_requests import reading, writing
from leak_world import HIDDEN, LABORATORY, OTHER, OWN
from rest_client import Rest, body
from smart_client import SmartClient, bearer, builtin

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.fhir import json
from fhir_registry.ops import ingest
from fhir_registry.ops.open import make_site, open_registry

SITE, ALIEN = "klinik-b", "klinik-a"
BEGIN = time.time_ns() // 1000  # of all registries, microseconds
MILLISECOND = 1000
COMPARED = ("ETag", "Location", "Last-Modified", "Content-Type", "Content-Location", "Allow", "WWW-Authenticate")
CURSOR = re.compile(rb"(?<=_cursor=)[A-Za-z0-9_%=.-]+")
JOB = re.compile(rb"(?<=\$job/)[0-9a-f]{32}")
PATCH = "application/json-patch+json"
FHIR = "application/fhir+json"


class World:
    """A registry with data, and clients of one of its sites. data: {name of a site: its resources}."""

    def __init__(self, database, content, settings, data):
        self._time, ids = BEGIN, count(1)
        self.registry = open_registry(database, content, clock=lambda: self._time, new_id=lambda: f"n{next(ids)}")
        self.sites = {name: make_site(self.registry, name) for name in (ALIEN, SITE)}
        for name, resources in data.items():
            for resource in resources:
                ingest.update(self.registry, self.sites[name], resource["resourceType"], resource["id"], resource)
        config = Config.from_env({f"FHIR_REGISTRY_{name}": text for name, text in settings.items()})
        self.rest = Rest(create_app(config, self.registry))
        self._tokens, self._clients = {}, []

    def token(self, scopes, site=SITE):
        """A token of a client for these scopes."""
        if (scopes, site) not in self._tokens:
            self._time = time.time_ns() // 1000  # an assertion is of now
            client = SmartClient(self.registry, scopes=scopes, site=site)
            self._clients.append(client.id)
            self._tokens[scopes, site] = client.token(self.rest, scope=scopes)
        return self._tokens[scopes, site]

    def ask(self, token, number, method, path, sent=None, headers=()):
        """What the request with this number, sent at a millisecond of its own, is answered."""
        self._time = BEGIN + (number + 1) * MILLISECOND
        kind = PATCH if method == "PATCH" else FHIR
        data = {} if sent is None else {"data": json.dumps(sent), "content_type": kind}
        path = f"/fhir/{path}" if not path.startswith("?") else f"/fhir{path}"
        headers = bearer(token) | {"X-Request-Id": f"r{number}"} | dict(headers)
        response = self.rest.open(path, method=method, headers=headers, **data)
        told = {name: response.headers.get(name) for name in COMPARED}
        content = JOB.sub(b"JOB", CURSOR.sub(b"CURSOR", response.get_data()))
        for id_ in self._clients:
            content = content.replace(id_.encode(), b"CLIENT")
        return response.status_code, told, content

    def close(self):
        self.registry.close()


@pytest.fixture(scope="module")
def worlds(new_registry, content, tmp_path_factory):
    """A function (kind of database, hidden data) -> the World with them, and the one without; closed at the end."""
    made = []

    def make(kind, name, hidden):
        settings = builtin(tmp_path_factory.mktemp("keys"))
        for data in ({name: hidden}, {}):
            own = [*OWN, *(data.pop(SITE, ()))]
            made.append(World(new_registry(kind), content, settings, {SITE: own} | data))
        return made[-2:]

    yield make
    for world in made:
        world.close()


def statement(world):
    response = world.rest.open("/fhir/metadata")
    return body(response)


def compare(full, bare, scopes, asked):
    """Ask both; how many answers had which status. Fails at the first requests whose answers differ."""
    tokens, seen, differing = [world.token(scopes) for world in (full, bare)], Counter(), []
    for number, request in enumerate(asked):
        answers = [world.ask(token, number, *request) for world, token in zip((full, bare), tokens, strict=True)]
        seen[answers[0][0]] += 1
        if answers[0] != answers[1]:
            differing.append((request[:2], answers))
    assert not differing, f"{len(differing)} of {sum(seen.values())} answers differ; the first: {differing[:3]}"
    assert not any(status >= 500 for status in seen), seen
    return seen


MEASURES = ("halaven-dcr", "lipusu-her2-os")
SCOPES = ("system/*.cruds", "system/Patient.rs", "system/*.s", f"system/Observation.rs?{LABORATORY}")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_another_site_is_as_if_it_were_empty(kind, worlds):
    full, bare = worlds(kind, ALIEN, OTHER)
    told = statement(full)
    for scopes in SCOPES:
        seen = compare(full, bare, scopes, reading(told, OTHER, MEASURES, each_param=scopes == SCOPES[0]))
        assert seen[200] and sum(seen.values()) > 500
    seen = compare(full, bare, "system/*.cruds", writing(OTHER))
    assert {200, 201, 204, 404, 412} <= seen.keys()
    compare(full, bare, "system/*.cruds", reading(told, OTHER, MEASURES))  # after all that


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_a_constraint_hides_is_as_if_it_were_not(kind, worlds):
    full, bare = worlds(kind, SITE, HIDDEN)
    told = statement(full)
    rest = f"system/Patient.rs system/Condition.rs system/Encounter.rs system/Observation.rs?{LABORATORY}"
    for scopes in (rest, f"system/Observation.rs?{LABORATORY}", "system/Patient.rs system/Condition.rs"):
        seen = compare(full, bare, scopes, reading(told, HIDDEN, MEASURES, each_param=True))
        assert seen[200] and seen[403]


def test_the_comparison_sees_a_leak(worlds):
    """Who may see what is hidden is answered otherwise, so the tests above can fail."""
    full, bare = worlds("sqlite", SITE, HIDDEN)
    with pytest.raises(AssertionError, match="answers differ"):
        compare(full, bare, "system/*.rs", reading(statement(full), HIDDEN, MEASURES))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_cursors_and_jobs_of_another_site_lead_nowhere(kind, worlds):
    full, _ = worlds(kind, ALIEN, OTHER)
    theirs, own = full.token("system/*.cruds", ALIEN), full.token("system/*.cruds")
    page = full.rest.open("/fhir/Observation?_count=1", headers=bearer(theirs))
    link = next(link["url"] for link in body(page)["link"] if link["relation"] == "next")
    path = link.removeprefix("http://localhost/fhir/")
    forged = re.sub("(?<=_cursor=).*", "never-was", path)
    assert full.ask(theirs, 1, "GET", path)[0] == 200
    assert full.ask(own, 1, "GET", path) == full.ask(own, 1, "GET", forged)
    measure = f"/fhir/Measure/{MEASURES[0]}/$evaluate-measure?periodStart=2024-01-01&periodEnd=2024-12-31"
    accepted = full.rest.open(measure, headers=bearer(theirs) | {"Prefer": "respond-async"})
    assert accepted.status_code == 202
    job = accepted.headers["Content-Location"].removeprefix("http://localhost/fhir/")
    never = f"$job/{'0' * 32}"
    for method, more in (("GET", ""), ("GET", "/errors"), ("DELETE", "")):
        assert full.ask(own, 2, method, job + more) == full.ask(own, 2, method, never + more)
    assert full.ask(theirs, 3, "GET", job)[0] == 202
