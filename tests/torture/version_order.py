"""Whether a history of many resources is strictly serializable, given each one's order of versions (Adya, MIT 1999).

The version numbers say which write came after which, so that no search is needed: all that must come before something
else (writes of one resource; reads, after what they read and before what replaced it; what ended before another began)
is an edge of a graph, and the history is right when the graph has no cycle.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from itertools import pairwise

from recorded import DELETED, HOLDS, OPEN


def check_versions(operations, histories):
    """Yield a line for each answer that contradicts the histories, and one for a cycle.

    histories: {resource: [state of each version]} as they are at the end.
    """
    writers = _Writers()
    yield from _find_writers(operations, histories, writers)
    edges = defaultdict(set)
    for number, operation in enumerate(operations):
        for resource, step in operation.steps.items():
            yield from _check_read(operation, resource, step, histories.get(resource, ()))
            for version in (step.read, step.at_least, _told_of_deletion(step)):
                _add(edges, writers.of(resource, version), number)
            for version in (step.read, _told_of_deletion(step)):
                if version is not None:
                    _add(edges, number, writers.after(resource, version))
            if step.less_than is not None:
                _add(edges, number, writers.after(resource, step.less_than - 1))
    for first, then in writers.pairs():
        _add(edges, first, then)
    _add_times(edges, operations)
    if cycle := _find_cycle(edges, len(operations)):
        yield "a cycle: " + " -> ".join(f"{operations[number]}" for number in cycle)


def _told_of_deletion(step):
    """A delete that is told a version made it or found it there: nobody knows which."""
    return step.written if step.writes == DELETED else None


class _Writers:
    """Which operation (its number) wrote which version, as far as it is known."""

    def __init__(self):
        self._versions, self._numbers = defaultdict(list), {}

    def enter(self, resource, version, number):
        self._versions[resource].insert(bisect_left(self._versions[resource], version), version)
        self._numbers[resource, version] = number

    def knows(self, resource, version):
        return (resource, version) in self._numbers

    def of(self, resource, version):
        """The writer of a version, or else of the last one before it whose writer is known."""
        place = bisect_right(self._versions[resource], version or 0)
        return self._numbers[resource, self._versions[resource][place - 1]] if place else None

    def after(self, resource, version):
        """The first known writer of a later version."""
        place = bisect_right(self._versions[resource], version)
        later = self._versions[resource][place : place + 1]
        return self._numbers[resource, later[0]] if later else None

    def pairs(self):
        for resource, versions in self._versions.items():
            for first, then in pairwise(versions):
                yield self._numbers[resource, first], self._numbers[resource, then]


def _find_writers(operations, histories, writers):
    """Fill `writers`; yield what is lost, double, or of nobody."""
    asked, deletes = {}, defaultdict(list)  # by (resource, state); operations that may have made a deletion
    for number, operation in enumerate(operations):
        for resource, step in operation.steps.items():
            states = histories.get(resource, ())
            if step.writes == DELETED:
                deletes[resource].append((number, step.written))
            elif step.writes is not None:
                asked[resource, step.writes] = number
            if step.writes is None or operation.end == OPEN:
                continue
            if step.written is None or step.written > len(states) or states[step.written - 1] != step.writes:
                yield f"lost: {resource} version {step.written}, {step.writes}"
            elif step.writes != DELETED and writers.knows(resource, step.written):
                yield f"{resource}: version {step.written} was acknowledged twice"
            elif step.writes != DELETED:
                writers.enter(resource, step.written, number)
                before = states[step.written - 2] if step.written > 1 else None
                if not HOLDS[step.guard](before, step.value):
                    yield f"lost update: {resource} was {before} before version {step.written}, not {step.value}"
    for resource, states in histories.items():
        for version, state in enumerate(states, 1):
            if state == DELETED:
                able = [number for number, written in deletes[resource] if written in (version, None)]
                if len(able) == 1:
                    writers.enter(resource, version, able[0])
                known = bool(able)
            else:
                known = (resource, state) in asked
                if known and not writers.knows(resource, version):
                    writers.enter(resource, version, asked[resource, state])
                    if states.count(state) > 1:
                        yield f"double: {resource} has {state} as several versions"
            if not known:
                yield f"{resource}: nobody wrote version {version}, {state}"


def _check_read(operation, resource, step, states):
    for version in (step.read, step.at_least):
        if version and (version > len(states) or states[version - 1] != step.value):
            yield f"dirty read: {operation.kind} saw {step.value} as version {version} of {resource}"


def _add(edges, first, then):
    if first is not None and then is not None and first != then:
        edges[first].add(then)


def _add_times(edges, operations):
    """What ended before another began comes before it: through a chain of moments, -1, -2 and so on."""
    ends = sorted({operation.end for operation in operations} - {OPEN})
    for i in range(1, len(ends)):
        edges[-i].add(-i - 1)
    for number, operation in enumerate(operations):
        if operation.end != OPEN:
            edges[number].add(-bisect_left(ends, operation.end) - 1)
        if passed := bisect_left(ends, operation.begin):
            edges[-passed].add(number)


def _find_cycle(edges, count):
    """The numbers of operations on one cycle, [] when there is none."""
    incoming = defaultdict(int)
    for targets in edges.values():
        for target in targets:
            incoming[target] += 1
    ready = [node for node in {*edges, *range(count)} if not incoming[node]]
    while ready:
        for target in edges.get(ready.pop(), ()):
            incoming[target] -= 1
            if not incoming[target]:
                ready.append(target)
    left = {node for node, degree in incoming.items() if degree > 0}
    if not left:
        return []
    # What is left has an edge that comes from others left: going back must come round.
    before = {target: node for node in left for target in edges.get(node, ()) if target in left}
    node, path = next(iter(left)), []
    while node not in path:
        path.append(node)
        node = before[node]
    return [number for number in reversed(path[path.index(node) :]) if number >= 0]
