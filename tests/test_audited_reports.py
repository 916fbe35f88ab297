"""Reports, tables, findings and jobs that name patients leave it in the audit log whom (docs/audit.md)."""

import json
from contextlib import closing

import pytest
from audited_client import AuditedClient, all_events, only_event, query_of, touched
from rest_client import BASE, body
from smart_client import builtin, jwks, key
from test_cli import run
from test_evaluate import treated

from fhir_registry.core.audit import READS, WRITES
from fhir_registry.edges.command_event import CLIENT
from fhir_registry.ops.jobs import KINDS, do
from fhir_registry.ops.open import open_registry

EVALUATE = "Measure/halaven-dcr/$evaluate-measure"
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture(scope="module")
def client(rest):
    client = AuditedClient(rest)
    dosed_before_birth = treated("b", ("2024-03-15", "LA28369-9"))
    dosed_before_birth["entry"][0]["resource"] |= {"deceasedDateTime": "2024-01-10"}  # a finding
    for each in (treated("a", ("2024-03-15", "LA28369-9")), dosed_before_birth):
        assert client.send("POST", "", each).status_code == 200
    return client


@pytest.mark.parametrize(
    ("path", "interaction", "patients"),
    [
        (f"{EVALUATE}?periodEnd=2024-12-31", "operation", set()),
        (f"{EVALUATE}?periodEnd=2024-12-31&subject=Patient/a", "operation", {"a"}),
        (f"{EVALUATE}?periodEnd=2024-12-31&reportType=subject-list", "operation", {"a", "b"}),
        ("ResearchStudy/halaven/$findings?periodEnd=2024-12-31", "operation", {"b"}),
        ("ResearchStudy/halaven/$findings?periodEnd=2024-12-31&_format=csv", "operation", {"b"}),
        ("ResearchStudy/halaven/$findings?periodEnd=2024-12-31&_count=0", "operation", set()),
        ("Measure/halaven-dcr/$table?table=adsl&periodEnd=2024-12-31", "export", {"a", "b"}),
    ],
)
def test_what_names_patients(rest, client, path, interaction, patients):
    response = client.get(path)
    assert response.status_code == 200, response.text
    row = only_event(rest.registry, response)
    assert (row.chain, row.payload["interaction"]) == (READS, interaction)
    assert {*touched(row)} == patients and query_of(row) == f"/fhir/{path}"


def test_a_report_that_is_kept(rest, client):
    """Its write, its Provenance's, and those whom it lists; then everybody who reads it."""
    response = client.send("POST", f"{EVALUATE}?periodEnd=2024-12-31&reportType=subject-list")
    report = body(response)["id"]
    row = only_event(rest.registry, response)
    assert row.chain == WRITES and touched(row)["a"] == {("create", "MeasureReport", report, 1)} == touched(row)["b"]
    assert touched(row)[""] == {("create", "Provenance", f"{report[:56]}-1", 1)}
    read = only_event(rest.registry, client.get(f"MeasureReport/{report}"))
    assert touched(read) == {id: {("read", "MeasureReport", report, 1)} for id in "ab"}


def do_all(registry):
    jobs = registry.store.jobs
    while job := jobs.claim("w", tuple(KINDS)):
        do(registry, job)


def test_an_evaluation_later(rest, client):
    asked = client.get(f"{EVALUATE}?periodEnd=2024-12-31&reportType=subject-list", **ASYNC)
    assert asked.status_code == 202 and touched(only_event(rest.registry, asked)) == {}
    place = asked.headers["Content-Location"].removeprefix(f"{BASE}/")
    before = len(all_events(rest.registry))
    do_all(rest.registry)
    assert len(all_events(rest.registry)) == before  # nobody was told anything
    answer = client.get(place)
    assert answer.status_code == 200 and {*touched(only_event(rest.registry, answer))} == {"a", "b"}


def test_an_evaluation_that_is_kept_later(rest, client):
    asked = client.send("POST", f"{EVALUATE}?periodEnd=2024-11-30&reportType=subject-list", **ASYNC)
    do_all(rest.registry)
    told = [row for row in all_events(rest.registry) if row.payload["request"] == asked.headers["X-Request-Id"]]
    assert [row.chain for row in told] == [READS, WRITES]
    assert {*touched(told[1])} == {"", "a", "b"} and told[1].payload["client"] == client.id


def test_an_import(rest, client):
    lines = [{"resourceType": "Patient", "id": f"i{n}"} for n in range(3)]
    lines += [{"resourceType": "Patient", "id": "i0", "gender": "unheard-of"}, {"resourceType": "Basic", "id": "x"}]
    lines[-1] |= {"code": {"text": "x"}, "subject": {"reference": "Patient/i1"}}
    sent = "\n".join(map(json.dumps, lines)).encode()
    headers = ASYNC | {"Content-Type": "application/fhir+ndjson"}

    def send():
        asked = client.open("/fhir/$import", headers, method="POST", data=sent)
        assert asked.status_code == 202, asked.text
        do_all(rest.registry)
        return [r for r in all_events(rest.registry) if r.payload["request"] == asked.headers["X-Request-Id"]]

    asked, *done = send()
    assert (asked.payload["interaction"], asked.payload["status"]) == ("import", 202)
    (done,) = done
    assert (done.chain, done.payload["client"], done.payload["interaction"]) == (WRITES, client.id, "import")
    entry = ("create", "Basic", "x", 1)
    made = {f"i{n}": {("create", "Patient", f"i{n}", 1)} for n in range(3)}
    assert touched(done) == made | {"i1": made["i1"] | {entry}}
    assert len(send()) == 1  # what changes nothing is asked for, no more


def test_an_imported_report_is_about_those_whom_it_lists(rest, client):
    report = json.loads(client.get(f"{EVALUATE}?periodEnd=2024-12-31&reportType=subject-list").text)
    alone, bundled = report | {"id": "alone"}, report | {"id": "bundled"}
    entry = {"resource": bundled, "request": {"method": "PUT", "url": "MeasureReport/bundled"}}
    sent = (alone, {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    headers = ASYNC | {"Content-Type": "application/fhir+ndjson"}
    asked = client.open("/fhir/$import", headers, method="POST", data="\n".join(map(json.dumps, sent)))
    do_all(rest.registry)
    told = [row for row in all_events(rest.registry) if row.payload["request"] == asked.headers["X-Request-Id"]]
    made = {("create", "MeasureReport", id, 1) for id in ("alone", "bundled")}
    assert [touched(row) for row in told] == [{}, {"a": made, "b": made}]


# --- on the command line ----------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path, new_registry):
    """A function: `fhir-registry` with arguments on a database in mode builtin; and the database."""
    database = new_registry("sqlite")
    (tmp_path / "keys.json").write_bytes(jwks(key()))
    settings = {f"FHIR_REGISTRY_{name}": value for name, value in builtin(tmp_path).items()}

    def invoke(*arguments, **changes):
        done = run(tmp_path, *arguments, **settings | {"FHIR_REGISTRY_DATABASE": database} | changes)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return invoke, database


def events_in(database, content):
    with closing(open_registry(database, content)) as registry:
        return all_events(registry)


def test_commands(command, content, tmp_path):
    invoke, database = command
    id_ = invoke("client", "register", "--name", "A", "--scopes", "system/*.rs", "--jwks", "keys.json").split()[-1]
    invoke("client", "rotate", id_, "--jwks", "keys.json")
    invoke("client", "revoke", id_)
    (tmp_path / "two.ndjson").write_text("".join(f'{{"resourceType":"Patient","id":"c{n}"}}\n' for n in range(2)))
    invoke("import", "two.ndjson")
    *configured, imported = events_in(database, content)
    assert [row.payload["route"].split()[-1] for row in configured] == ["register", "rotate", "revoke"]
    assert {(row.chain, row.payload["interaction"]) for row in configured} == {(READS, "configure")}
    assert all(id_ in row.private["asked"]["reason"] for row in configured)
    assert (imported.chain, imported.payload["interaction"]) == (WRITES, "import") and {*touched(imported)} == {
        "c0",
        "c1",
    }
    for row in (*configured, imported):
        assert row.payload["client"] == CLIENT and row.payload["user"]


def test_commands_without_access_control(command, content, tmp_path):
    invoke, database = command
    (tmp_path / "one.ndjson").write_text('{"resourceType":"Patient","id":"c"}\n')
    invoke("import", "one.ndjson", FHIR_REGISTRY_ACCESS="none")
    assert events_in(database, content) == []
