"""What a server that fails tells: an OperationOutcome with the number of the request, and nothing else (SEC-32).

Its tables are taken away one by one, and its texts are damaged, while it runs
(https://cheatsheetseries.owasp.org/cheatsheets/Error_Handling_Cheat_Sheet.html).
"""

import logging
import re

import pytest
import sqlalchemy
from rest_client import body, patient, serving

from fhir_registry.store.wall import OPENED

MARK = "Zq4711"  # no word of the software
FAILED = "The server failed on this request; its log names it r"
DAMAGED = "What is stored here is damaged; the log of the server names it, and its administrator has a backup"
INNER = re.compile(
    rf"{MARK}|select |insert |update |delete from|sqlite|psycopg|postgres|sqlalchemy|zstd|traceback|\.py\b|line \d|"
    r"[a-z]Error\b|exception:|no such|relation \"|/tmp|/home|registry\.",
    re.IGNORECASE,
)


def observation(**members):
    told = {"status": "final", "code": {"text": MARK}, "subject": {"reference": "Patient/p"}}
    return {"resourceType": "Observation", **told, **members}


def marked(**members):
    return patient(MARK, **{"name": [{"family": MARK}]} | members)


def requests_of(rest, number):
    """The answer to each kind of request; number: other data each time."""
    headers = {"X_Request_Id": f"r{number}"}
    gets = (
        "Patient/p", "Patient/p/_history", "Patient/p/_history/1", "_history?_count=5", f"Patient?family={MARK}",
        "Patient?_sort=-_lastUpdated&_revinclude=Observation:subject", f"Observation?subject.family={MARK}",
        "Patient/p/$everything", "ResearchStudy/halaven/$findings", "ResearchStudy/halaven/$table?table=adsl",
        "AuditEvent", "$job/00000000-0000-0000-0000-000000000000",
    )  # fmt: skip
    for path in gets:
        yield path, rest.get(path, **headers)
    changed = marked(id="p", birthDate=f"{1900 + number % 100}-01-01")
    once = observation(valueString=f"{number}")
    yield "put", rest.put(changed, **headers)
    yield "post", rest.post(marked(), If_None_Exist=f"family={MARK}{number}", **headers)
    yield "bundle", rest.push({"resource": once, "request": {"method": "POST", "url": "Observation"}}, **headers)
    reads = ({"request": {"method": "GET", "url": url}} for url in ("Patient/p", f"Patient?family={MARK}"))
    yield "batch", rest.push(*reads, type="batch", **headers)
    async_ = "Measure/lipusu-her2-os/$evaluate-measure?periodEnd=2024-01-01"
    yield "async", rest.get(async_, Prefer="respond-async", **headers)
    yield "delete", rest.send("DELETE", f"Patient/other{number}", **headers)


class Scene:
    """A server, its database by another way, and the lines of its log."""

    def __init__(self, rest, engine):
        self.rest, self._engine, self.lines = rest, engine, []
        self.statuses, self.number = [], 0

    def execute(self, *statements):
        opened = () if self._engine.dialect.name == "sqlite" else (OPENED,)  # rows of all sites
        with self._engine.begin() as connection:
            for statement in (*opened, *statements):
                connection.exec_driver_sql(statement)

    def tables(self):
        return [name for name in sqlalchemy.inspect(self._engine).get_table_names() if name != "sqlite_sequence"]

    def fail(self):
        """Send all requests, and look at what those that fail tell."""
        self.number += 1
        for what, answer in requests_of(self.rest, self.number):
            for one in (answer, *self._entries(answer)):
                self._look(what, one)
            answer.close()

    def _entries(self, answer):
        if answer.status_code != 200 or b'"batch-response"' not in answer.data:
            return []
        return [entry["response"] for entry in body(answer)["entry"]]

    def _look(self, what, answer):
        if isinstance(answer, dict):
            status, outcome, told = int(answer["status"][:3]), answer.get("outcome"), ""
        else:
            status, told = answer.status_code, str(answer.headers)
            outcome = body(answer) if status >= 500 else None
        if status < 500:
            return
        assert outcome["resourceType"] == "OperationOutcome", what
        (issue,) = outcome["issue"]
        assert not INNER.search(f"{outcome}{told}"), (what, outcome, told)
        if status == 500:
            assert issue["diagnostics"] in (f"{FAILED}{self.number}", DAMAGED)
        self.statuses.append(status)


@pytest.fixture
def scene(prepared):
    engine = sqlalchemy.create_engine(prepared)
    with serving(prepared, REQUEST_SECONDS="5") as rest:
        rest.put(marked(id="p"))
        rest.put(observation(id="o"))
        scene = Scene(rest, engine)
        handler, log = logging.Handler(), logging.getLogger("fhir_registry")
        handler.emit = lambda record: scene.lines.append(record.getMessage())
        log.addHandler(handler)
        yield scene
        log.removeHandler(handler)
    engine.dispose()
    assert not any(MARK in line for line in scene.lines)


def test_sec_32_a_table_is_gone(scene):
    for table in scene.tables():
        scene.execute(f"ALTER TABLE {table} RENAME TO taken_away")
        scene.fail()
        scene.execute(f"ALTER TABLE taken_away RENAME TO {table}")
    assert len(scene.statuses) >= 50


def test_sec_32_what_is_stored_is_damaged(scene):
    damaged = {"sqlite": "x'28b52ffd00ff00ff'", "postgresql": r"'\x28b52ffd00ff00ff'"}[scene._engine.dialect.name]
    scene.execute(f"UPDATE version SET body = {damaged} WHERE type IN ('Patient', 'Observation')")
    for _ in range(10):
        scene.fail()
    assert scene.statuses.count(500) >= 50
    assert any("a packed text is damaged" in line for line in scene.lines)
