"""One job, as its row says it (https://hl7.org/fhir/R4/valueset-task-status.html)."""

from dataclasses import dataclass
from typing import Any

from ..fhir import json
from ..fhir.dates import SECOND
from ..fhir.errors import FhirError, Issue, operation_outcome

REQUESTED, IN_PROGRESS, COMPLETED, FAILED, CANCELLED = "requested", "in-progress", "completed", "failed", "cancelled"
STATES = (REQUESTED, IN_PROGRESS, COMPLETED, FAILED, CANCELLED)
UNFINISHED = (REQUESTED, IN_PROGRESS)
PAUSES = (5, 20, 80, 320)  # seconds before the next try
_JSON = ("parameters", "checkpoint", "result", "problem")


class JobLost(Exception):
    """The job is not this process's any more: somebody cancelled it, or another claimed it. Roll back and stop."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it was read; the methods are for the process that claimed it.

    Times are microseconds since 1970-01-01. done, total: progress in whatever the kind counts; total 0: not known.
    checkpoint: what the last save said, None before the first. problem: {"kind": of FhirError, "issue": as in an
    OperationOutcome}, the last one.
    """

    id: str
    site: int
    kind: str
    key: str | None
    parameters: dict
    state: str
    attempt: int
    tries: int
    worker: str | None
    submitted: int
    due: int
    heartbeat: int | None
    finished: int | None
    done: int
    total: int
    checkpoint: dict | None
    result: dict | None
    problem: dict | None
    _jobs: Any

    def save(self, connection, checkpoint, done=0, total=0):
        """Keep a checkpoint, in the transaction of the work that it accounts for, best as its last statement.

        Raises JobLost.
        """
        checkpoint = json.dumps(checkpoint).decode()
        self._change(connection, checkpoint=checkpoint, done=done, total=total, tries=0, heartbeat=self._jobs.now())

    def beat(self):
        """Say that somebody works on it, in a transaction of its own. Raises JobLost."""
        with self._jobs.write() as connection:
            self.hold(connection)

    def hold(self, connection):
        """Keep everybody else from claiming or cancelling it until the transaction ends. Raises JobLost."""
        self._change(connection, heartbeat=self._jobs.now())

    def complete(self, connection, result):
        """The work is done; `result` (dict) is what GET answers from. Its input is not kept. Raises JobLost."""
        self._finish(connection, COMPLETED, result=json.dumps(result).decode(), problem=None)
        self._jobs.drop_parts(connection, self.id)

    def fail(self, problem):
        """Give up because of a FhirError, in a transaction of its own. Raises JobLost."""
        with self._jobs.write() as connection:
            self._finish(connection, FAILED, problem=dump_problem(problem))

    def give_back(self, problem=None):
        """Let another claim it, in a transaction of its own. Raises JobLost.

        problem: the FhirError that ended this try; the next waits a while. None: this process has to stop; at once.
        """
        values = {"state": REQUESTED, "worker": None}
        if problem is None:
            values["tries"] = self._jobs.one_less
        else:
            values["due"] = self._jobs.now() + PAUSES[min(self.tries, len(PAUSES)) - 1] * SECOND
            values["problem"] = dump_problem(problem)
        with self._jobs.write() as connection:
            self._change(connection, **values)

    def error(self):
        """The FhirError that its problem was."""
        issues = self.problem["issue"]
        return FhirError(
            self.problem["kind"],
            [Issue(i["severity"], i["code"], i["diagnostics"], (i.get("expression") or [None])[0]) for i in issues],
        )

    def _finish(self, connection, state, **values):
        self._change(connection, state=state, finished=self._jobs.now(), **values)

    def _change(self, connection, **values):
        if not self._jobs.change(connection, self, values):
            raise JobLost(self.id)


def read_job(row, jobs):
    """The Job of a row of the table."""
    values = {("id" if name == "job" else name): value for name, value in row._mapping.items()}
    for name in _JSON:
        values[name] = values[name] and json.parse(values[name].encode())
    return Job(**values, _jobs=jobs)


def dump_problem(problem):
    """A FhirError as the table has it."""
    return json.dumps({"kind": problem.kind, "issue": operation_outcome(problem.issues)["issue"]}).decode()
