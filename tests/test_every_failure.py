"""A transaction whose database fails at each place in turn: no 2xx for what was not done, the next is fine (REL-34).

PostgreSQL is reached through a door that closes at the n-th message, before or after it passed; SQLite's log may not
grow beyond the n-th page.
"""

import os
import resource
import socket
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest
from rest_client import body, serving
from sqlalchemy import make_url

from fhir_registry.store.database import Database

MOST = 100  # places that are tried
PAGE = 4096 + 24  # of a WAL, with its header (https://sqlite.org/fileformat2.html#the_write_ahead_log)


def patient(mark, **members):
    return {"resourceType": "Patient", "identifier": [{"system": "urn:mark", "value": mark}], **members}


def transaction(number):
    """Entries of each kind, of which some refer to others; number: other resources each time."""
    marker = f"m{number}"
    once = {"method": "POST", "url": "Patient", "ifNoneExist": f"identifier=urn:mark|{marker}-once"}
    patch = {
        "resourceType": "Binary",
        "contentType": "application/merge-patch+json",
        "data": "eyJhY3RpdmUiOmZhbHNlfQ==",
    }
    basic = {"resourceType": "Basic", "code": {"text": marker}, "subject": {"reference": "urn:uuid:a"}}
    return [
        {"fullUrl": "urn:uuid:a", "resource": patient(marker), "request": {"method": "POST", "url": "Patient"}},
        {"resource": basic, "request": {"method": "POST", "url": "Basic"}},
        {"resource": patient(f"{marker}-once"), "request": once},
        {"resource": patient("new", id=f"put{number}"), "request": {"method": "PUT", "url": f"Patient/put{number}"}},
        {"resource": patch, "request": {"method": "PATCH", "url": f"Patient/patch{number}"}},
        {"request": {"method": "DELETE", "url": f"Patient/delete{number}"}},
    ]


def prepare(rest):
    """What the transactions change."""
    ids = [f"{name}{number}" for number in range(MOST) for name in ("put", "patch", "delete")]
    entries = [{"resource": patient("old", id=id), "request": {"method": "PUT", "url": f"Patient/{id}"}} for id in ids]
    assert rest.push(*entries).status_code == 200


def state(rest, number):
    """(resources created, versions of what was there) of the transaction of this number."""
    marks = [f"Patient?identifier=urn:mark|m{number}{end}&_summary=count" for end in ("", "-once")]
    histories = [f"Patient/{name}{number}/_history" for name in ("put", "patch", "delete")]
    reads = [{"request": {"method": "GET", "url": url}} for url in marks + histories]
    totals = [entry["resource"]["total"] for entry in body(rest.push(*reads, type="batch"))["entry"]]
    return totals[:2], totals[2:]


ABSENT, DONE = ([0, 0], [1, 1, 1]), ([1, 1], [2, 2, 2])


def try_each(rest, failing):
    """Send a transaction while it fails at place 0, 1 and so on, until it does not; returns how many failed.

    failing: function of the place -> context manager, whose value tells whether it failed.
    """
    prepare(rest)
    for number in range(MOST):
        with failing(number) as failure:
            answer = rest.push(*transaction(number))
        if answer.status_code == 200:
            assert state(rest, number) == DONE
            if not failure.happened():
                return number
        else:
            assert answer.status_code in (503, 507), answer.get_data(as_text=True)
            assert "Retry-After" in answer.headers
            assert state(rest, number) in (ABSENT, DONE)
        assert rest.push(*transaction(number)).status_code == 200  # the same again
        assert state(rest, number) == DONE
    raise AssertionError(f"it failed at all of {MOST} places")


class Door:
    """Stands between a client and PostgreSQL's socket; closes at a message from the client when told to."""

    def __init__(self, folder, behind):
        self._behind = behind
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(folder / Path(behind).name))
        self._socket.listen()
        self._left, self._after, self.closed = None, False, False
        threading.Thread(target=self._accept, daemon=True).start()

    def close_at(self, message, after):
        """Close before message `message` from now on passes, or as soon as it has."""
        self._left, self._after, self.closed = message, after, False
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._left = None

    def happened(self):
        return self.closed

    def close(self):
        self._socket.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._behind)
            for one, other, counted in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass, args=(one, other, counted), daemon=True).start()

    def _pass(self, one, other, counted):
        try:
            while data := one.recv(1 << 20):
                closes = counted and self._left == 0
                if counted and self._left is not None:
                    self._left -= 1
                if not closes or self._after:
                    other.sendall(data)
                if closes:
                    self.closed = True
                    break
        except OSError:
            pass
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.mark.parametrize("after", [False, True], ids=["not sent", "not answered"])
def test_each_message_to_postgresql_may_be_the_last(new_database, tmp_path_factory, after):
    url = make_url(new_database("postgresql"))
    folder = tmp_path_factory.mktemp("door")
    with closing(Door(folder, f"{url.query['host']}/.s.PGSQL.5432")) as door:
        through = url.update_query_dict({"host": str(folder)}).render_as_string(hide_password=False)
        with serving(through) as rest:
            assert try_each(rest, lambda place: door.close_at(place, after)) > 10


class Full:
    """No file may become larger than the log is now and so many pages more."""

    def __init__(self, wal, pages):
        self._wal, self._pages = wal, pages

    def __enter__(self):
        self._before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(self._wal) + self._pages * PAGE, self._before[1]))
        return self

    def __exit__(self, *_):
        resource.setrlimit(resource.RLIMIT_FSIZE, self._before)

    def happened(self):
        return False


def test_each_page_of_sqlite_may_be_the_last(new_database):
    url = new_database("sqlite")
    with serving(url) as rest:
        assert try_each(rest, lambda pages: Full(make_url(url).database + "-wal", pages)) > 10


def test_sqlite_syncs_what_it_acknowledges(new_database):
    with closing(Database(new_database("sqlite"))) as database, database.write(1) as connection:
        settings = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "journal_mode")]
    assert settings == [2, "wal"]  # 2: FULL
