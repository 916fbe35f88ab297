"""Small cells of a MeasureReport are suppressed, and what they could be calculated from (docs/suppression.md).

Section 5, item 8, of the oncology definitions.
"""

import re
from copy import deepcopy

from .count_sums import find_sums
from .groups import ABSENT, OWN
from .protection import protect
from .published_counts import MAX_GRADE, Cell, code_of, read_counts, without_limit
from .reading import MASKED
from .strata import MISSING
from .thinning import read_steps, thin_curves, withheld_landmarks, write_curves

TAG = {"system": f"{OWN}/CodeSystem/suppression", "code": "small-cells"}

# Lists whose members are what patients have: one small count withholds the list. Code -> words.
_LISTS = {
    "injections-frequency": "Patients by number of injections in the observation period",
    "prior-sequence": "Patients by sequence of therapies",
}
_ROWS = ("ae-soc-", "ae-term-", "ae-group-")  # listed by frequency
# What a reader would miss most; the dearest is suppressed last.
_PRICES = {"denominator": 3, "initial-population": 2}
_HEADLINES = re.compile(
    r"evaluable|visited|stopped|known|dcr|orr|discontinuation-any|ae(-ich|-uncapped)?-any|\w+ events"
)
# Populations that a score is calculated from.
_SCORED = ("denominator", "numerator", "events", "censored", "competing-events", "at-risk", "described")
# Statistic -> how often as many patients as the threshold it takes: one in each part that it cuts off.
_DESCRIPTIONS = {"mean": 1, "median": 2, "sd": 4, "q1": 4, "q3": 4, "min": 4, "max": 4}
_REASON = re.compile(r", (not estimable.*|nothing to compare)$")


def suppress(report, threshold):
    """A MeasureReport (dict) without counts of 1 to threshold - 1, nor what tells them; threshold 0: as it is."""
    if threshold < 2 or is_suppressed(report):
        return report
    report = deepcopy(report)
    modes = _fold_lists(report, threshold)
    counts = read_counts(report)
    families = read_steps(report)
    kept = thin_curves(families, threshold)
    withheld = withheld_landmarks(report, kept, threshold)
    withheld |= _withheld_grades(counts.cells, threshold)
    withheld &= counts.cells.keys()
    suppressed = protect(counts.cells, find_sums(counts), threshold, withheld, _price)
    for place in counts.places:
        _write(place, suppressed, _tells_few(place, counts.cells, suppressed, modes, threshold))
    if families:
        write_curves(report, families, kept, suppressed, threshold)
    _sort_rows(report["group"], {cell.name for cell in suppressed if cell.stratum is None})
    tag = {**TAG, "display": f"Counts of 1 to {threshold - 1} are suppressed"}
    meta = report.pop("meta", {})
    return {
        "resourceType": report.pop("resourceType"),
        "meta": {**meta, "tag": [*meta.get("tag", ()), tag]},
        **report,
    }


def is_suppressed(report):
    """Has small-cell suppression been done?"""
    tags = report.get("meta", {}).get("tag", ())
    return any((tag.get("system"), tag.get("code")) == (TAG["system"], TAG["code"]) for tag in tags)


def _price(cell):
    if cell.stratum:
        return 0
    return _PRICES.get(cell.name, 1 if _HEADLINES.fullmatch(cell.name) else 0)


def _masked():
    return {"extension": [{"url": ABSENT, "valueCode": MASKED}]}


def _fold_lists(report, threshold):
    """Put one suppressed group in the place of a list with a small count.

    Returns {code of the list: patients in its longest entry}: those who differ from most may be few.
    """
    modes = {}
    for code, words in _LISTS.items():
        members = [g for g in report["group"] if code_of(g["code"]).startswith(f"{code}-")]
        numbers = [group["measureScore"]["value"] for group in members]
        if any(0 < n < threshold for n in numbers):
            first = members[0]
            first["code"]["coding"][0]["code"] = code
            first["code"]["text"] = f"{words} (suppressed)"
            first["population"] = [p for p in first["population"] if code_of(p["code"]) != "numerator"]
            first["measureScore"] = _masked()
            report["group"] = [group for group in report["group"] if group is first or group not in members]
            modes[code] = max(numbers)
    return modes


def _withheld_grades(cells, threshold):
    """The grades of rows of which one is small, and totals that would tell of them."""
    rows = {}
    for cell, n in cells.items():
        if cell.stratum and cell.stratum[0] == MAX_GRADE:
            rows.setdefault(cell.name, {})[cell.stratum[1]] = n
    withheld = {
        name
        for name, grades in rows.items()
        if any(
            0 < n < threshold for n in (*grades.values(), cells[Cell(name)], cells[Cell("ae-any")] - cells[Cell(name)])
        )
    }
    found = {Cell(name, (MAX_GRADE, grade)) for name in withheld for grade in rows[name]}
    for total, grades in (("ae-fatal", "5"), ("ae-grade3plus", "345")):
        for stem in ("ae-soc-", "ae-term-"):
            # Who is in the total is in a row: more than the other rows can hold must be in this one.
            most = {
                name: cells[Cell(name)] if name in withheld else sum(rows[name][grade] for grade in grades)
                for name in rows
                if name.startswith(stem)
            }
            if any(cells[Cell(total)] > sum(most.values()) - most[name] for name in withheld & most.keys()):
                found.add(Cell(total))
    return found


def _tells_few(place, cells, suppressed, modes, threshold):
    """Would a score tell of few patients, though its populations are printed?"""
    base = without_limit(place.code)
    if (whole := place.cells["denominator"].name if "denominator" in place.cells else "").startswith("compared "):
        stratifier = whole.removeprefix("compared ")
        return any(
            cell.stratum
            and cell.stratum[0] == stratifier
            and cell.stratum[1] != MISSING
            and re.fullmatch(r"denominator|.* (events|censored)", cell.name)
            for cell in suppressed
        )
    if "described" not in place.cells:
        return False
    stem, _, statistic = base.rpartition("-")
    n = cells[place.cells["described"]]
    if 0 < n < _DESCRIPTIONS[statistic] * threshold:
        return True
    if stem == "injections" and "injections-frequency" in modes:
        few_differ = place.stratum is None and n - modes["injections-frequency"] < threshold
        return statistic in ("min", "max") or (few_differ and statistic in ("mean", "sd"))
    return any(Cell(f"{stem}-{number}") in suppressed for number in ("0", "1", "2", "3plus"))


def _write(place, suppressed, tells_few):
    element = place.element
    for population in element["population"]:
        if place.cells.get(code_of(population["code"])) in suppressed:
            del population["count"]
            population["extension"] = _masked()["extension"]
    if tells_few or place.score in suppressed or any(place.cells.get(kind) in suppressed for kind in _SCORED):
        element["measureScore"] = _masked()
        if place.stratum is None:
            element["code"]["text"] = f"{_REASON.sub('', element['code']['text'])} (suppressed)"


def _sort_rows(groups, suppressed):
    """Rows listed by frequency: what is suppressed comes last, by name, so that its place tells nothing."""
    for stem in _ROWS:
        places = [i for i, group in enumerate(groups) if code_of(group["code"]).startswith(stem)]

        def order(group):
            row = without_limit(code_of(group["code"]))
            return (row in suppressed, row if row in suppressed else "")

        for i, group in zip(places, sorted((groups[i] for i in places), key=order), strict=True):
            groups[i] = group
