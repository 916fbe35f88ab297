"""Others read, import, evaluate and make tables anew while somebody is erased: it stays so, and nothing is lost."""

import gzip
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from audit_events import broken, read, searched
from erasure import GONE, MARK, STAYS, fill, observation, person
from rest_client import BASE, patient, serving
from sqlalchemy import text
from test_audit_log import until
from test_erase import EVENT, REASON, erased, marked
from test_evaluate import treated
from test_import_job import LIMIT, SITE, lines, run

from fhir_registry.core.audit import READS
from fhir_registry.core.audit_event import number_events, render
from fhir_registry.fhir import json
from fhir_registry.fhir.dates import SECOND
from fhir_registry.fhir.errors import FhirError, error
from fhir_registry.ops import fsck, ingest, jobs
from fhir_registry.ops.audit_log import AuditLog
from fhir_registry.ops.erase import erase
from fhir_registry.ops.evaluate_later import request_evaluation
from fhir_registry.ops.import_job import KIND, KIND_OF_FILES, PIECE, _Import, request_body, request_files
from fhir_registry.ops.open import make_site, open_registry
from fhir_registry.ops.reindex import open_tables
from fhir_registry.store.rebuild import Rebuild
from fhir_registry.store.wall import EVERYWHERE


@pytest.fixture
def rest(prepared):
    with serving(prepared) as rest:
        fill(rest)
        yield rest


@pytest.mark.parametrize("failed", [False, True], ids=["goes on", "is retried"])
def test_an_import_still_knows_what_to_try_again(rest, tmp_path, failed):
    """Its first round is done. Of what it has refused the words go, which may quote anybody."""
    sent = [
        referring("early", "Patient?identifier=urn:mrn|late"),
        {"resourceType": "Patient", "name": [{"family": "A"}], "gender": MARK},
        referring("lost", f"Patient?identifier=urn:mrn|{MARK}"),
        patient("late", id="late"),
    ]
    path, store = tmp_path / "sent.ndjson", rest.registry.store
    path.write_bytes(lines(*sent))
    id_ = request_files(rest.registry, SITE, [path], None, LIMIT, 1)
    job = store.jobs.claim("me", [KIND_OF_FILES], id=id_)
    _Import(rest.registry, job).go_through()
    assert "job_error" in marked(store)
    if failed:
        job.fail(error("bad-request", "value", "of whatever reason"))
    else:
        job.give_back()
    erased(rest)
    assert marked(store) == set()
    if failed:
        assert store.jobs.retry(id_)
    stored = {"Observation": (1, 0, 0, 0), "Patient": (1, 0, 0, 0)}
    refused = [(str(path), 2, "code-invalid", None), (str(path), 3, "not-found", None)]
    assert run(rest.registry, KIND_OF_FILES, id_) == (stored, refused)
    assert rest.read("Observation/early")["subject"] == {"reference": "Patient/late"}
    for number, outcome in zip((2, 3), jobs.refusals(store, job), strict=True):
        assert rest.registry.validator.validate(outcome) == []
        assert outcome["issue"][0]["diagnostics"].startswith(f"{path}, line {number}: What was told of this went")


def referring(id, reference):
    return observation(id, "x") | {"subject": {"reference": reference}}


def test_who_is_read_meanwhile_is_not_named_by_the_audit_log(rest, monkeypatch):
    """What was read of the moment before is appended when the erasure is done, and looks like what it has erased."""
    store, log = rest.registry.store, AuditLog(rest.registry.store)
    append, waiting = store.audit.append, []
    events = [read(GONE), searched(GONE, STAYS, query=f"identifier=mrn-{GONE}"), read(STAYS)]
    for event in events:
        log.record(SITE, event)

    def while_others_read(*appended):  # the last that the erasure does, with both chains locked
        monkeypatch.setattr(store.audit, "append", append)
        waiting.extend(pool.submit(log.record, SITE, event) for event in events)
        return append(*appended)

    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(store.audit, "append", while_others_read)
        erased(rest)
    assert [each.result() for each in waiting] == [None] * 3
    log.close()
    with store.ask(SITE) as connection:
        rows = [row for row in store.audit.page(connection, SITE, 100, newest=False) if row.chain == READS]
        of_other = store.audit.page(connection, SITE, 100, newest=False, patients=[STAYS])
    assert marked(store) == set() and broken(store) == {} and list(fsck.check(rest.registry)) == []
    told = [[timeless(render(row, each, BASE)) for each in number_events(row)] for row in rows]
    assert told[:3] == told[3:] and [len(each) for each in told] == [1, 2, 1] * 2
    assert [row.seq for row in of_other] == [2, 3, 5, 6]


def timeless(event):
    return {**event, "id": None, "recorded": None, "meta": event["meta"].get("profile")}


def test_tables_that_are_made_anew_meanwhile_do_not_bring_it_back(rest, prepared, content, monkeypatch):
    """The erasure had looked for such a job before there was one, and taken the rows out of what tables there were."""
    store, add, begun = rest.registry.store, rest.registry.store.tombstones.add, []

    def while_tables_are_made(*added):
        begun.append(pool.submit(open_tables, other.store, again=True))
        until(lambda: store.database.sqlite or waits_for_lock(store))
        add(*added)

    with closing(open_registry(prepared, content)) as other, ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(store.tombstones, "add", while_tables_are_made)
        slot = other.store.tables.slot
        erased(rest)
        begun[0].result()
        assert other.store.tables.slot != slot and marked(other.store) == set()
        assert list(fsck.check(other)) == []


def test_tables_that_were_half_made_before_do_not_bring_it_back(rest, prepared, content, monkeypatch):
    """What a failed try had made names the person, in rows of what names others too."""
    jobs = rest.registry.store.jobs

    def fail(*_):
        raise error("unavailable", "transient", "of whatever reason")

    with monkeypatch.context() as patch, pytest.raises(FhirError):
        patch.setattr(Rebuild, "finish", fail)
        open_registry(prepared, content, again=True)
    job = jobs.claim("me", ["reindex"])
    assert job.checkpoint["rid"]
    job.fail(error("bad-request", "value", "of whatever reason"))
    erased(rest)
    assert marked(jobs.store) == set()
    assert jobs.retry(job.id)
    with closing(open_registry(prepared, content, again=True)) as other:
        assert jobs.get(job.id).state == "completed" and marked(other.store) == set()
        assert list(fsck.check(other)) == []


def waits_for_lock(store):
    """Whether a transaction waits for another; on SQLite they wait for their turn."""
    of_others = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with store.ask(EVERYWHERE) as connection:
        return connection.execute(text(of_others)).first()


def test_the_first_erasures_of_two_sites_have_one_key(rest):
    """Each found none; what is erased is known by it ever after."""
    store, names = rest.registry.store, {("Patient", GONE)}
    sites = SITE, make_site(rest.registry, "klinik-b")

    def add(site):
        with store.write(site) as writer:
            store.tombstones.add(writer.connection, site, names, store.now(), REASON)

    with ThreadPoolExecutor(1) as pool:
        with store.write(sites[0]) as writer:
            store.tombstones.add(writer.connection, sites[0], names, store.now(), REASON)
            second = pool.submit(add, sites[1])
            until(lambda: store.database.sqlite or waits_for_lock(store))
        second.result()
    for site in sites:
        with store.read(site) as connection:
            assert store.tombstones.find(connection, site, names).keys() == names


def test_who_removes_a_job_and_who_erases_do_not_wait_for_each_other(rest, monkeypatch):
    """They delete of the same tables; the row of the job decides who is first."""
    jobs, erasing = rest.registry.store.jobs, []
    id_ = jobs.submit(SITE, KIND_OF_FILES, {}, parts=[f"Patient/{GONE}".encode()])
    jobs.claim("me", [KIND_OF_FILES], id=id_).fail(error("bad-request", "value", "of whatever reason"))
    drop_parts = jobs.drop_parts

    def while_somebody_is_erased(*asked):  # the row of the job is deleted
        erasing.append(pool.submit(erased, rest))
        until(lambda: jobs.store.database.sqlite or waits_for_lock(jobs.store))
        drop_parts(*asked)

    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(jobs, "drop_parts", while_somebody_is_erased)
        assert jobs.remove(id_)
        erasing[0].result()
    assert marked(jobs.store) == set()


@pytest.mark.parametrize("keep", [False, True], ids=["asked for", "kept"])
def test_a_list_of_subjects_is_worked_out_again(prepared, content, clock, monkeypatch, keep):
    """The person was in the analysis that it has read, and the job itself names nobody."""
    complete = jobs._complete

    def after_an_erasure(*done):
        monkeypatch.setattr(jobs, "_complete", complete)
        assert MARK in str(done[-1])
        erase(registry, SITE, GONE, REASON, EVENT, BASE)
        complete(*done)

    with closing(open_registry(prepared, content, clock=clock)) as registry:
        store = registry.store
        for id_ in (GONE, STAYS):
            ingest.bundle(registry, SITE, treated(id_, ("2024-03-15", "LA28369-9")), BASE)
        asked = {"period_end": "2025-06-30", "report_type": "subject-list"}
        id_ = request_evaluation(registry, SITE, "halaven-dcr", asked, BASE, keep)
        monkeypatch.setattr(jobs, "_complete", after_an_erasure)
        jobs.do(registry, store.jobs.claim("me", ["evaluate"], id=id_))
        assert (store.jobs.get(id_).state, store.jobs.get(id_).result) == ("requested", None)
        clock.now += 5 * SECOND
        jobs.do(registry, store.jobs.claim("me", ["evaluate"], id=id_))
        job = store.jobs.get(id_)
        assert job.state == "completed" and f"Patient/{STAYS}".encode() in json.dumps(job.result)
        assert marked(store) == set()


OBSERVATION = lines(observation("of-gone", GONE))
FILLER = (b" " * 99 + b"\n") * (PIECE // 100)
SENT = {
    "escaped slash": OBSERVATION.replace(b"Patient/", b"Patient\\/"),
    "escaped letter": OBSERVATION.replace(b"Patient/z", b"Patient/\\u007a"),
    "id before type": b'{"id":"%b","meta":{},"resourceType":"Patient"}' % GONE.encode(),
    "patient with white space": b'{ "resourceType" : "Patient" , "id" : "%b" }' % GONE.encode(),
    "identifier": b'{"resourceType":"Patient","identifier":[{"value" : "mrn-%b"}]}' % GONE.encode(),
    "across parts": FILLER[OBSERVATION.index(GONE.encode()) + 3 :] + OBSERVATION,
    "packed": gzip.compress(OBSERVATION),
    "damaged": OBSERVATION[:-3],
    "too long": b'{"resourceType":"Basic","text":"%b"}' % (b" " * LIMIT),
}


def sent_by_import(rest, body):
    """A job that was claimed to import a body, among lines that tell of others."""
    others = [patient("first", id="first"), patient("last", id="last")]
    parts = [lines(others[0]), body + b"\n", lines(others[1])]
    body = body if body.startswith(b"\x1f") else b"".join(parts if len(body) < PIECE else [body])
    id_ = request_body(rest.registry, SITE, body, True, BASE, LIMIT)
    return rest.registry.store.jobs.claim("me", [KIND], id=id_)


@pytest.mark.parametrize("how", SENT)
def test_what_was_sent_to_an_import_is_found_however_it_is_written(rest, how):
    jobs, job = rest.registry.store.jobs, sent_by_import(rest, SENT[how])
    with pytest.raises(FhirError, match=job.id) as refused:
        erased(rest)
    assert refused.value.kind == "conflict" and rest.get(f"Patient/{GONE}").status_code == 200
    job.fail(error("bad-request", "value", "of whatever reason"))
    erased(rest)
    assert jobs.get(job.id) is None and not jobs.retry(job.id) and parts_of(rest.registry.store) == []


def test_what_was_sent_of_others_is_imported_after_an_erasure(rest):
    job = sent_by_import(rest, lines(observation("o", "first"), person("new")) + b'{"damaged')
    job.fail(error("bad-request", "value", "of whatever reason"))
    erased(rest)
    assert rest.registry.store.jobs.retry(job.id)
    stored, refused = run(rest.registry, KIND, job.id)
    assert stored == {"Patient": (3, 0, 0, 0), "Observation": (1, 0, 0, 0)}
    assert [code for *_, code, _ in refused] == ["structure"]


def parts_of(store):
    with store.ask(EVERYWHERE) as connection:
        return connection.execute(text("SELECT job FROM job_part")).all()
