"""A recorded concurrent history: who asked what, when, and the answer (Herlihy and Wing, doi:10.1145/78969.78972)."""

from typing import NamedTuple

OPEN = float("inf")  # the end of an operation without an answer
DELETED = "deleted"


class Step(NamedTuple):
    """What one operation has to do with one resource, whose state is None (never there), DELETED or a unique value.

    guard, value: what must be true of the state before it, as the answer says or as the request demands; see HOLDS.
    writes: the new state, None when it only reads. read, written: the version that was answered.
    at_least, less_than: what an answer about a version says of the current one.
    """

    guard: str = "any"
    value: object = None
    writes: object = None
    read: int | None = None
    written: int | None = None
    at_least: int | None = None
    less_than: int | None = None


class Operation(NamedTuple):
    """One request: begin and end in seconds; steps: {resource: Step}, those of a transaction happen at one moment."""

    begin: float
    end: float
    client: int
    kind: str
    steps: dict


HOLDS = {
    "any": lambda state, value: True,
    "is": lambda state, value: state == value,
    "is not": lambda state, value: state != value,
    "alive": lambda state, value: state not in (None, DELETED),
    "absent": lambda state, value: state in (None, DELETED),
    "there": lambda state, value: state is not None,
}
