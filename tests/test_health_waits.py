"""A database that answers nobody does not take the life from a server (docs/operations.md, Monitoring)."""

from concurrent.futures import ThreadPoolExecutor

import requests
from own_server import OwnServer, wait_until
from sqlalchemy import create_engine, text

WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def says_well(answer):
    return answer.ok and "fhir_registry_database_up 0.0" not in answer.text


def test_a_server_says_that_it_lives_and_refuses_while_the_database_answers_nobody(new_database, tmp_path):
    url = new_database("postgresql")
    engine = create_engine(url)
    with OwnServer(url, tmp_path, job_workers=0) as server, ThreadPoolExecutor() as waiting:
        watched = [f"{server.root}{path}" for path in ("/health", "/metrics")]
        with engine.connect() as paused, engine.connect() as looking:
            # What a paused database is to those who ask how it is.
            paused.execute(text("LOCK TABLE job, job_worker"))
            asked = [waiting.submit(requests.get, address, timeout=120) for address in watched]
            wait_until(lambda: looking.execute(WAITING).scalar())
            for _ in range(3):
                assert requests.get(f"{server.root}/health/live", timeout=15).status_code == 200
            refused = requests.get(f"{server.base}/Patient", headers={"X": "x" * 9_000}, timeout=15)
            assert refused.status_code == 431
            early = [answer.result() for answer in asked if answer.done()]
            paused.rollback()
        assert not any(map(says_well, early))  # on a slow machine the patience of a transaction may have ended
        assert all(answer.result().status_code in (200, 503) for answer in asked)
        assert all(says_well(requests.get(address, timeout=60)) for address in watched)
    engine.dispose()
