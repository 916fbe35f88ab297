"""The operation $table and the command `tables`, from pushed bundles to files, on SQLite and PostgreSQL."""

import csv
import io
import json
from datetime import date
from threading import Thread

import pytest
from click.testing import CliRunner
from pyarrow import parquet
from werkzeug.serving import make_server

from fhir_registry.edges.app import create_app
from fhir_registry.edges.cli import main
from fhir_registry.edges.config import Config
from fhir_registry.examples import Example
from fhir_registry.examples.lipusu_her2_truth import HORIZON_DAYS
from fhir_registry.examples.person import day_of
from fhir_registry.fhir.dates import from_day
from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry
from fhir_registry.reports.tables import TABLES

SITE = 1
STUDIES = ("halaven", "faslodex", "lipusu-her2")
PATIENTS = 24
TRUTH = {name: Example(name, PATIENTS, seed=4).truth() for name in STUDIES}
PERIOD = {name: {"periodStart": truth["periodStart"], "periodEnd": truth["periodEnd"]} for name, truth in TRUTH.items()}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def app(request, new_database, content, tmp_path_factory):
    """An application that holds the made-up patients of the three registries."""
    registry = open_registry(new_database(request.param), content)
    for study in STUDIES:
        for bundle in Example(study, PATIENTS, seed=4).bundles():
            ingest.bundle(registry, SITE, json.loads(json.dumps(bundle)), "http://localhost/fhir")
    yield create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": str(tmp_path_factory.mktemp("data"))}), registry)
    registry.close()


@pytest.fixture(scope="module")
def client(app):
    return app.test_client()


def fetch(client, path, headers=None, **query):
    """(status, content type, bytes) of an answer."""
    with client.get(f"/fhir/{path}", query_string=query, headers=headers) as response:
        return response.status_code, response.content_type, response.data


def rows(client, table, study="lipusu-her2"):
    status, content_type, text = fetch(client, f"ResearchStudy/{study}/$table", table=table, **PERIOD[study])
    assert (status, content_type) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(text.decode(), newline="")))


def test_the_times_are_those_of_the_true_course(client):
    cutoff, expected = day_of(PERIOD["lipusu-her2"]["periodEnd"]), []
    for person in Example("lipusu-her2", PATIENTS, seed=4).people:
        if person.excluded is None:
            death = person.death_day(cutoff)
            days = (person.last_contact(cutoff) if death is None else death) - person.index
            time = (HORIZON_DAYS + 1, "1") if days > HORIZON_DAYS else (days + 1, "1" if death is None else "0")
            expected.append((from_day(person.index).isoformat(), *time))
    times = [row for row in rows(client, "adtte") if row["PARAMCD"] == "OS"]
    assert sorted((row["STARTDT"], float(row["AVAL"]), row["CNSR"]) for row in times) == sorted(expected)
    assert len(expected) > 10


@pytest.mark.parametrize("study", STUDIES)
def test_persons_are_analysed_or_excluded(client, study):
    found = rows(client, "adsl", study)
    subjects = [row["USUBJID"] for row in found]
    assert subjects == sorted(subjects) and len(set(subjects)) == len(subjects)
    assert all((row["FASFL"] == "N") <= bool(row["EXCLREAS"]) for row in found)
    assert {row["STUDYID"] for row in found} == {study}


def test_every_registry_fills_the_tables_of_its_measures(client):
    filled = {
        study: {table for table in TABLES if table != "trace" and rows(client, table, study)} for study in STUDIES
    }
    assert filled == {
        "halaven": {"adsl", "adrs", "adae", "adcm", "adex"},
        "faslodex": {"adsl", "adcm", "adex"},
        "lipusu-her2": {"adsl", "adtte", "adrs", "adcm", "adex"},
    }


def test_the_source_of_a_time_can_be_read(client):
    row = next(row for row in rows(client, "adtte") if row["PARAMCD"] == "PFS" and row["CNSR"] == "0")
    status, _, text = fetch(client, f"{row['SRCDOM']}/{row['SRCSEQ']}/_history/{row['SRCVER']}")
    assert status == 200
    assert row["ADT"] in text.decode()


@pytest.mark.parametrize("table", [table for table in TABLES if table != "trace"])
def test_parquet_has_what_csv_has(client, table):
    study = "halaven" if table == "adae" else "lipusu-her2"
    expected = rows(client, table, study)
    status, content_type, data = fetch(
        client, f"ResearchStudy/{study}/$table", table=table, _format="parquet", **PERIOD[study]
    )
    assert (status, content_type) == (200, "application/vnd.apache.parquet")

    def cell(value):
        if value is None:
            return ""
        return value.isoformat() if isinstance(value, date) else repr(value).removesuffix(".0").strip("'")

    found = parquet.read_table(io.BytesIO(data)).to_pylist()
    found = [{name: v if isinstance(v, str) else cell(v) for name, v in row.items()} for row in found]
    assert found == expected


def test_the_trace_accounts_for_the_initial_population(client):
    path, query = "Measure/lipusu-her2-os", PERIOD["lipusu-her2"]
    _, _, text = fetch(client, f"{path}/$table", table="trace", **query)
    states = {row["USUBJID"]: row["STATE"] for row in csv.DictReader(io.StringIO(text.decode(), newline=""))}
    report = json.loads(fetch(client, f"{path}/$evaluate-measure", **query)[2])
    counts = {p["code"]["coding"][0]["code"]: p.get("count") for p in report["group"][0]["population"]}
    assert counts["initial-population"] == len(states)
    assert counts["denominator"] == sum(state == "analysed" for state in states.values())


def test_the_same_question_gives_the_same_bytes(client):
    for format in ("csv", "parquet"):
        asked = {"table": "adtte", "_format": format, **PERIOD["lipusu-her2"]}
        assert len({fetch(client, "ResearchStudy/lipusu-her2/$table", **asked)[2] for _ in range(2)}) == 1


def test_accept_chooses_the_format(client):
    path = "Measure/lipusu-her2-os/$table"
    assert fetch(client, path, {"Accept": "application/vnd.apache.parquet"}, table="adtte")[2][:4] == b"PAR1"
    for accept in ("text/csv", "*/*", "text/*;q=0.5, application/pdf"):
        assert fetch(client, path, {"Accept": accept}, table="adtte")[1] == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "query", "headers", "status", "words"),
    [
        ("ResearchStudy/lipusu-her2", {}, {}, 400, "'table' is missing"),
        ("ResearchStudy/lipusu-her2", {"table": "adxx"}, {}, 400, "supported: adsl, adtte"),
        ("ResearchStudy/lipusu-her2", {"table": "trace"}, {}, 400, "one of a Measure"),
        ("ResearchStudy/lipusu-her2", {"table": "adsl", "periodEnd": "soon"}, {}, 400, "periodEnd 'soon'"),
        ("ResearchStudy/lipusu-her2", {"table": "adsl", "page": "2"}, {}, 400, "'page' is not supported"),
        ("ResearchStudy/lipusu-her2", {"table": ["adsl", "adtte"]}, {}, 400, "once only"),
        ("ResearchStudy/moon", {"table": "adsl"}, {}, 404, "'moon'"),
        ("Measure/moon", {"table": "adsl"}, {}, 404, "'moon'"),
        ("Measure/lipusu-her2-os", {"table": "adsl", "_format": "pdf"}, {}, 406, "pdf is not offered"),
        ("Measure/lipusu-her2-os", {"table": "adsl"}, {"Accept": "image/png"}, 406, "image/png is not offered"),
    ],
)
def test_a_wrong_question_is_refused_by_name(client, path, query, headers, status, words):
    found, content_type, text = fetch(client, f"{path}/$table", headers, **query)
    assert found == status
    assert content_type.startswith("application/fhir+json")
    assert words in json.loads(text)["issue"][0]["diagnostics"]


def test_the_operation_is_declared(client):
    statement = json.loads(fetch(client, "metadata")[2])
    for type in ("Measure", "ResearchStudy"):
        (resource,) = [r for r in statement["rest"][0]["resource"] if r["type"] == type]
        assert "table" in [operation["name"] for operation in resource["operation"]]


@pytest.fixture(scope="module")
def base(app):
    """The FHIR base URL of a server of the application."""
    server = make_server("127.0.0.1", 0, app)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/fhir"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_the_command_saves_what_the_server_answers(client, base, tmp_path, format):
    for id, type in (("lipusu-her2", "ResearchStudy"), ("lipusu-her2-pfs", "Measure")):
        start, end = PERIOD["lipusu-her2"].values()
        options = ["--out", str(tmp_path), "--format", format, "--start", start, "--end", end]
        result = CliRunner().invoke(main, ["tables", id, "--from", base, *options])
        assert result.exit_code == 0, result.output
        for table in TABLES:
            path = tmp_path / f"{id}-{table}.{format}"
            if table == "trace" and type == "ResearchStudy":
                assert not path.exists()
            else:
                query = {"table": table, "_format": format, **PERIOD["lipusu-her2"]}
                assert path.read_bytes() == fetch(client, f"{type}/{id}/$table", **query)[2]
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["moon"], "neither a Measure nor a ResearchStudy"), (["lipusu-her2", "--table", "adxx"], "adxx: HTTP 400")],
)
def test_the_command_says_what_is_wrong(base, tmp_path, arguments, words):
    result = CliRunner().invoke(main, ["tables", *arguments, "--from", base, "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert words in result.output
    assert list(tmp_path.iterdir()) == []
