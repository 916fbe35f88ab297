"""Clients of one site and of all: what a URL with the name of a site leads to, what is not told (docs/security.md)."""

from contextlib import closing
from urllib.parse import quote

import pytest
import requests
from own_server import OwnServer
from rest_client import BASE, FHIR, Rest, body, issue, serving
from smart_client import URL, SmartClient, bearer, builtin
from test_evaluate import enrolled, treated
from test_gate import PUBLIC_PATHS
from test_roles import requests_of, send

from fhir_registry.fhir import json
from fhir_registry.ops.jobs import do
from fhir_registry.ops.open import open_registry
from fhir_registry.store.wall import EVERYWHERE

ROLES = {"office": "registry", "watch": "monitor", "authority": "regulator"}
EVALUATE = "Measure/halaven-dcr/$evaluate-measure?periodEnd=2024-12-31"
ODD = "Klinik Ä 1+1"


class Site(Rest):
    """As Rest, below the base of a site (or of the server), with the token of a client."""

    def __init__(self, rest, token, name=None):
        super().__init__(rest._client.application)
        self.prefix = "/fhir" if name is None else f"/site/{quote(name, safe='')}/fhir"
        self.base, self._headers = f"{URL}{self.prefix}", bearer(token)

    def send(self, method, path, resource=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()} | self._headers
        content = {} if resource is None else {"data": json.dumps(resource), "content_type": FHIR}
        path = path.removeprefix(f"{self.base}/").removeprefix(self.base)
        assert not path.startswith("http"), path
        return self._client.open(f"{self.prefix}/{path}".rstrip("/"), method=method, headers=sent, **content)


def person(id, name):
    return {"resourceType": "Patient", "id": id, "identifier": [{"system": "urn:mrn", "value": "1"}],
            "name": [{"family": name}]}  # fmt: skip


def result(id, subject):
    return {"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "x"},
            "subject": {"reference": subject}}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def world(request, new_registry, tmp_path_factory):
    """(Rest, {name: token}): two sites with the same ids and identifiers, a client at each, and those of all sites."""
    with serving(new_registry(request.param), **builtin(tmp_path_factory.mktemp("keys"))) as rest:
        registry, tokens = rest.registry, {}
        for site in ("klinik-a", "klinik-b", ODD):
            tokens[site] = SmartClient(registry, site=site).token(rest)
            here = Site(rest, tokens[site])
            assert here.put(person("p", f"Family of {site}")).status_code == 201
            for number in range(3):
                assert here.put(result(f"o{number}", "Patient/p")).status_code == 201
            # As a sender writes it who knows the server by its base.
            assert here.put(result("absolute", f"{BASE}/Patient/p")).status_code == 201
        tokens |= {name: SmartClient(registry, site="*", role=role).token(rest) for name, role in ROLES.items()}
        yield rest, tokens


@pytest.fixture
def at(world):
    """A function (client, site that the URL names or None) -> Site."""
    rest, tokens = world
    return lambda client, name=None: Site(rest, tokens[client], name)


# --- everything stays below the base of a site ------------------------------------------------------------


def test_links_lead_on_below_the_base_of_the_site(at):
    here, seen = at("office", "klinik-a"), []
    page = here.read("Observation?_count=2")
    while True:
        links = {link["relation"]: link["url"] for link in page["link"]}
        assert all(url.startswith(f"{URL}/site/klinik-a/fhir/Observation?") for url in links.values())
        seen += [entry["fullUrl"] for entry in page["entry"]]
        if "next" not in links:
            break
        page = here.read(links["next"])
    assert seen == [f"{URL}/site/klinik-a/fhir/Observation/{id}" for id in ("o0", "o1", "o2", "absolute")]
    for path in ("Observation/_history", "Patient/p/$everything", "Patient/p/_history"):
        bundle = here.read(path)
        assert bundle["entry"] and all(entry["fullUrl"].startswith(here.base + "/") for entry in bundle["entry"])
        assert all(link["url"].startswith(here.base + "/") for link in bundle["link"])


def test_a_site_writes_under_its_own_name_too(at):
    here = at("klinik-a", "klinik-a")
    response = here.put(person("new", "Sato"))
    assert response.headers["Location"] == f"{here.base}/Patient/new/_history/1"
    assert here.get(response.headers["Location"]).status_code == 200
    entry = {"resource": person("new2", "Sato"), "request": {"method": "PUT", "url": f"{here.base}/Patient/new2"}}
    (answer,) = body(here.push(entry))["entry"]
    assert answer["response"]["location"] == f"{here.base}/Patient/new2/_history/1"
    assert at("klinik-a").get("Patient/new").status_code == at("klinik-a").get("Patient/new2").status_code == 200
    assert at("office", "klinik-b").get("Patient/new").status_code == 404
    for id in ("new", "new2"):
        assert here.send("DELETE", f"Patient/{id}").status_code == 204


def test_a_name_may_hold_any_character(at):
    here = at("office", ODD)
    assert here.base == f"{URL}/site/Klinik%20%C3%84%201%2B1/fhir"
    (entry,) = here.read("Patient")["entry"]
    assert entry["fullUrl"] == f"{here.base}/Patient/p" and entry["resource"]["name"][0]["family"] == f"Family of {ODD}"


def test_names_in_urls_on_a_real_server(new_registry, content, tmp_path):
    """The path goes through the server's own reading of it, not only through that of the test's client."""
    database = new_registry("sqlite")
    with closing(open_registry(database, content)) as registry:
        client = SmartClient(registry, site=ODD)
    settings = {"access": "builtin", "token_keys": builtin(tmp_path)["TOKEN_KEYS"], "job_workers": 0}
    with OwnServer(database, tmp_path, **settings) as server:
        url = f"{server.root}/auth/token"
        form = client.form(client.assertion(aud=url))
        headers = bearer(requests.post(url, form, timeout=20).json()["access_token"])
        base = f"{server.root}/site/Klinik%20%C3%84%201%2B1/fhir"
        assert requests.get(f"{base}/metadata", timeout=20).json()["implementation"]["url"] == base
        found = requests.get(f"{base}/Measure?_count=1", headers=headers, timeout=20).json()
        assert found["link"][0]["url"] == f"{base}/Measure?_count=1"
        for name in ("default", "nowhere", "a%2Fb", "%00", "%FF", "%2E%2E"):
            refused = requests.get(f"{server.root}/site/{name}/fhir/Patient", headers=headers, timeout=20)
            assert refused.status_code in (400, 404), name


def test_the_bases_are_beside_that_of_the_settings(new_registry, tmp_path):
    settings = builtin(tmp_path) | {"BASE_URL": "https://registry.hospital.org/r4/fhir"}
    with serving(new_registry("sqlite"), **settings) as rest:
        client = SmartClient(rest.registry, site="*", role="registry")
        form = client.form(client.assertion(aud="https://registry.hospital.org/r4/auth/token"), scope="system/*.rs")
        token = rest.post_form("/auth/token", form).get_json()["access_token"]
        found = body(Site(rest, token, "default").get("Measure?_count=1"))
        assert found["link"][0]["url"] == "https://registry.hospital.org/r4/site/default/fhir/Measure?_count=1"


def test_what_is_public_says_nothing_of_sites(world):
    rest, _ = world
    for path in ("metadata", ".well-known/smart-configuration", "openapi.json"):
        known, unknown = (rest.open(f"/site/{name}/fhir/{path}") for name in ("klinik-a", "nowhere"))
        assert known.status_code == unknown.status_code == 200
        assert known.text == unknown.text.replace("nowhere", "klinik-a")
    told = body(rest.open("/site/klinik-a/fhir/metadata"))
    assert told["implementation"]["url"] == f"{URL}/site/klinik-a/fhir"
    for path in ("/site/klinik-a/health", "/site/klinik-a/metrics", "/site/klinik-a/auth/token", "/site/klinik-a"):
        assert rest.open(path).status_code == 401
    assert rest.open("/site/klinik-a/fhir/Patient").status_code == 401


def test_without_access_control_there_is_one_site(new_registry):
    with serving(new_registry("sqlite")) as rest:
        assert rest.put(person("p", "Sato")).status_code == 201
        assert rest.open("/site/default/fhir/Patient/p").status_code == 200
        assert rest.open("/site/other/fhir/Patient/p").status_code == 404


# --- the same references, whichever URL is asked ----------------------------------------------------------


@pytest.mark.parametrize("subject", ["p", "Patient/p", f"{BASE}/Patient/p", f"{URL}/site/klinik-b/fhir/Patient/p"])
def test_references_are_those_of_the_server(at, subject):
    own, office = at("klinik-b"), at("office", "klinik-b")
    number = 3 if subject == "p" else 4  # an id alone is of relative references
    assert office.total(f"Observation?subject={quote(subject)}") == number
    assert office.total("Patient/p/Observation") == 4
    assert len(office.read("Patient/p/$everything")["entry"]) == 5
    if "/site/" not in subject:
        assert own.total(f"Observation?subject={quote(subject)}") == number


def test_a_report_is_the_same_whichever_url_is_asked(world, at):
    rest, _ = world
    own = at("klinik-a")
    absolute = json.dumps(treated("q", ("2024-03-15", "LA28369-9"))).replace(
        b'"Patient/q"', f'"{BASE}/Patient/q"'.encode()
    )
    pushed = json.parse(absolute)
    pushed["entry"][0]["request"]["url"] = "Patient/q"
    assert own.send("POST", "", pushed).status_code == 200

    def undated(response):
        return {name: value for name, value in body(response).items() if name != "date"}

    office = at("office", "klinik-a")
    assert undated(own.get(EVALUATE)) == undated(office.get(EVALUATE))
    for subject in ("Patient/q", f"{BASE}/Patient/q", f"{office.base}/Patient/q"):
        assert body(office.get(f"{EVALUATE}&subject={quote(subject)}"))["subject"] == {"reference": "Patient/q"}
    with rest.registry.store.ask(EVERYWHERE) as connection:
        kept = rest.registry.store.tables.analysis
        assert len(connection.execute(kept.select()).all()) == 1  # one for both
    assert office.get("ResearchStudy/halaven/$findings?periodEnd=2024-12-31&patient=Patient/q").status_code == 200
    tables = [each.get("Measure/halaven-dcr/$table?table=adsl&periodEnd=2024-12-31") for each in (own, office)]
    assert tables[0].data == tables[1].data and tables[0].data.count(b"\r\n") == 2
    for table in tables:
        table.close()


# --- nothing is told of another site ----------------------------------------------------------------------


def test_another_site_is_no_site(world, at):
    """Every route, with the token of klinik-a: klinik-b answers as a site that was never there."""
    rest, tokens = world
    public = [(method, path) for path in PUBLIC_PATHS for method in ("GET", "POST")]
    asked = 0
    for method, path, _ in [*requests_of(rest._client.application), *((*each, None) for each in public)]:
        if not path.startswith("/fhir") or path in PUBLIC_PATHS:
            continue
        answers = []
        for name in ("klinik-b", "nowhere"):
            headers = bearer(tokens["klinik-a"]) | {"X-Request-Id": "same"}
            answers.append(rest.open(f"/site/{name}{path}", method=method, headers=headers))
            assert send(rest, method, f"/site/{name}{path}", tokens["klinik-a"]) == 404, (method, name, path)
        known, unknown = answers
        assert (known.status_code, known.data, {*known.headers}) == (404, unknown.data, {*unknown.headers})
        assert b"klinik" not in known.data
        asked += 1
    assert asked > 50


def test_ids_and_identifiers_are_those_of_the_site(at):
    for site in ("klinik-a", "klinik-b"):
        for client, name in ((site, None), (site, site), ("office", site), ("watch", site)):
            here = at(client, name)
            (entry,) = here.read("Patient?identifier=urn:mrn|1")["entry"]
            assert entry["resource"]["name"][0]["family"] == f"Family of {site}"
            assert here.total("Observation?subject:Patient.identifier=urn:mrn|1") == 3  # chains are over relative ones


def test_a_cursor_is_of_one_site(at):
    links = at("office", "klinik-a").read("Observation?_count=2")["link"]
    query = next(link["url"] for link in links if link["relation"] == "next").partition("?")[2]
    assert at("office", "klinik-a").get(f"Observation?{query}").status_code == 200
    for client, name in (("office", "klinik-b"), ("watch", "klinik-a"), ("klinik-a", None), ("klinik-b", None)):
        refused = at(client, name).get(f"Observation?{query}")
        assert refused.status_code == 400 and "_cursor" in issue(refused)["diagnostics"], (client, name)


def test_a_job_is_of_one_client_and_one_site(world, at):
    rest, _ = world
    here = at("office", "klinik-a")
    response = here.get(EVALUATE, Prefer="respond-async")
    place = response.headers["Content-Location"]
    assert response.status_code == 202 and place.startswith(f"{here.base}/$job/")
    path = place.removeprefix(f"{here.base}/")
    assert here.get(path).status_code == 202
    others = (("office", "klinik-b"), ("office", None), ("watch", "klinik-a"), ("klinik-a", None), ("klinik-b", None))
    for client, name in others:
        for method in ("GET", "DELETE"):
            refused, nothing = (at(client, name).send(method, each) for each in (path, f"$job/{'0' * 32}"))
            assert (refused.status_code, refused.data) == (404, nothing.data), (client, name)
    do(rest.registry, rest.registry.store.jobs.claim("w", ("evaluate",)))
    done = body(here.get(path))
    assert done["entry"][0]["response"]["status"] == "200 OK"


# --- a client of all sites that names none ----------------------------------------------------------------


def test_content_is_read_without_a_site(at):
    for client in ROLES:
        here = at(client)
        assert here.get("metadata").status_code == 200
        assert here.read("Measure/halaven-dcr")["id"] == "halaven-dcr"
        assert here.total("ResearchStudy") == 3
        assert here.read("Measure?_count=1")["link"][0]["url"].startswith(f"{BASE}/Measure?")
    assert at("office").get("StructureDefinition?_count=1").status_code == 200
    assert at("authority").get("StructureDefinition?_count=1").status_code == 403


def test_and_nothing_of_patients_with_it(world, at):
    rest, _ = world
    subject = enrolled("p") | {"id": "s"}
    first = Site(rest, SmartClient(rest.registry, site="default").token(rest))
    assert first.put(person("p", "First")).status_code == first.put(subject).status_code == 201
    office = at("office")
    found = office.read("ResearchStudy?_revinclude=ResearchSubject:study&_revinclude=*")
    told = {entry["resource"]["resourceType"] for entry in found["entry"] if entry["search"]["mode"] != "outcome"}
    assert told and told <= {"ResearchStudy", "Measure"}
    assert office.get("ResearchStudy?_has:ResearchSubject:study:status=on-study").status_code == 403


def test_all_else_needs_a_site(world, at):
    """Every route at /fhir, for each client of all sites: refused by the same message, or declared here."""
    rest, tokens = world
    answered = set()
    for client in ROLES:
        for method, path, _ in requests_of(rest._client.application):
            if not path.startswith("/fhir"):
                continue
            status = send(rest, method, path, tokens[client])
            response = rest.open(path, method=method, headers=bearer(tokens[client]))
            if status != 400 or "Name a site" not in response.text:
                answered.add((method, path.partition("?")[0]))
            else:
                (only,) = body(response)["issue"]
                assert only["code"] == "required" and f"{URL}/site/NAME/fhir" in only["diagnostics"]
                assert "klinik-a, klinik-b" in only["diagnostics"]
    content = {
        (method, f"/fhir/{type}{rest_}")
        for type, id in (("Measure", "halaven-dcr"), ("ResearchStudy", "halaven"))
        for method, rest_ in (
            ("GET", ""), ("GET", "/_history"), ("POST", "/_search"), ("GET", f"/{id}"), ("GET", f"/{id}/_history"),
            ("GET", f"/{id}/_history/1"),
        )
    }  # fmt: skip
    evaluate = {(method, f"/fhir/Measure/halaven-dcr/${name}") for method in ("GET", "POST")
                for name in ("evaluate", "evaluate-measure")}  # fmt: skip
    jobs = {("GET", "/fhir/$job/a"), ("DELETE", "/fhir/$job/a"), ("GET", "/fhir/$job/a/errors")}
    assert answered == content | evaluate | jobs


def test_a_site_that_is_not_there_is_told_to_who_is_of_all(at):
    refused = at("office", "nowhere").get("Patient")
    assert (refused.status_code, issue(refused)["code"]) == (404, "not-found")
    assert "klinik-a, klinik-b" in issue(refused)["diagnostics"]


def test_writing_is_for_the_site_itself(at):
    for client in ROLES:
        assert at(client, "klinik-a").put(person("x", "Sato")).status_code == 403
    assert at("office", "klinik-a").send("POST", EVALUATE).status_code == 403
    assert at("office").send("POST", EVALUATE).status_code == 400
