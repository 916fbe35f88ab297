"""History of a resource, a type and everything (https://hl7.org/fhir/R4/http.html#history); ids of the checklist."""

import itertools
import random
from urllib.parse import parse_qsl, urlsplit

import pytest
from rest_client import BASE, basic, body, issue, patient, serving

from fhir_registry.core.paging import Client
from fhir_registry.fhir import json
from fhir_registry.ops import ingest
from fhir_registry.ops.history import history
from fhir_registry.ops.open import open_registry

MINUTE = 60_000_000
START = 1_577_836_800_000_000  # 2020-01-01T00:00:00Z


@pytest.fixture
def rest(prepared):
    with serving(prepared) as opened:
        yield opened


def follow(rest, path):
    """All pages from `path` on, as Bundles."""
    while path:
        page = rest.read(path)
        yield page
        path = next((link["url"].removeprefix(f"{BASE}/") for link in page["link"] if link["relation"] == "next"), None)


def told(page):
    """(method, fullUrl below the base, version) of each entry."""
    return [
        (e["request"]["method"], e["fullUrl"].removeprefix(f"{BASE}/"), e["response"]["etag"][3:-1])
        for e in page.get("entry", ())
    ]


def test_rest_130_054_134_the_life_of_a_resource(rest):
    """REST-130, REST-054, REST-061, REST-134: what was done, newest first, conditions and patches as plain ones."""
    made = body(rest.post(patient(1), If_None_Exist="identifier=urn:mrn%7C1"))
    place = f"Patient/{made['id']}"
    rest.send("PUT", "Patient?identifier=urn:mrn%7C1", patient(1, active=True))
    rest.push({"resource": {"resourceType": "Parameters"}, "request": {"method": "PATCH", "url": place}})
    assert rest.send("DELETE", "Patient?identifier=urn:mrn%7C1").status_code == 204
    assert rest.send("DELETE", place).status_code == 204
    assert rest.put(patient(1, id=made["id"])).status_code == 201
    page = rest.read(f"{place}/_history")
    assert (page["type"], page["total"]) == ("history", 4)
    assert [entry["request"] for entry in page["entry"]] == [
        {"method": "PUT", "url": place},
        {"method": "DELETE", "url": place},
        {"method": "PUT", "url": place},
        {"method": "POST", "url": "Patient"},
    ]
    assert [entry["response"]["status"][:3] for entry in page["entry"]] == ["201", "204", "200", "201"]
    assert ["resource" in entry for entry in page["entry"]] == [True, False, True, True]
    for entry in page["entry"]:
        assert entry["fullUrl"] == f"{BASE}/{place}"
        if "resource" in entry:
            number = entry["response"]["etag"][3:-1]
            assert entry["resource"] == rest.read(f"{place}/_history/{number}")
            assert entry["response"]["lastModified"] == entry["resource"]["meta"]["lastUpdated"]


def test_rest_063_after_a_delete(rest):
    """REST-063: read 410, search without it, the old version 200, the deletion 410, history with both."""
    rest.put(patient(1, id="p"))
    rest.send("DELETE", "Patient/p")
    assert rest.get("Patient/p").status_code == 410 and rest.total("Patient") == 0
    assert rest.get("Patient/p/_history/1").status_code == 200
    assert rest.get("Patient/p/_history/2").status_code == 410
    assert rest.get("Patient/p/_history/3").status_code == 404
    assert told(rest.read("Patient/p/_history")) == [("DELETE", "Patient/p", "2"), ("PUT", "Patient/p", "1")]


def test_rest_064_what_is_referred_to_can_be_deleted(rest):
    """REST-064: as the CapabilityStatement says; the reference stays, and leads to a 410."""
    rest.put(patient(id="p")), rest.put(basic("Patient/p", id="b"))
    policies = {tuple(resource["referencePolicy"]) for resource in rest.read("metadata")["rest"][0]["resource"]}
    assert policies == {("literal", "logical")}
    assert rest.send("DELETE", "Patient/p").status_code == 204
    assert rest.read("Basic/b")["subject"]["reference"] == "Patient/p"
    assert rest.get("Patient/p").status_code == 410


class TestTime:
    @pytest.fixture
    def ask(self, database, content):
        """A function place, parameters -> the versions told; a at :00, b at :01, a again at :02, a deleted at :03."""
        now = itertools.count(START, MINUTE)
        clock = [START - MINUTE]
        registry = open_registry(database, content, clock=lambda: clock[0])
        for step in (
            lambda: ingest.update(registry, 1, "Patient", "a", patient(id="a")),
            lambda: ingest.update(registry, 1, "Patient", "b", patient(id="b")),
            lambda: ingest.update(registry, 1, "Patient", "a", patient(id="a", active=True)),
            lambda: ingest.delete(registry, 1, "Patient", "a"),
        ):
            clock[0] = next(now)
            step()

        def ask(*place, **parameters):
            pairs = [(f"_{name}", value) for name, value in parameters.items()]
            page = json.parse(history(registry, 1, pairs, Client(BASE), *place))
            found = [f"{url.split('/')[1]}{version}" for _, url, version in told(page)]
            assert page["total"] == len(found)
            return found

        yield ask
        registry.close()

    def test_rest_131_since_is_inclusive(self, ask):
        """REST-131."""
        assert ask("Patient") == ["a3", "a2", "b1", "a1"]
        assert ask("Patient", since="2020-01-01T00:02:00Z") == ["a3", "a2"]
        assert ask("Patient", since="2020-01-01T00:02:00.001Z") == ["a3"]
        assert ask("Patient", since="2020-01-01T01:02:00+01:00") == ["a3", "a2"]
        assert ask("Patient", "b", since="2020-01-01T00:02:00Z") == []
        assert ask(since="2020-01-01T00:01:00Z") == ["a3", "a2", "b1"]

    def test_rest_132_at_a_time(self, ask):
        """REST-132: what was current at some moment of the time given."""
        assert ask("Patient", at="2020-01") == ["a3", "a2", "b1", "a1"]
        assert ask("Patient", at="2020-01-01T00:00:30Z") == ["a1"]
        assert ask("Patient", at="2020-01-01T00:01:30Z") == ["b1", "a1"]
        assert ask("Patient", at="2020-01-01T00:02:30Z") == ["a2", "b1"]
        assert ask("Patient", at="2020-01-01T00:03Z") == ["a3", "b1"]
        assert ask("Patient", at="2020-01-02") == ["b1"]
        assert ask("Patient", "a", at="2020-01-01T00:02Z") == ["a2"]
        assert ask("Patient", "a", at="2021") == [] == ask("Patient", at="2019")


def test_rest_133_pages_while_others_write(rest):
    """REST-133: each version that was there at the first page comes once, in order, with the same total throughout."""
    shuffle = random.Random(7)
    for number in range(30):
        rest.put(patient(number, id=f"p{number % 7}"))
        rest.put(basic(f"Patient/p{number % 7}", id=f"b{number}"))
    for path in ("_history", "Patient/_history", "Patient/p3/_history"):
        before = [entry for page in follow(rest, path) for entry in told(page)]
        pages = []
        for page in follow(rest, f"{path}?_count=2"):
            pages.append(page)
            rest.put(patient(shuffle.random(), id=f"p{shuffle.randrange(9)}"))
            rest.send("DELETE", f"Basic/b{shuffle.randrange(30)}")
        assert [entry for page in pages for entry in told(page)] == before
        assert all(len(page["entry"]) == 2 for page in pages[:-1])
        assert {page["total"] for page in pages} == {len(before)}
        assert pages[0]["link"][0] == {"relation": "self", "url": f"{BASE}/{path}?_count=2"}


def test_rest_135_a_site_sees_its_own(database, content):
    """REST-135: a history holds versions of its own site and type only."""
    registry = open_registry(database, content, sites=("north", "south"))
    for site in (1, 2):
        ingest.update(registry, site, "Patient", f"of{site}", patient(id=f"of{site}"))
        ingest.update(registry, site, "Basic", "b", basic(f"Patient/of{site}", id="b"))

    def urls(site, *place):
        page = json.parse(history(registry, site, [("_count", "2")], Client(BASE), *place))
        return [url for _, url, _ in told(page)], page["total"]

    assert urls(1, "Patient") == (["Patient/of1"], 1)
    assert urls(2, "Patient") == (["Patient/of2"], 1)
    assert urls(2)[0] == ["Basic/b", "Patient/of2"]
    registry.close()


def test_rest_136_133_what_is_refused(rest):
    """REST-136, and of REST-133 that a parameter is given once."""
    assert issue(rest.get("Patient/never/_history"))["code"] == "not-found"
    for path in ("Foo/_history", "Foo/1/_history", "Parameters/_history"):
        response = rest.get(path)
        assert (response.status_code, issue(response)["code"]) == (404, "not-supported")
    assert rest.read("Practitioner/_history")["total"] == 0
    for path in ("Patient/_history", "_history"):
        for query in (
            "_since=2020-01-01",
            "_since=2020-01-01T00:00:00",
            "_since=2020-01-01T00:00:00Z&_since=2020-01-01T00:00:00Z",
            "_at=soon",
            "_at=2020-02-30",
            "_count=x",
            "_count=-1",
            "_sort=_lastUpdated",
            "foo=1",
            "_cursor=x",
        ):
            response = rest.get(f"{path}?{query}")
            assert response.status_code == 400 and issue(response), query


def test_a_cursor_belongs_to_its_history(rest):
    rest.put(patient(1, id="p")), rest.put(patient(2, id="p"))
    first = rest.read("Patient/_history?_count=1")
    link = urlsplit(first["link"][1]["url"])
    query = dict(parse_qsl(link.query))
    assert told(rest.read(f"Patient/_history?{link.query}")) == [("PUT", "Patient/p", "1")]
    for path in ("_history", "Patient/p/_history", "Basic/_history"):
        assert rest.get(f"{path}?{link.query}").status_code == 400
    assert rest.get(f"Patient/_history?_count=2&_cursor={query['_cursor']}").status_code == 400


def test_a_page_of_nothing_only_counts(rest):
    rest.put(patient(1, id="p"))
    page = rest.read("Patient/_history?_count=0")
    assert page["total"] == 1 and "entry" not in page and len(page["link"]) == 1
