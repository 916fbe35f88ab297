"""Complementary suppression: which counts must go so that small ones cannot be told (https://doi.org/10.1002/9781118348239).

Cell suppression as in Hundepool et al., Statistical Disclosure Control, chapter 4: counts are cells, and the sums that
hold among them are what an attacker calculates with.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

_TOLERANCE = 1e-6  # of a linear programme
_AGAIN = 1e-3  # share of its price that a cell costs once it is suppressed: the fewer a protection rests on, the better


def protect(cells, sums, threshold, withheld=frozenset(), price=lambda cell: 1):
    """The set of cells to suppress.

    cells: {cell: count} as printed; sums: Sums over cells. Small is a count of 1 to threshold - 1, printed or a rest.
    withheld: cells that go in any case, not for their size. price: what it costs a reader to lose a cell, above 0; of
    two cells of one price the smaller costs less.
    What is left lets at least `threshold - 1` whole numbers, and never fewer than two, stand for each small count,
    for an attacker who knows the sums and that a suppressed count is at least 1 (0 is suppressed in `withheld` only).
    No cell that is suppressed for others could be printed by itself.
    """
    system = _System(cells, sums, threshold, withheld, price)
    if not system.small:
        return set()
    for cell in system.small:
        system.protect(cell)
    for cell in sorted(system.chosen, key=lambda cell: (-system.cost(cell), repr(cell))):
        system.restore(cell)
    return system.unknown & cells.keys()


class _System:
    """Cells, the equations among them, and what is unknown so far.

    A small cell is protected by two answers to all equations in which its values are far enough apart, and which differ
    from the truth in unknown cells only. `support` holds these cells: {small cell: cells that differ}.
    """

    def __init__(self, cells, sums, threshold, withheld, price):
        self.values = dict(cells)
        equations = [self._equation(each) for each in sums]
        rests = self.values.keys() - cells.keys()
        few = {cell for cell, n in self.values.items() if 0 < n < threshold}
        self.names = [cell for cell, n in self.values.items() if n or cell in rests or cell in withheld]
        self.numbers = {cell: number for number, cell in enumerate(self.names)}
        self.small = [cell for cell in self.names if cell in few or cell in withheld]
        self.unknown = few | withheld | rests
        self.chosen = set()  # suppressed to protect others
        self.support = {}
        self._needed = max(1, threshold - 2)
        self._price = price
        self._most = max(self.values.values(), default=1)
        self._prices = [0 if cell in self.unknown else self.cost(cell) for cell in self.names]
        # What is suppressed is at least 1, except a rest and what goes whatever its size.
        self._slack = [self.values[cell] - (cell not in rests and cell not in withheld) for cell in self.names]
        self._matrix = self._write_down(equations)

    def _equation(self, each):
        """{cell: coefficient} that add up to 0."""
        equation = {each.total: 1, **dict.fromkeys(each.parts, -1)}
        if each.rest:
            self.values[each.rest_cell] = self.values[each.total] - sum(self.values[part] for part in each.parts)
            equation[each.rest_cell] = -1
        return equation

    def _write_down(self, equations):
        """Coefficients of four changes of each cell: the greater answer up and down, the lesser up and down."""
        entries = [
            (answer * len(equations) + row, (2 * answer + down) * len(self.names) + self.numbers[cell], sign * factor)
            for answer in (0, 1)
            for down, sign in ((0, 1), (1, -1))
            for row, equation in enumerate(equations)
            for cell, factor in equation.items()
            if cell in self.numbers
        ]
        rows, columns, factors = zip(*entries, strict=True) if entries else ((), (), ())
        return csr_array((factors, (rows, columns)), shape=(2 * len(equations), 4 * len(self.names)))

    def cost(self, cell):
        return self._price(cell) * (1 + self.values[cell] / self._most)

    def protect(self, cell):
        """Suppress the cheapest cells that protect a small one."""
        if cell not in self.support and (support := self._solve(cell, self.numbers.keys())):
            self.chosen |= support - self.unknown
            self.unknown |= support

    def restore(self, cell):
        """Print a chosen cell again, if all small cells stay protected."""
        before = dict(self.support)
        self.unknown.discard(cell)
        shaken = [small for small in self.small if cell in before.get(small, ())]
        for small in shaken:
            del self.support[small]
        for small in shaken:
            if small not in self.support and not self._solve(small, self.unknown):
                self.support = before
                self.unknown.add(cell)
                return

    def _solve(self, cell, free):
        """The cheapest support of a small cell among `free` cells, None if there is none; others found on the way."""
        answer = self._answers(cell, free)
        if answer and abs(answer.fall - round(answer.fall)) > _TOLERANCE:
            # Patients come as whole numbers.
            tries = (self._answers(cell, free, fall) for fall in (int(answer.fall), int(answer.fall) + 1))
            answer = min(filter(None, tries), key=lambda each: each.cost, default=None)
        if not answer:
            return None
        moved = (abs(answer.high) > _TOLERANCE) | (abs(answer.low) > _TOLERANCE)
        support = frozenset(self.names[number] for number in moved.nonzero()[0])
        self.support[cell] = support
        for other in self.small:
            if other not in self.support and answer.width(self.numbers[other]) >= self._needed:
                self.support[other] = support
        return support

    def _answers(self, cell, free, fall=None):
        """The cheapest _Answers for a small cell, the lesser `fall` below the truth, by linear programming, or None."""
        n, own = len(self.names), self.numbers[cell]
        movable = np.array([name in free for name in self.names])
        highest = np.tile(np.concatenate([np.where(movable, np.inf, 0), np.where(movable, self._slack, 0)]), 2)
        lowest = np.zeros(4 * n)
        highest[[n + own, 2 * n + own]] = 0
        if fall is not None:
            lowest[3 * n + own] = highest[3 * n + own] = fall
        apart = csr_array(([1, 1], ([0, 0], [own, 3 * n + own])), shape=(1, 4 * n))
        matrix = vstack([self._matrix, apart])
        totals = np.zeros(matrix.shape[0])
        totals[-1] = self._needed
        costs = [
            price * (_AGAIN if name in self.unknown else 1)
            for name, price in zip(self.names, self._prices, strict=True)
        ]
        bounds = np.column_stack([lowest, highest])
        found = linprog(np.tile(costs, 4), A_eq=matrix, b_eq=totals, bounds=bounds, method="highs")
        if found.status != 0:
            return None
        up, down, low_up, low_down = np.split(found.x, 4)
        return _Answers(up - down, low_up - low_down, low_down[own], found.fun)


class _Answers(NamedTuple):
    """Two answers, as what they differ from the truth by; fall: by how much the small cell is less in the lesser."""

    high: object
    low: object
    fall: float
    cost: float

    def width(self, number):
        """How many whole numbers a cell can be above the least one."""
        low, high = sorted((self.low[number], self.high[number], 0))[::2]
        return int(high + _TOLERANCE) + int(-low + _TOLERANCE)
