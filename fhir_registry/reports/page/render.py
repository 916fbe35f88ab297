"""The page of a MeasureReport that a person reads and prints (https://hl7.org/fhir/R4/measurereport.html)."""

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ..reading import EXCLUSION, lay_out, read_statistics
from . import notes
from .adverse_events import is_event, read_events
from .baseline import is_baseline, read_baseline
from .curve import read_curves
from .definition import read_definition
from .drawing import draw_figures
from .flow import read_flow
from .identity import read_identity, read_source
from .sources import read_sources, read_subjects
from .subgroups import PERCENTS, is_comparison, mark, read_subgroups, set_side_by_side
from .wording import say_line

STYLE = files(__package__).joinpath("templates", "page.css").read_text(encoding="utf-8")

_SEQUENCE = "prior-sequence-"
_SEQUENCES_SHOWN = 10
_FIGURES_SHOWN = 4  # of a report that has none of these:
_KEY_FIGURES = (
    *("os-median", "os-rate-12m", "os-rate-36m", "os-follow-up-median"),
    *("pfs-median", "pfs-rate-12m", "pfs-rate-24m"),
    *("ttp-median", "ttp-cif-12m", "ttp-cif-24m"),
    *("ttf-median", "ttd-median", "ttd-index-drug-median"),
    *("dcr", "orr", "dcr-evaluable", "orr-evaluable"),
    *("ae-any", "ae-grade3plus", "ae-serious", "ae-related", "ae-discontinuation", "ae-eair"),
    *("injections-median", "administration-days-median", "cumulative-dose-median"),
    *("discontinuation-any", "discontinuation-ongoing", "discontinuation-progression", "discontinuation-adverse-event"),
    *("prior-hormonal-advanced", "prior-chemo-advanced", "prior-targeted-advanced"),
)
_templates = Environment(
    loader=PackageLoader(__package__),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_page(report, measure=None, definitions=None):
    """One HTML page (text) that needs nothing else; the same report gives the same text.

    report: MeasureReport (dict), anybody's. measure: its Measure (dict), if known. definitions: {code of a population:
    what it means}. All texts of both are escaped; the only style is STYLE, in one element.
    """
    measure = measure or {}
    canonical, _, version = report.get("measure", "").partition("|")
    statistics = read_statistics(report)
    lines = [say_line(row, statistics) for row in lay_out(statistics)]
    shown = [line for line in lines if not _has_its_own_place(line.code)]
    sequences = [line.code for line in shown if line.code.startswith(_SEQUENCE)]
    curves = read_curves(report)
    names = {code: name for s in statistics.values() for code, name, _ in s.strata}
    figures, undrawn = draw_figures(curves, names)
    subgroups = read_subgroups(statistics)
    of_one = report.get("type") == "individual"
    # A forest plot of the first figure, and of all that have hazard ratios.
    alone = [each for each in subgroups if each.compared or (each.scale and each is subgroups[0])]
    rare = frozenset(sequences[_SEQUENCES_SHOWN:])
    return _templates.get_template("page.html").render(
        title=measure.get("title") or canonical,
        identity=read_identity(report),
        source=read_source(report),
        other_version=measure.get("version", version) if measure.get("version", version) != version else "",
        definition=read_definition(measure),
        flow=None if of_one else read_flow(statistics),
        key_figures=[] if of_one else _key_figures(lines),
        sources=read_sources(report),
        subjects=read_subjects(report),
        figures=figures,
        undrawn=undrawn,
        stepped=any(not figure.note for figure in figures),
        exact=all(curve.exact for curve in curves),
        subgroups=alone,
        side_by_side=set_side_by_side([each for each in subgroups if each not in alone]),
        events=read_events(statistics),
        baseline=read_baseline(statistics),
        lines=[(line, _mark(line)) for line in shown if line.text and line.code not in rare],
        percents=PERCENTS if any(_mark(line) for line in shown) else None,
        rare=len(rare),
        notes=notes.read_notes(statistics, definitions or {}),
        methods=notes.read_methods(statistics),
        suppressed=notes.is_suppressed(statistics),
        style=Markup(STYLE),
    )


def _has_its_own_place(code):
    shown_elsewhere = is_baseline(code) or is_event(code) or is_comparison(code)
    return shown_elsewhere or code.startswith((EXCLUSION, notes.UNREAD))


def _key_figures(lines):
    by_code = {line.code: line for line in reversed(lines)}
    known = [by_code[code] for code in _KEY_FIGURES if code in by_code]
    return known or [line for line in lines if not _has_its_own_place(line.code)][:_FIGURES_SHOWN]


def _mark(line):
    if line.statistic.unit != "%" or not line.value:
        return None
    return mark(line.statistic.value, *line.interval, PERCENTS)
