"""What a client has asked for ends with the client (https://datatracker.ietf.org/doc/html/rfc7009#section-2.1)."""

import threading
import time

import pytest
from smart_client import SmartClient, bearer

from fhir_registry.ops import jobs
from fhir_registry.ops.jobs import KINDS, do, do_alone
from fhir_registry.store.job import FAILED, REQUESTED
from fhir_registry.store.wall import EVERYWHERE

ASYNC = {"Prefer": "respond-async"}
LINE = {"data": b'{"resourceType": "Patient", "id": "late"}', "content_type": "application/fhir+ndjson"}


@pytest.fixture
def asked(rest):
    """(a client, the job that it has asked for)."""
    client = SmartClient(rest.registry)
    answer = rest.open("/fhir/$import", method="POST", headers=bearer(client.token(rest)) | ASYNC, **LINE)
    assert answer.status_code == 202, answer.text
    return client, rest.registry.store.jobs.claim("me", KINDS)


def state(rest, job):
    with rest.registry.store.ask(EVERYWHERE) as connection:
        return rest.registry.store.jobs.find(connection, job.id)


def test_what_waits_is_not_done(rest, asked):
    client, job = asked
    rest.registry.store.clients.revoke(client.id)
    do(rest.registry, job)
    found = state(rest, job)
    assert (found.state, str(found.error())) == (FAILED, "The client that asked for this was revoked")
    other = bearer(SmartClient(rest.registry).token(rest))
    assert rest.get("Patient/late", **other).status_code == 404


def test_what_runs_is_ended(rest, asked, monkeypatch):
    client, job = asked
    monkeypatch.setattr(jobs, "KINDS", {"import": lambda *_: time.sleep(600)})  # of the process that is forked
    do_alone(rest.registry, job, threading.Event(), told=lambda _: rest.registry.store.clients.revoke(client.id))
    assert state(rest, job).state == REQUESTED
    again = rest.registry.store.jobs.claim("me", KINDS)
    do(rest.registry, again)
    assert state(rest, job).state == FAILED


def test_what_others_have_asked_for_goes_on(rest, asked):
    _, job = asked
    rest.registry.store.clients.revoke(SmartClient(rest.registry).id)
    do(rest.registry, job)
    assert state(rest, job).result["output"][0]["created"] == 1
