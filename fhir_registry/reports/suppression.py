"""Small cells of a MeasureReport are suppressed, and what they could be calculated from (docs/suppression.md).

Section 5, item 8, of the oncology definitions.
"""

import re
from copy import deepcopy

from .count_sums import find_sums
from .groups import ABSENT, OWN
from .published_counts import MAX_GRADE, Cell, code_of, is_of_curve, read_counts, without_limit
from .reading import MASKED
from .thinning import read_steps, thin_curves, withheld_landmarks, write_curves

TAG = {"system": f"{OWN}/CodeSystem/suppression", "code": "small-cells"}

# Lists whose members are what patients have: one small count withholds the list. Code -> words.
_LISTS = {
    "injections-frequency": "Patients by number of injections in the observation period",
    "prior-sequence": "Patients by sequence of therapies",
}
_ROWS = ("ae-soc-", "ae-term-", "ae-group-")  # listed by frequency
_TOTALS = {"initial-population", "denominator-exclusion", "denominator"}
# What it costs a reader to lose a count, by its name: the first pattern that fits. Those of strata cost less.
_PRICES = (
    (r"denominator", 2000),
    (r"initial-population", 1000),
    (r"denominator-exclusion", 500),
    (r"(os|pfs|ttp|ttf) (events|censored|competing-events)", 200),
    (r"evaluable|visited|stopped|known|dcr|orr|discontinuation-any|ae-any|ae-(serious|grade3plus|related)", 60),
    (r"(os|pfs|ttp|ttf) at-risk .*", 40),
    (r"not .*|exclusion-.*|compared .*", 10),
    (r"[^ ]+", 20),
    (r".*", 15),  # of sensitivity analyses
)
# Populations that a score is calculated from, or can be calculated from a score.
_SCORED = ("denominator", "numerator", "events", "censored", "competing-events", "at-risk", "described")
_COMPARED = "compared "  # begins the name of the patients whom a hazard ratio or a test compares
_GRADES = {"ae-fatal": "5", "ae-grade3plus": "345"}  # total -> worst grades of who is in it
# Statistic -> how often as many patients as the threshold it takes: one in each part that it cuts off.
_DESCRIPTIONS = {"mean": 1, "median": 2, "sd": 4, "q1": 4, "q3": 4, "min": 4, "max": 4}
_REASON = re.compile(r", (not estimable.*|nothing to compare)$")


def suppress(report, threshold):
    """A MeasureReport (dict) without counts of 1 to threshold - 1, nor what tells them; threshold 0: as it is."""
    if threshold < 2 or is_suppressed(report):
        return report
    from .protection import protect  # imports scipy, which is slow

    report = deepcopy(report)
    modes = _fold_lists(report, threshold)
    counts = read_counts(report)
    families = read_steps(report)
    points = thin_curves(families, threshold)
    withheld, shown = withheld_landmarks(report, points, threshold)
    untold = withheld - shown
    withheld |= _withheld_grades(counts.cells, threshold)
    withheld &= counts.cells.keys()
    suppressed = protect(counts.cells, find_sums(counts), threshold, withheld, _price_of(counts))
    few = {cell for cell in suppressed if 0 < counts.cells[cell] < threshold}
    for place in counts.places:
        if "denominator" in place.cells and place.cells["denominator"].name.startswith(_COMPARED):
            hidden = _compares_few(place, few)
        elif is_of_curve(place):
            hidden = _is_of_few_ends(place, few | untold)
        else:
            hidden = place.score in suppressed or any(place.cells.get(kind) in suppressed for kind in _SCORED)
            hidden |= _tells_few(place, counts.cells, suppressed, modes, threshold)
        _write(place, suppressed, hidden)
    if families:
        write_curves(report, families, points, suppressed, threshold)
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


def _price_of(counts):
    """cell -> price. Flags, the populations of which no other number is calculated, are the cheapest."""
    flags = {cell.name for place in counts.places for kind, cell in place.cells.items() if cell.name == kind} - _TOTALS

    def price(cell):
        if cell.name in flags:
            return 1
        if cell.stratum:
            return 30 if cell.name == "denominator" else 5
        return next(price for pattern, price in _PRICES if re.fullmatch(pattern, cell.name))

    return price


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
    nobody = {grade for total, grades in _GRADES.items() if cells.get(Cell(total)) == 0 for grade in grades}
    found = {Cell(name, (MAX_GRADE, grade)) for name in withheld for grade in rows[name] if grade not in nobody}
    for total, grades in _GRADES.items():
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


def _compares_few(place, few):
    """Has a stratum of those that are compared, or of who is not among them, few patients or events?"""
    stratifier = place.cells["denominator"].name.removeprefix(_COMPARED)
    return any(
        cell.stratum and cell.stratum[0] == stratifier and re.fullmatch(r"denominator|.* events", cell.name)
        for cell in few
    )


def _is_of_few_ends(place, few):
    """Does a number of a curve rest on few patients? It does not tell a count that goes for the sake of others."""
    ends = ("censored",) if without_limit(place.code).endswith("-follow-up-median") else ("events", "competing-events")
    return any(place.cells.get(kind) in few for kind in ("denominator", "at-risk", *ends))


def _tells_few(place, cells, suppressed, modes, threshold):
    """Would a description tell of few patients, though its populations are printed?"""
    if "described" not in place.cells:
        return False
    stem, _, statistic = place.code.rpartition("-")
    n = cells[place.cells["described"]]
    if 0 < n < _DESCRIPTIONS[statistic] * threshold:
        return True
    if stem == "injections" and "injections-frequency" in modes:
        few_differ = place.stratum is None and n - modes["injections-frequency"] < threshold
        return statistic in ("min", "max") or (few_differ and statistic in ("mean", "sd"))
    return any(Cell(f"{stem}-{number}") in suppressed for number in ("0", "1", "2", "3plus"))


def _write(place, suppressed, hidden):
    element = place.element
    for population in element["population"]:
        if place.cells.get(code_of(population["code"])) in suppressed:
            del population["count"]
            population["extension"] = _masked()["extension"]
    if hidden:
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
