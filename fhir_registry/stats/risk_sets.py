"""Counts of several groups as numbers leaving and dying at each time of death (Cox 1972, section 3).

https://doi.org/10.1111/j.2517-6161.1972.tb00899.x
"""

import numpy as np
from scipy.sparse import csr_array


def count_by_death(groups):
    """(leaving, dying), sparse, a row for each distinct time of death and a column for each group.

    groups: sequence of {(time, event): how many}. Who leaves, with or without an event, stands at the last death
    up to that time, so that those at risk at a death are the sum of the leaving from its row on; events come
    before censoring in a tie. Who leaves before the first death is nowhere.
    """
    entries = [(g, t, event, n) for g, counts in enumerate(groups) for (t, event), n in counts.items() if n]
    group, time, event, n = (
        (np.array(column) for column in zip(*entries, strict=True)) if entries else [np.zeros(0)] * 4
    )
    event = event.astype(bool)
    times = np.unique(time[event])
    place = np.searchsorted(times, time, side="right") - 1
    shape = (len(times), len(groups))
    leaving, dying = (
        csr_array((n[chosen], (place[chosen], group[chosen])), shape, dtype=float) for chosen in (place >= 0, event)
    )
    return leaving, dying


def sum_from(rows):
    """Each row with all below it added: what is left at each time of what leaves later."""
    return rows[::-1].cumsum(axis=0)[::-1]
