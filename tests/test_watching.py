"""What the server says about itself to those who watch it (docs/operations.md)."""

import os

import pytest
import requests
from own_server import FHIR, OwnServer, wait_until
from prometheus_client.parser import text_string_to_metric_families
from rest_client import serving

from fhir_registry.ops.health import health
from fhir_registry.store.wall import EVERYWHERE


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request, new_database, tmp_path_factory):
    with OwnServer(new_database(request.param), tmp_path_factory.mktemp("server"), workers=2) as server:
        yield server


def metrics(server):
    """{(name, labels as a sorted tuple): value}."""
    text = requests.get(f"{server.root}/metrics", timeout=20).text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def requests_of(found, route):
    return sum(
        value
        for (name, labels), value in found.items()
        if name == "fhir_registry_request_seconds_count" and ("route", route) in labels
    )


def test_metrics_are_those_of_all_processes_and_outlive_them(server):
    route = "/fhir/<type>/<id>"
    before = requests_of(metrics(server), route)
    for number in range(40):  # each on a connection of its own, so that both processes answer some
        requests.put(f"{server.base}/Patient/{number}", json={"resourceType": "Patient", "id": str(number)}, timeout=20)
    found = metrics(server)
    assert requests_of(found, route) == before + 40
    assert found["fhir_registry_request_seconds_count", (("method", "PUT"), ("route", route), ("status", "201"))] >= 40
    assert found["fhir_registry_write_hold_seconds_count", ()] >= 40
    assert found["fhir_registry_write_wait_seconds_count", ()] >= 40
    killed = server.http_workers()[0]
    killed.kill()
    wait_until(lambda: len(server.http_workers()) == 2 and killed not in server.http_workers())
    assert requests_of(metrics(server), route) == before + 40


def test_metrics_tell_resources_jobs_and_the_build(server):
    before = metrics(server)
    requests.post(f"{server.base}/Patient", json={"resourceType": "Patient"}, timeout=20)
    found = metrics(server)
    grown = {name: found[name, ()] - before[name, ()] for name, _ in before if name.startswith("fhir_registry_res")}
    assert grown == {"fhir_registry_resources_created": 1}
    assert found["fhir_registry_write_transactions", ()] == before["fhir_registry_write_transactions", ()] + 1
    assert found["fhir_registry_database_up", ()] == 1
    assert found["fhir_registry_jobs", (("state", "completed"),)] == 0
    assert found["fhir_registry_job_oldest_waiting_seconds", ()] == 0
    assert found["fhir_registry_requests_in_flight", ()] == 1  # this one
    assert any(name == "fhir_registry_build_info" for name, _ in found)


def test_ready_names_each_check(server):
    wait_until(lambda: check(server, "job-worker")["status"] == "ok")
    answer = requests.get(f"{server.root}/health/ready", timeout=20)
    assert answer.status_code == 200 and answer.json()["status"] == "ok"
    assert {name: check["status"] for name, check in answer.json()["checks"].items()} == dict.fromkeys(
        ("database", "schema", "job-worker", "disk"), "ok"
    )
    assert requests.get(f"{server.root}/health", timeout=20).json() == answer.json()
    assert requests.get(f"{server.root}/health/live", timeout=20).json()["status"] == "ok"


def check(server, name):
    return requests.get(f"{server.root}/health/ready", timeout=20).json()["checks"][name]


@pytest.fixture
def rest(database):
    with serving(database) as rest:
        yield rest


def checked(rest, folder, job_workers=0):
    state = health(rest.registry, folder, job_workers)
    return state["status"], state["checks"]


def test_a_missing_job_worker_is_told_but_requests_are_served(rest, tmp_path):
    status, checks = checked(rest, tmp_path)
    assert status == "ok" and checks["job-worker"]["status"] == "warn"
    assert "fhir-registry worker" in checks["job-worker"]["message"]


def test_tables_of_another_release_are_not_served(rest, tmp_path):
    with rest.registry.store.database.write(EVERYWHERE) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    status, checks = checked(rest, tmp_path)
    assert status == "unavailable" and "another release" in checks["schema"]["message"]


def test_a_process_of_older_rules_is_not_served(rest, tmp_path):
    with rest.registry.store.database.write(EVERYWHERE) as connection:
        connection.exec_driver_sql("UPDATE setting SET value = 'other' WHERE name = 'rules'")
    status, checks = checked(rest, tmp_path)
    assert status == "unavailable" and "newer rules" in checks["schema"]["message"]


def test_a_database_that_is_read_only_is_not_served(rest, tmp_path):
    database = rest.registry.store.database
    if database.sqlite:
        if os.geteuid() == 0:
            pytest.skip("root may write every file")
        os.chmod(database.url.database, 0o444)
    else:
        with database.write(EVERYWHERE) as connection:
            name = database.url.database
            connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        database.close()
    status, checks = checked(rest, tmp_path)
    assert status == "unavailable" and "make it writable" in checks["database"]["message"]


def test_the_media_type_of_metrics_is_that_of_the_format(rest):
    """https://prometheus.io/docs/instrumenting/exposition_formats/"""
    assert rest._client.get("/metrics").headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_methods_that_clients_make_up_are_one(rest):
    for number in range(3):
        rest._client.open("/fhir/Patient/a", method=f"SECRET{number}")
    text = rest._client.get("/metrics").get_data(as_text=True)
    assert 'method="other"' in text and "SECRET" not in text
    assert FHIR not in text
