"""A database that answers nobody does not take the life from a server (docs/operations.md, Monitoring)."""

from concurrent.futures import ThreadPoolExecutor

import requests
from server_of_own import running_server
from sqlalchemy import create_engine, text


def test_a_server_says_that_it_lives_and_refuses_while_the_database_answers_nobody(new_database, tmp_path):
    url = new_database("postgresql")
    engine = create_engine(url)
    with running_server(url, tmp_path, job_workers=0) as server, ThreadPoolExecutor() as waiting:
        with engine.connect() as connection:
            connection.execute(text("LOCK TABLE job"))  # what a paused database is to those who ask how it is
            asked = [waiting.submit(requests.get, server.root + path, timeout=60) for path in ("/health", "/metrics")]
            for _ in range(3):
                assert requests.get(f"{server.root}/health/live", timeout=15).status_code == 200
            refused = requests.get(f"{server.base}/Patient", headers={"X": "x" * 9_000}, timeout=15)
            assert refused.status_code == 431
            assert not any(answer.done() for answer in asked)
            connection.rollback()
        assert all(answer.result().ok for answer in asked)
    engine.dispose()
