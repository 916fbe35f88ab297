"""Whether each resource's history is linearizable, by search for an order (Wing and Gong, doi:10.1006/jpdc.1993.1015).

The search is Lowe's (doi:10.1002/cpe.3928): a state that was reached with the same operations done is not tried twice.
It looks at contents only and does not trust the numbers of versions.
"""

from collections import defaultdict

from recorded import HOLDS, OPEN


def check_registers(operations):
    """Yield a line for each resource whose operations no order explains."""
    by_resource = defaultdict(list)
    for operation in operations:
        for resource, step in operation.steps.items():
            by_resource[resource].append((operation.begin, operation.end, step))
    for resource, events in by_resource.items():
        if not has_order(events):
            yield f"{resource}: no order explains the answers of its {len(events)} operations"


def has_order(events):
    """Whether [(begin, end, Step)] of one resource can have happened one after the other, each between begin and end.

    What has no answer (end OPEN) may have happened at any time after its begin, or never.
    """
    events = sorted(events, key=lambda event: event[0])
    ends = sorted(range(len(events)), key=lambda i: events[i][1])
    required = sum(1 for _, end, _ in events if end != OPEN)
    tried, waiting = set(), [(0, None, 0, 0, 0)]
    while waiting:
        # Of events and of ends, so many at the front are done: nobody walks over them again.
        done, state, answered, front, passed = waiting.pop()
        if answered == required:
            return True
        if (done, state) in tried:
            continue
        tried.add((done, state))
        while front < len(events) and done >> front & 1:
            front += 1
        while done >> ends[passed] & 1:
            passed += 1
        first_end, possible = events[ends[passed]][1], []
        for i in range(front, len(events)):
            begin, end, step = events[i]
            if begin > first_end:
                break  # another one was over before this one began
            if not done >> i & 1 and HOLDS[step.guard](state, step.value):
                after = state if step.writes is None else step.writes
                possible.append((end, (done | 1 << i, after, answered + (end != OPEN), front, passed)))
        # Tried first is who ended first; that order is mostly the one.
        waiting += [then for _, then in sorted(possible, key=lambda pair: -pair[0])]
    return False
