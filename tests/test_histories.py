"""The checkers of recorded histories find what is wrong with histories written by hand (REL-17)."""

import random

import pytest
from recorded import DELETED, OPEN, Operation, Step
from registers import check_registers
from version_order import check_versions


def put(begin, end, value, version, resource="r", guard="any", seen=None):
    return Operation(begin, end, 1, "put", {resource: Step(guard, seen, writes=value, written=version)})


def lost(begin, value, resource="r", guard="any", seen=None):
    """A write without an answer."""
    return Operation(begin, OPEN, 1, "put", {resource: Step(guard, seen, writes=value)})


def read(begin, end, value, version, resource="r"):
    return Operation(begin, end, 2, "read", {resource: Step("is", value, read=version)})


def read_both(begin, end, a, b):
    """a, b: (value, version)."""
    steps = {name: Step("is", value, read=version) for name, (value, version) in (("a", a), ("b", b))}
    return Operation(begin, end, 3, "search", steps)


def put_both(begin, end, a, b):
    steps = {name: Step(writes=value, written=version) for name, (value, version) in (("a", a), ("b", b))}
    return Operation(begin, end, 1, "transaction", steps)


def delete(begin, end, version, resource="r"):
    return Operation(begin, end, 1, "delete", {resource: Step("there", writes=DELETED, written=version)})


RIGHT = {
    "nothing": ([], {}),
    "one after the other": ([put(0, 1, "x", 1), read(2, 3, "x", 1), put(4, 5, "y", 2), read(6, 7, "y", 2)], "xy"),
    "a read beside a write may see either": (
        [put(0, 1, "x", 1), put(2, 9, "y", 2), read(3, 4, "x", 1), read(5, 6, "y", 2)],
        "xy",
    ),
    "two at once, in the other order": ([put(0, 9, "x", 2), put(1, 8, "y", 1), read(10, 11, "x", 2)], "yx"),
    "a lost answer that took effect later": ([lost(0, "x"), read(1, 2, None, 0), read(3, 4, "x", 1)], "x"),
    "a lost answer without effect": ([put(0, 1, "x", 1), lost(2, "y"), read(3, 4, "x", 1)], "x"),
    "If-Match": (
        [put(0, 1, "x", 1), put(2, 5, "y", 2, guard="is", seen="x"), put(3, 6, "z", 3, guard="is", seen="y")],
        "xyz",
    ),
    "deleted, by one of two who were told": (
        [put(0, 1, "x", 1), delete(2, 6, 2), delete(3, 5, 2), read(7, 8, DELETED, 2), put(9, 10, "y", 3)],
        ["x", DELETED, "y"],
    ),
    "a delete without answer, and one that found it done": (
        [
            put(0, 1, "x", 1),
            Operation(2, OPEN, 1, "delete", {"r": Step("alive", writes=DELETED)}),
            read(3, 4, DELETED, 2),
            delete(5, 6, 2),
        ],
        ["x", DELETED],
    ),
}

WRONG = {
    "stale read": ([put(0, 1, "x", 1), put(2, 3, "y", 2), read(4, 5, "x", 1)], "xy"),
    "stale read after another saw the new": (
        [put(0, 1, "x", 1), put(2, 9, "y", 2), read(3, 4, "y", 2), read(5, 6, "x", 1)],
        "xy",
    ),
    "lost write": ([put(0, 1, "x", 1), put(2, 3, "y", 2), read(4, 5, "x", 1), read(6, 7, "x", 1)], "x"),
    "lost update": (
        [put(0, 1, "x", 1), put(2, 5, "y", 2, guard="is", seen="x"), put(3, 6, "z", 3, guard="is", seen="x")],
        "xyz",
    ),
    "dirty read": ([put(0, 1, "x", 1), read(2, 3, "y", 2), read(4, 5, "x", 1)], "x"),
    "a deletion undone": ([put(0, 1, "x", 1), delete(2, 3, 2), read(4, 5, "x", 1)], ["x", DELETED]),
    "it was there and is gone": ([put(0, 1, "x", 1), read(2, 3, None, 0)], "x"),
    "a failed If-Match that would have held": (
        [put(0, 1, "x", 1), Operation(2, 3, 1, "put", {"r": Step("is not", "x")})],
        "x",
    ),
    "a write before it was asked for": ([read(0, 1, "x", 1), put(2, 3, "x", 1)], "x"),
}
# What only the check by contents finds: the answer names no version.
UNNUMBERED = {"a failed If-Match that would have held"}

ONE = put_both(0, 1, ("x", 1), ("x", 1))
TWO = put_both(2, 9, ("y", 2), ("y", 2))
WRONG_OF_TWO = {
    "half of a transaction": [ONE, TWO, read_both(3, 8, ("y", 2), ("x", 1))],
    "one reader sees it, a later one does not": [
        ONE,
        TWO,
        read_both(3, 4, ("y", 2), ("y", 2)),
        read_both(5, 6, ("x", 1), ("x", 1)),
    ],
    "two readers see two writes in different order": [
        ONE,
        put(2, 20, "y", 2, "a"),
        put(2, 20, "y", 2, "b"),
        read_both(3, 15, ("y", 2), ("x", 1)),
        read_both(4, 16, ("x", 1), ("y", 2)),
    ],
    "across resources, against the clock": [
        ONE,
        put(2, 3, "y", 2, "a"),
        put(4, 5, "y", 2, "b"),
        read_both(6, 7, ("x", 1), ("y", 2)),
    ],
}
BOTH = {"a": ["x", "y"], "b": ["x", "y"]}


def histories_of(states):
    return states if isinstance(states, dict) else {"r": list(states)}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name):
    operations, states = RIGHT[name]
    assert list(check_registers(operations)) == []
    assert list(check_versions(operations, histories_of(states))) == []


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found(name):
    operations, states = WRONG[name]
    assert list(check_registers(operations))
    assert bool(list(check_versions(operations, histories_of(states)))) == (name not in UNNUMBERED)


@pytest.mark.parametrize("name", WRONG_OF_TWO)
def test_what_is_wrong_across_resources_is_found(name):
    assert any("a cycle" in problem for problem in check_versions(WRONG_OF_TWO[name], BOTH))


def test_a_transaction_that_is_seen_whole_passes():
    operations = [ONE, TWO, read_both(3, 8, ("x", 1), ("x", 1)), read_both(4, 7, ("y", 2), ("y", 2))]
    assert list(check_versions(operations, BOTH)) == []


def test_a_version_of_nobody_and_one_that_is_double_are_found():
    operations = [put(0, 1, "x", 1), lost(2, "y")]
    assert list(check_versions(operations, {"r": ["x", "z"]})) == ["r: nobody wrote version 2, z"]
    assert list(check_versions(operations, {"r": ["x", "y", "y"]})) == ["double: r has y as several versions"] * 2


def simulate(seed, stale):
    """A random history of a right register, and its states; stale: the last read answers with an older version."""
    chance, states, operations = random.Random(seed), [], []
    for number in range(60):
        moment = number + chance.random()
        begin, end = moment - 3 * chance.random(), moment + 3 * chance.random()
        if chance.random() < 0.4 or not states:
            states.append(f"v{number}")
            answered = chance.random() < 0.8
            step = Step(writes=states[-1], written=len(states) if answered else None)
            operations.append(Operation(begin, end if answered else OPEN, number % 5, "put", {"r": step}))
        else:
            operations.append(read(begin, end, states[-1], len(states)))
    if stale:
        states += "xy"
        operations += [put(70, 71, "x", len(states) - 1), put(72, 73, "y", len(states))]
        operations.append(read(74, 75, "x", len(states) - 1))
    return operations, {"r": states}


@pytest.mark.parametrize("seed", range(20))
def test_random_histories(seed):
    operations, histories = simulate(seed, stale=False)
    assert [*check_registers(operations), *check_versions(operations, histories)] == []
    operations, histories = simulate(seed, stale=True)
    assert list(check_registers(operations))
    assert list(check_versions(operations, histories))
