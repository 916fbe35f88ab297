"""Curves drawn: SVG paths over a time axis, with the numbers at risk below (section 6, rule 7 of the definitions)."""

from math import ceil
from typing import NamedTuple

from ..strata import MISSING

SIZE = 1000  # of the drawing in both directions; the browser stretches it

_TICK_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_MOST_TICKS = 6  # besides that at 0
_STYLES = 6
_CENSORED = 18  # height of the mark of censored patients


class Axis(NamedTuple):
    """A time axis of `end` months. ticks: (months, x in percent of the figure's width)."""

    end: int
    ticks: list

    @property
    def margin(self):
        """Percent of the width left and right of the drawing: half a column of the table below."""
        return 50 / len(self.ticks)


class Drawing(NamedTuple):
    """One curve drawn: paths in a square of SIZE, and the numbers at risk at the ticks of its axis.

    points: of a curve of which nothing else is known, percents of the figure: (x, y, y of the limits or None).
    """

    label: str
    style: str  # class of the style sheet
    line: str
    band: str
    censored: str
    points: list
    at_risk: list
    description: str


class Figure(NamedTuple):
    """Curves that are drawn together; `by` is empty for all patients, `note` where nothing is suppressed."""

    title: str
    by: str
    axis: Axis
    drawings: list
    note: str

    @property
    def heading(self):
        return f"{self.title}, by {self.by}" if self.by else self.title


def draw_figures(curves, names):
    """Curves -> (Figures, headings of those that are not drawn since all but their begin is suppressed).

    One Figure for all patients of each statistic and one for each stratifier; names: {its code: words}.
    """
    together = {}
    for curve in curves:
        together.setdefault((curve.code, curve.stratifier), []).append(curve)
    titles = {code: drawn[0].text for (code, by), drawn in together.items() if not by}
    figures, undrawn = [], []
    for (code, by), drawn in together.items():
        axis = _lay_axis(drawn)
        drawings = [_draw(curve, axis, number) for number, curve in enumerate(drawn)]
        figure = Figure(titles.get(code, drawn[0].text), names.get(by, by), axis, drawings, drawn[0].note)
        if all(curve.note and max((step.time for step in curve.steps), default=0) <= 1 for curve in drawn):
            undrawn.append(figure.heading)
        else:
            figures.append(figure)
    return figures, undrawn


def _lay_axis(curves):
    """The Axis that all of these curves fit on."""
    last = max([1, *(len(curve.months) - 1 for curve in curves), *(s.time for curve in curves for s in curve.steps)])
    step = next((months for months in _TICK_MONTHS if last <= months * _MOST_TICKS), ceil(last))
    n = max(1, -int(-last // step))
    margin = 50 / (n + 1)
    return Axis(n * step, [(k * step, margin * (2 * k + 1)) for k in range(n + 1)])


def _draw(curve, axis, number):
    """A Curve on an Axis -> Drawing; the `number` in its figure decides how it looks."""
    label = curve.stratum or "All patients"
    style = "unknown" if curve.stratum == MISSING else f"c{number % _STYLES}"
    if curve.note:
        line, band, marks, points = _draw_polygon(curve, axis), "", "", _place_points(curve, axis)
    else:
        line, marks = _draw_steps(curve, axis)
        band, points = _draw_band(curve.steps, axis), []
    at_risk = [_at_risk(curve, month) for month, _ in axis.ticks]
    return Drawing(label, style, line, band, marks, points, at_risk, _describe(curve, axis))


def _draw_steps(curve, axis):
    """The paths of the curve and of the marks of the censored."""
    at = 0 if curve.is_incidence else 1
    line, marks = [f"M0,{_y(at)}"], []
    for step in curve.steps:
        x = _x(step.time, axis)
        if step.events:
            line.append(f"H{x}V{_y(step.value)}")
            at = step.value
        if step.censored:
            marks.append(f"M{x},{_y(at)}v-{_CENSORED}")
    if curve.steps:
        line.append(f"H{_x(curve.steps[-1].time, axis)}")
    return "".join(line), "".join(marks)


def _draw_polygon(curve, axis):
    """From point to point: how the curve goes in between is suppressed."""
    return "M" + "L".join(f"{_x(step.time, axis)},{_y(step.value)}" for step in curve.steps)


def _place_points(curve, axis):
    width = 100 - 2 * axis.margin
    return [
        (
            axis.margin + width * step.time / axis.end,
            100 * (1 - step.value),
            None if step.low is None or step.high is None else (100 * (1 - step.high), 100 * (1 - step.low)),
        )
        for step in curve.steps
    ]


def _draw_band(steps, axis):
    """The interval as closed shapes, one for each stretch in which both limits are known."""
    shapes, upper, lower = [], [], []
    for step, following in zip(steps, [*steps[1:], steps[-1]] if steps else (), strict=True):
        known = step.low is not None and step.high is not None
        if known:
            start, end = _x(step.time, axis), _x(following.time, axis)
            upper.append(f"L{start},{_y(step.high)}H{end}")
            lower.append(f"L{end},{_y(step.low)}H{start}")
        if upper and (not known or following is step):
            shapes.append(f"M{upper[0][1:]}{''.join(upper[1:])}{''.join(reversed(lower))}Z")
            upper, lower = [], []
    return "".join(shapes)


def _at_risk(curve, month):
    """The number at risk as the data have it; behind the last month of a whole curve nobody is."""
    beyond = None if curve.note or not curve.months else 0
    number = curve.months[month][3] if month < len(curve.months) else beyond
    return "–" if number is None else f"{number:,.0f}"


def _describe(curve, axis):
    points = [
        f"{100 * curve.months[month][0]:.1f}% at {month} months"
        for month, _ in axis.ticks
        if month < len(curve.months) and curve.months[month][0] is not None
    ]
    return f"{curve.stratum or 'All patients'}: {', '.join(points) or 'no values'}."


def _x(months, axis):
    return _place(months / axis.end)


def _y(probability):
    return _place(1 - probability)


def _place(share):
    return f"{SIZE * share:.2f}".rstrip("0").rstrip(".")
