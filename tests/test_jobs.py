"""The table of jobs: who claims one, who may commit work for it, how it ends (store/jobs.py)."""

import multiprocessing

import pytest
from clock import Clock

from fhir_registry.fhir.dates import SECOND
from fhir_registry.fhir.errors import Issue, error
from fhir_registry.ops import job_watch
from fhir_registry.ops import jobs as doing
from fhir_registry.ops.open import open_registry
from fhir_registry.store.job import PAUSES, STATES, JobLost
from fhir_registry.store.jobs import KEPT, TRIES
from fhir_registry.store.wall import EVERYWHERE

SITE, KINDS = 1, ("count",)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def opened(request, new_database, content):
    """(Registry, Clock) for all tests here."""
    clock = Clock()
    registry = open_registry(new_database(request.param), content, clock=clock)
    yield registry, clock
    registry.close()


@pytest.fixture
def clock(opened):
    return opened[1]


@pytest.fixture
def store(opened):
    """Without any jobs."""
    registry, clock = opened
    clock.now = Clock.now
    with registry.store.database.write(EVERYWHERE) as connection:
        for table in registry.store.tables.jobs:
            connection.execute(table.delete())
    return registry.store


def found(store, id):
    with store.read(EVERYWHERE) as connection:
        return store.jobs.find(connection, id)


def counted(store):
    with store.read(EVERYWHERE) as connection:
        return {state: n for state, n in store.jobs.counts(connection).items() if n}


def test_a_job_is_requested_done_and_told(store):
    jobs = store.jobs
    id_ = jobs.submit(SITE, "count", {"to": 3}, parts=[b"a\x00", b"b"])
    assert found(store, id_).state == "requested"
    job = jobs.claim("one", KINDS)
    assert (job.id, job.state, job.parameters, job.attempt, job.checkpoint) == (id_, "in-progress", {"to": 3}, 1, None)
    with store.database.write(EVERYWHERE) as connection:
        assert list(jobs.parts(connection, id_)) == [b"a\x00", b"b"]
        job.save(connection, {"at": 2}, 2, 3)
        jobs.add_errors(connection, job, 0, [("a.ndjson", 7, [Issue("error", "value", "no", "Patient.id")])])
    assert (found(store, id_).checkpoint, found(store, id_).done, found(store, id_).total) == ({"at": 2}, 2, 3)
    with store.database.write(EVERYWHERE) as connection:
        job.complete(connection, {"sum": 6})
    told = found(store, id_)
    assert (told.state, told.result, told.finished) == ("completed", {"sum": 6}, store.now())
    issue = {"severity": "error", "code": "value", "diagnostics": "no", "expression": ["Patient.id"]}
    with store.read(EVERYWHERE) as connection:
        assert list(jobs.parts(connection, id_)) == []  # what was sent is not kept longer than it is needed
        assert jobs.errors(connection, id_) == [(0, "a.ndjson", 7, [issue])]
        assert jobs.errors(connection, id_, after=0) == []
        assert jobs.find(connection, id_, site=2) is None
        assert jobs.counts(connection) == dict.fromkeys(STATES, 0) | {"completed": 1}


def test_the_oldest_job_of_the_wanted_kinds_is_claimed_first(store, clock):
    jobs = store.jobs
    ids = []
    for kind in ("other", "count", "count"):
        clock.now += SECOND
        ids.append(jobs.submit(SITE, kind, {}))
    with store.read(EVERYWHERE) as connection:
        assert jobs.waiting(connection, SITE, KINDS) == 2
        assert jobs.waiting(connection, SITE, ["other"]) == 1
        assert jobs.waiting(connection, SITE + 1, KINDS) == 0
    assert jobs.claim("one", KINDS).id == ids[1]
    assert jobs.claim("one", KINDS, id=ids[0]) is None
    assert jobs.claim("one", KINDS).id == ids[2]
    assert jobs.claim("one", KINDS) is None
    assert counted(store) == {"requested": 1, "in-progress": 2}


def test_of_unfinished_jobs_one_has_a_key(store):
    jobs = store.jobs
    first = jobs.submit(SITE, "count", {}, key="k")
    assert jobs.submit(SITE, "count", {}, key="k") == first
    assert jobs.submit(SITE, "other", {}, key="k") != first
    assert jobs.submit(2, "count", {}, key="k") != first
    assert jobs.submit(SITE, "count", {}) != jobs.submit(SITE, "count", {})
    assert jobs.cancel(first)
    assert jobs.submit(SITE, "count", {}, key="k") != first


def test_how_long_the_oldest_waits_is_told(store, clock):
    def oldest():
        with store.read(EVERYWHERE) as connection:
            return store.jobs.oldest_waiting(connection, KINDS)

    assert oldest() == 0
    store.jobs.submit(SITE, "count", {})
    clock.now += 30 * SECOND
    store.jobs.submit(SITE, "count", {})
    clock.now += 12 * SECOND
    assert oldest() == 42
    store.jobs.submit(SITE, "of-a-command", {})  # which does it itself
    first = store.jobs.claim("one", KINDS)
    assert oldest() == 12
    first.give_back(error("unavailable", "transient", "later"))
    store.jobs.claim("two", KINDS)
    assert oldest() == 0  # the pause after a try
    clock.now += 8 * SECOND
    assert oldest() == 8 - PAUSES[0]
    clock.now -= 3600 * SECOND
    assert oldest() == 0  # a clock that was set back
    store.jobs.claim("two", KINDS)
    assert oldest() == 0


def test_without_a_heartbeat_another_claims_and_a_zombie_commits_nothing(store, clock):
    jobs, site = store.jobs, store.tables.site
    jobs.submit(SITE, "count", {})
    zombie = jobs.claim("one", KINDS)
    clock.now += 50 * SECOND
    zombie.beat()
    clock.now += 59 * SECOND
    assert jobs.claim("two", KINDS) is None
    clock.now += 2 * SECOND
    other = jobs.claim("two", KINDS)
    assert (other.id, other.attempt, other.worker) == (zombie.id, 2, "two")
    with pytest.raises(JobLost), store.database.write(EVERYWHERE) as connection:
        connection.execute(site.update().values(name="zombie"))
        zombie.save(connection, {"at": 9}, 9)
    for late in (zombie.beat, zombie.give_back, lambda: zombie.fail(error("internal", "exception", "no"))):
        with pytest.raises(JobLost):
            late()
    with pytest.raises(JobLost), store.database.write(EVERYWHERE) as connection:
        zombie.complete(connection, {})
    with store.database.write(EVERYWHERE) as connection:
        assert connection.execute(site.select()).one().name == "default"
        other.save(connection, {"at": 1}, 1)
    assert found(store, other.id).checkpoint == {"at": 1}


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_holds_no_job_up(store, clock, hours):  # REL-22
    jobs = store.jobs
    job_id = jobs.submit(SITE, "count", {})
    jobs.claim("one", KINDS).give_back(error("unavailable", "transient", "later"))
    clock.now += hours * 3600 * SECOND
    assert jobs.claim("one", KINDS).id == job_id
    clock.now += hours * 3600 * SECOND
    assert jobs.claim("two", KINDS).id == job_id


def test_who_is_known_to_be_gone_is_not_waited_for(store):
    jobs = store.jobs
    jobs.submit(SITE, "count", {})
    jobs.claim("one", KINDS)
    assert jobs.claim("two", KINDS, is_gone=lambda worker: worker == "another") is None
    assert jobs.claim("two", KINDS, is_gone=lambda worker: worker == "one").attempt == 2


def test_a_job_that_does_not_get_on_fails_after_five_tries(store, clock):
    jobs = store.jobs
    job_id = jobs.submit(SITE, "count", {})
    for number in range(TRIES):
        job = jobs.claim("one", KINDS)
        assert job.tries == number + 1
        clock.now += 61 * SECOND  # it was killed
    assert jobs.claim("one", KINDS) is None
    told = found(store, job_id)
    assert (told.state, told.attempt) == ("failed", 5)
    message = "The job ended 5 times before it got on: its process was killed"
    assert (told.error().kind, str(told.error())) == ("internal", message)


def test_a_job_that_gets_on_may_be_killed_as_often_as_it_likes(store, clock):
    store.jobs.submit(SITE, "count", {})
    for number in range(2 * TRIES):
        job = store.jobs.claim("one", KINDS)
        with store.database.write(EVERYWHERE) as connection:
            job.save(connection, {"at": number}, number)
        clock.now += 61 * SECOND
    assert found(store, job.id).state == "in-progress"


def test_given_back_it_waits_only_when_something_was_wrong(store, clock):
    jobs = store.jobs
    jobs.submit(SITE, "count", {})
    jobs.claim("one", KINDS).give_back()  # the process was stopped
    job = jobs.claim("one", KINDS)
    assert (job.attempt, job.tries) == (2, 1)
    for pause in (5, 20, 80, 320):
        job.give_back(error("unavailable", "transient", "The database is busy"))
        clock.now += pause * SECOND - 1000
        assert jobs.claim("one", KINDS) is None
        clock.now += 1000
        job = jobs.claim("one", KINDS)
    job.give_back(error("unavailable", "transient", "The database is busy"))
    clock.now += 320 * SECOND
    assert jobs.claim("one", KINDS) is None
    told = found(store, job.id)
    message = "The job ended 5 times before it got on: The database is busy"
    assert (told.state, told.error().kind, str(told.error())) == ("failed", "internal", message)
    assert jobs.retry(job.id)
    assert jobs.claim("one", KINDS).tries == 1
    assert not jobs.retry(job.id)


def test_failed_with_a_key_it_is_not_tried_beside_a_new_one(store):
    jobs = store.jobs
    first = jobs.submit(SITE, "count", {}, key="k")
    jobs.claim("one", KINDS).fail(error("bad-request", "value", "no"))
    jobs.submit(SITE, "count", {}, key="k")
    assert not jobs.retry(first)
    assert found(store, first).state == "failed"


@pytest.mark.parametrize(("kind", "checkpoint"), [("count", {"at": 1}), ("reindex", None)])
def test_failed_and_retried_it_goes_on_or_begins_anew(store, kind, checkpoint):
    store.jobs.submit(SITE, kind, {})
    job = store.jobs.claim("one", [kind])
    with store.database.write(EVERYWHERE) as connection:
        job.save(connection, {"at": 1}, 1)
    job.fail(error("bad-request", "value", "no"))
    assert store.jobs.retry(job.id)
    assert store.jobs.claim("two", [kind]).checkpoint == checkpoint


def test_a_cancelled_job_is_nobodys(store):
    jobs = store.jobs
    id_ = jobs.submit(SITE, "count", {}, parts=[b"data"])
    job = jobs.claim("one", KINDS)
    assert jobs.cancel(id_)
    assert not jobs.cancel(id_)
    with pytest.raises(JobLost), store.database.write(EVERYWHERE) as connection:
        job.complete(connection, {})
    assert found(store, id_).state == "cancelled"
    with store.read(EVERYWHERE) as connection:
        assert list(jobs.parts(connection, id_)) == []


def test_what_finished_long_ago_is_removed(store, clock):
    jobs = store.jobs
    unfinished, old = jobs.submit(SITE, "other", {}), jobs.submit(SITE, "count", {}, parts=[b"data"])
    job = jobs.claim("one", KINDS)
    with store.database.write(EVERYWHERE) as connection:
        jobs.add_errors(connection, job, 0, [("a", 1, [Issue("error", "value", "no")])])
    job.fail(error("bad-request", "value", "no"))
    clock.now += KEPT
    jobs.remove_old()
    assert counted(store) == {"requested": 1, "failed": 1}
    assert not jobs.remove(unfinished)
    clock.now += SECOND
    jobs.remove_old()
    assert counted(store) == {"requested": 1}
    with store.read(EVERYWHERE) as connection:
        assert jobs.errors(connection, old) == []
        assert list(jobs.parts(connection, old)) == []


def test_processes_that_do_jobs_are_seen(store, clock):
    jobs = store.jobs
    jobs.see("one")
    clock.now += 3 * SECOND
    jobs.see("two")
    jobs.see("two")
    with store.read(EVERYWHERE) as connection:
        assert jobs.seen(connection) == {"one": 3, "two": 0}
    jobs.unsee("two")
    clock.now += 3600 * SECOND
    jobs.see("three")
    with store.read(EVERYWHERE) as connection:
        assert jobs.seen(connection) == {"three": 0}


def _claim_all(registry, name, results):
    registry.store.database.forget_connections()
    claimed = []
    while job := registry.store.jobs.claim(name, KINDS):
        claimed.append(job.id)
        registry.store.jobs.submit(SITE, "other", {}, key="the same")
        with registry.store.database.write(EVERYWHERE) as connection:
            job.complete(connection, {})
    results.put(claimed)
    registry.close()


def test_many_processes_claim_each_job_once(opened, store):
    registry, _ = opened
    ids = {store.jobs.submit(SITE, "count", {"n": n}) for n in range(60)}
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    processes = [context.Process(target=_claim_all, args=(registry, f"p{n}", results)) for n in range(4)]
    for process in processes:
        process.start()
    claimed = [id_ for _ in processes for id_ in results.get(timeout=120)]
    for process in processes:
        process.join()
    assert sorted(claimed) == sorted(ids)
    assert counted(store) == {"completed": 60, "requested": 1}


def test_what_is_waited_for_can_be_done():
    assert set(job_watch.KINDS) == set(doing.KINDS)
