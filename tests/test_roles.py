"""What a role permits, route by route (SEC-30; docs/security.md, https://owasp.org/API-Security/editions/2023/en/0xa5-broken-function-level-authorization/).

What is expected stands in the table of docs/security.md; here stands which of its rows each route belongs to.
"""

import re
from collections import defaultdict
from pathlib import Path

import pytest
from rest_client import FHIR, body, issue
from smart_client import SmartClient, bearer, builtin, made
from test_evaluate import treated
from test_gate import PUBLIC_PATHS

from fhir_registry.core.access import is_covered
from fhir_registry.core.scopes import parse_scopes
from fhir_registry.fhir import json
from fhir_registry.ops.callers import MOST, OF_ALL_SITES, ROLES, most_of

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "security.md"
PATIENTS, CONTENT, REPORTS, ALL_TYPES = "patients' data", "content", "reports", "all types"
SUMMARY, SINGLE, KEEP, WRITE = "summary", "single patients", "keep", "write"
ASK, IMPORT = "queries", "import"
AUDIT, JOBS, METRICS = "audit", "jobs", "metrics"
NOTHING = "nothing"  # there is nothing that anybody could be permitted
TYPES = {"Patient": PATIENTS, "Observation": PATIENTS, "Measure": CONTENT, "ResearchStudy": CONTENT,
         "MeasureReport": REPORTS}  # fmt: skip
WRITTEN, DELETED = {"Patient": WRITE, "Task": ASK}, {"Patient": WRITE, "Task": WRITE}

# Route -> {methods: row, or {type: row}}; HEAD is as GET.
DECLARED = {
    "/metrics": {"GET": METRICS},
    "/fhir": {"GET": ALL_TYPES, "POST": WRITE},
    "/fhir/_search": {"POST": ALL_TYPES},
    "/fhir/_history": {"GET": ALL_TYPES},
    "/fhir/$import": {"POST": IMPORT},
    "/fhir/$job/<id>": {"GET DELETE": JOBS},
    "/fhir/$job/<id>/errors": {"GET": JOBS},
    "/fhir/<type>": {"GET": TYPES, "POST PUT PATCH": WRITTEN, "DELETE": DELETED},
    "/fhir/<type>/_search": {"POST": TYPES},
    "/fhir/<type>/_history": {"GET": TYPES},
    "/fhir/<type>/<id>": {"GET": TYPES, "PUT PATCH": WRITTEN, "DELETE": DELETED},
    "/fhir/<type>/<id>/_history": {"GET": TYPES},
    "/fhir/<type>/<id>/_history/<version>": {"GET": TYPES},
    "/fhir/<type>/<id>/_search": {"POST": PATIENTS},
    "/fhir/<type>/<id>/<target>": {"GET": PATIENTS},
    "/fhir/<type>/<id>/<target>/_search": {"POST": PATIENTS},
    "/fhir/Measure/<id>/$evaluate-measure": {"GET": SUMMARY, "POST": KEEP},
    "/fhir/Measure/<id>/$evaluate": {"GET": SUMMARY, "POST": KEEP},
    "/fhir/ResearchStudy/<id>/$findings": {"GET POST": SINGLE},
    "/fhir/<any(Measure, ResearchStudy):type>/<id>/$table": {"GET POST": SINGLE},
    "/fhir/<any(Patient, Encounter):type>/<id>/$everything": {"GET POST": PATIENTS},
    "/fhir/<any(Patient):type>/<id>/$erase": {"POST": WRITE},
    "/fhir/AuditEvent": {"GET": AUDIT, "POST PUT PATCH DELETE": NOTHING},
    "/fhir/AuditEvent/_search": {"POST": AUDIT},
    "/fhir/AuditEvent/<id>": {"GET": AUDIT, "POST PUT PATCH DELETE": NOTHING},
    "/fhir/AuditEvent/<id>/_history/<version>": {"GET": AUDIT},
}
FILLED = {"id": "a", "version": "1", "target": "Observation"}
IDS = {"Measure": "halaven-dcr", "ResearchStudy": "halaven"}
QUERIES = {"$table": "?table=adsl", "PUT": "?_id=a", "PATCH": "?_id=a", "DELETE": "?_id=a"}
PATCH = [{"op": "add", "path": "/gender", "value": "male"}]
PAIRS = [(role, "default") for role in ROLES] + [(role, "*") for role in OF_ALL_SITES]


def read_table():
    """{row: {role: whether it is permitted}} of docs/security.md; the row is the first word in bold."""
    lines = DOCUMENT.read_text().partition("## What a role may do")[2].partition("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    heads = [head.strip("`") for head in rows[0][1:]]
    found = {}
    for first, *cells in rows[2:]:
        assert {*cells} <= {"yes", "no"}
        found[re.match(r"\*\*(.+?)\*\*", first)[1]] = dict(zip(heads, (cell == "yes" for cell in cells), strict=True))
    return found


def requests_of(app):
    """(method, path, row) of every route but the public ones, for each type that it is declared for."""
    found = defaultdict(set)
    for rule in app.url_map.iter_rules():
        found[rule.rule] |= rule.methods - {"OPTIONS", "HEAD"}
    for rule in found.keys() - PUBLIC_PATHS:
        declared = {method: row for methods, row in DECLARED[rule].items() for method in methods.split()}
        assert found[rule] == {*declared}, f"a method of {rule} is not declared"
        for method, row in declared.items():
            for type, of_type in (row if isinstance(row, dict) else {_only(rule): row}).items():
                yield method, _path(rule, method, type), of_type


def _only(rule):
    return next((name for name in ("ResearchStudy", "Measure") if name in rule), "Patient")


def _path(rule, method, type):
    parts = [_fill(part[1:-1], type) if part.startswith("<") else part for part in rule.split("/")]
    return "/".join(parts) + (QUERIES.get(parts[-1]) or (QUERIES.get(method, "") if parts[2:] == [type] else ""))


def _fill(name, type):
    if name == "id":
        return IDS.get(type, "a")
    return FILLED.get(name, type)


def send(rest, method, path, token):
    """The status of a request that is as it should be; of a batch that of its entry."""
    sent = {"content_type": FHIR, "data": json.dumps({"resourceType": "Patient", "id": "a"})}
    if method in ("GET", "HEAD", "DELETE"):
        sent = {}
    elif path.endswith("_search"):
        sent = {"data": {}}
    elif method == "PATCH":
        sent = {"content_type": "application/json-patch+json", "data": json.dumps(PATCH)}
    elif "$" in path and "$import" not in path:
        sent["data"] = json.dumps({"resourceType": "Parameters"})
    is_batch = method == "POST" and path.endswith("/fhir")
    if is_batch or "$import" in path:
        entry = {"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}
        sent["data"] = json.dumps({"resourceType": "Bundle", "type": "batch", "entry": [entry]})
    headers = bearer(token) | ({"Prefer": "respond-async"} if "$import" in path else {})
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "10.0.0.1"}}
    response = rest.open(path, method=method, headers=headers, buffered=True, **elsewhere, **sent)
    response.close()
    if is_batch and response.status_code == 200:
        return int(body(response)["entry"][0]["response"]["status"][:3])
    return response.status_code


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return builtin(tmp_path_factory.mktemp("keys"), SMALL_CELL="0")


@pytest.fixture(scope="module")
def tokens(rest):
    """{(role, site): a token that grants all there is for the role}."""
    # As docs/security.md says that a regulator is registered: what of the reports it may see follows from its role.
    scopes = MOST | {"regulator": "system/Measure.rs system/ResearchStudy.rs system/MeasureReport.rs"}
    return {
        (role, site): SmartClient(rest.registry, scopes[role], site=site, role=role).token(rest, scopes[role])
        for role, site in PAIRS
    }


def test_the_table_is_of_all_roles_and_all_routes(rest):
    table = read_table()
    assert all({*row} == {*ROLES} for row in table.values())
    rows = {row for _, _, row in requests_of(rest._client.application)}
    assert rows - {NOTHING} == {*table}


@pytest.mark.parametrize(("role", "site"), PAIRS)
def test_sec_30_every_route_for_every_role(rest, tokens, role, site):
    table, asked = read_table(), 0
    for method, path, row in requests_of(rest._client.application):
        if site == "*" and path.startswith("/fhir"):
            path = f"/site/default{path}"
        permitted = row == NOTHING or table[row][role]
        for each in (method, "HEAD") if method == "GET" else (method,):
            status = send(rest, each, path, tokens[role, site])
            assert status < 500 and (status not in (401, 403)) is permitted, (each, path, row, status)
            asked += 1
    assert asked > 70


@pytest.mark.parametrize("role", ROLES)
def test_sec_30_reports_of_single_patients(rest, tokens, role):
    token = tokens[role, "default"]
    for query in ("reportType=subject-list", "subject=Patient/a", "reportType=individual&subject=Patient/a"):
        status = send(rest, "GET", f"/fhir/Measure/halaven-dcr/$evaluate-measure?{query}", token)
        assert (status != 403) is read_table()[SINGLE][role], query


def test_a_role_that_is_left_out_of_the_table_fails(rest):
    """A new route or method must be declared."""
    application = rest._client.application
    rules = {rule.rule for rule in application.url_map.iter_rules()} - PUBLIC_PATHS
    assert rules == {*DECLARED}


@pytest.mark.parametrize("role", ROLES)
def test_the_most_of_a_role_is_understood(content, role):
    scopes = most_of(role, content.search_params)
    assert " ".join(scope.text for scope in scopes) == MOST[role]
    assert all(is_covered(scope, scopes) for scope in scopes)


@pytest.mark.parametrize(
    ("scope", "role", "covered"),
    [
        ("system/Patient.rs", "registry", True),
        ("system/*.read", "monitor", True),
        ("system/Task.cu", "monitor", True),
        ("system/Task.cud", "monitor", False),
        ("system/Provenance.c", "monitor", False),
        ("system/*.cu", "monitor", False),
        ("system/Patient.u", "registry", False),
        ("system/Patient.rs?gender=male", "monitor", True),
        ("system/MeasureReport.rs", "regulator", True),  # of which the role lets it see some
        ("system/*.rs", "regulator", False),
        ("system/*.rs", "administrator", False),
        ("system/AuditEvent.rs", "site", True),
        ("system/AuditEvent.rs", "monitor", False),
    ],
)
def test_what_is_more_than_a_role_permits(content, scope, role, covered):
    (parsed,) = parse_scopes(scope, content.search_params)
    assert is_covered(parsed, most_of(role, content.search_params)) is covered


BY_ROLE = "The role of this client does not permit to"


@pytest.mark.parametrize(
    ("role", "method", "path", "told"),
    [
        ("registry", "PUT", "/fhir/Patient/a", f"{BY_ROLE} update Patient, by no scope"),
        ("registry", "POST", "/fhir/Measure/halaven-dcr/$evaluate-measure",
         f"{BY_ROLE} create MeasureReport, by no scope"),
        ("monitor", "POST", "/fhir/Patient/a/$erase", f"{BY_ROLE} erase a patient, by no scope"),
        ("monitor", "GET", "/fhir/Patient?_explain=true", f"{BY_ROLE} see how a search is done, by no scope"),
        ("regulator", "GET", "/fhir/ResearchStudy/halaven/$findings", f"{BY_ROLE} read AdverseEvent, by no scope"),
        ("regulator", "GET", "/fhir/ResearchStudy/halaven/$table?table=adsl",
         f"{BY_ROLE} read AdverseEvent, by no scope"),
        ("regulator", "GET", "/fhir/Patient/a", f"{BY_ROLE} read Patient, by no scope"),
        ("administrator", "GET", "/fhir/Patient", f"{BY_ROLE} search Patient, by no scope"),
    ],
)  # fmt: skip
def test_what_the_role_forbids_is_told_of_no_scope(rest, tokens, role, method, path, told):
    """RFC 6750, 3.1: `scope` is "the scope necessary to access the protected resource"; there is none."""
    sent = json.dumps({"resourceType": "Patient" if "Patient" in path else "Parameters", "id": "a"})
    headers = bearer(tokens[role, "default"]) | {"Accept": "application/fhir+json"}  # $table has none such: 403 first
    body_of = {} if method == "GET" else {"data": sent, "content_type": FHIR}
    refused = rest.open(path, method=method, headers=headers, **body_of)
    assert (refused.status_code, issue(refused)["diagnostics"]) == (403, told)
    assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_what_a_scope_would_do_for_names_it(rest):
    """A regulator that has not asked for its reports may, and then it is its role that shows it summaries only."""
    client = SmartClient(rest.registry, role="regulator")
    refused = rest.get("MeasureReport", **bearer(client.token(rest, "system/Measure.rs")))
    assert issue(refused)["diagnostics"].endswith("that needs the scope system/MeasureReport.s")
    assert refused.headers["WWW-Authenticate"].endswith('scope="system/MeasureReport.s"')
    constrained = SmartClient(rest.registry).token(rest, "system/Observation.cruds?category=laboratory")
    vital = {"resourceType": "Observation", "id": "v", "status": "final", "code": {"text": "x"}}
    refused = rest.put(vital, **bearer(constrained))
    assert refused.headers["WWW-Authenticate"].endswith('scope="system/Observation.u"')


# --- the regulator ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reports(rest):
    """Seven patients, of whom two had a response; kept are a summary as it is, a report of one of them, and one that
    says of itself that it is suppressed."""
    hospital = bearer(SmartClient(rest.registry).token(rest))
    for number in range(7):
        code = "LA28366-5" if number < 2 else "LA28369-9"
        pushed = treated(f"p{number}", ("2024-03-15", code))
        assert rest.send("POST", "", pushed, **hospital).status_code == 200
    path = "Measure/halaven-dcr/$evaluate-measure?periodEnd=2024-12-31"
    whole = body(rest.send("POST", path, **hospital))
    one = body(rest.send("POST", f"{path}&subject=Patient/p0", **hospital))
    tag = {"system": "https://registry.example/CodeSystem/suppression", "code": "small-cells"}
    safe = {name: value for name, value in whole.items() if name not in ("id", "group", "contained", "extension")}
    safe |= {"id": "safe", "meta": {"tag": [tag]}}
    assert rest.put(safe, **hospital).status_code == 201
    return whole, one


def numbers(report):
    """The counts of a report."""
    return [each.get("count") for group in report["group"] for each in group.get("population", ())]


def test_a_regulator_gets_suppressed_reports_whatever_the_settings_say(rest, tokens, reports):
    path = "Measure/halaven-dcr/$evaluate-measure?periodEnd=2024-12-31"
    whole = body(rest.get(path, **bearer(tokens["monitor", "default"])))
    assert any(0 < (n or 0) < 5 for n in numbers(whole)) and "meta" not in whole
    told = body(rest.get(path, **bearer(tokens["regulator", "default"])))
    assert told["meta"]["tag"][0]["display"] == "Counts of 1 to 4 are suppressed"
    assert not any(0 < (n or 0) < 5 for n in numbers(told)) and None in numbers(told)
    as_job = rest.get(path, Prefer="respond-async", **bearer(tokens["regulator", "default"]))
    assert as_job.status_code == 202


def test_a_regulator_reads_suppressed_summaries_only(rest, tokens, reports):
    whole, one = reports
    regulator, monitor = (bearer(tokens[role, "default"]) for role in ("regulator", "monitor"))

    def found(headers, query=""):
        entries = body(rest.get(f"MeasureReport{query}", **headers)).get("entry", ())
        return {entry["resource"]["id"] for entry in entries}

    assert found(monitor) == {whole["id"], one["id"], "safe"}
    assert found(monitor, "?report-type=individual") == {one["id"]}
    assert found(monitor, "?report-type=summary") == {whole["id"], "safe"}
    assert found(regulator) == found(regulator, "?report-type=summary") == {"safe"}
    assert found(regulator, "?report-type=individual") == set()
    assert rest.get("MeasureReport/safe", **regulator).status_code == 200
    for hidden in (whole["id"], one["id"]):
        answer = rest.get(f"MeasureReport/{hidden}", **regulator)
        assert answer.status_code == 404
        assert answer.text == rest.get("MeasureReport/nothing", **regulator).text.replace("nothing", hidden)


def test_who_may_not_read_all_patients_sees_no_small_counts_either(rest, reports):
    """A client of a hospital that may read reports alone, whatever its role."""
    client = SmartClient(rest.registry)
    path = "Measure/halaven-dcr/$evaluate-measure?periodEnd=2024-12-31"
    told = body(rest.get(path, **bearer(client.token(rest, "system/MeasureReport.r"))))
    assert not any(0 < (n or 0) < 5 for n in numbers(told))
    assert any(0 < (n or 0) < 5 for n in numbers(body(rest.get(path, **bearer(client.token(rest))))))


def test_a_kept_report_is_read_as_it_is_unless_the_scope_asks_for_suppressed_ones(rest, reports):
    client, (whole, one) = SmartClient(rest.registry), reports
    reader = bearer(client.token(rest, "system/MeasureReport.rs"))
    assert numbers(body(rest.get(f"MeasureReport/{whole['id']}", **reader))) == numbers(whole)
    constrained = re.search(r"`(system/MeasureReport\.rs\?.+?)`", DOCUMENT.read_text())[1]
    careful = bearer(client.token(rest, constrained))
    for report, status in ((whole["id"], 404), (one["id"], 404), ("safe", 200)):
        assert rest.get(f"MeasureReport/{report}", **careful).status_code == status


def test_a_constraint_on_reports_holds_for_those_that_are_made(rest, reports):
    client = SmartClient(rest.registry)
    path = "Measure/halaven-dcr/$evaluate-measure?periodEnd=2024-12-31"
    refused = rest.get(path, **bearer(client.token(rest, "system/MeasureReport.rs?report-type=individual")))
    assert refused.status_code == 403
    answered = rest.get(path, **bearer(client.token(rest, "system/MeasureReport.rs?report-type=summary")))
    assert answered.status_code == 200


def test_no_scope_is_more_than_the_role(rest, settings):
    """A token whose scopes were granted before the role was, or by a provider."""
    for role in ("registry", "regulator", "monitor", "administrator"):
        token = made(settings, SmartClient(rest.registry, role=role), scope="system/*.cruds")
        refused = rest.send("DELETE", "Patient/a", **bearer(token))
        assert (refused.status_code, issue(refused)["code"]) == (403, "forbidden")
        assert "The role of this client does not permit to delete Patient" in issue(refused)["diagnostics"]
        assert refused.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
