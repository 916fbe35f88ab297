"""The sums that hold among the counts of a MeasureReport: what an attacker can calculate with.

Names are those of published_counts; what they count is in sections 1.2 to 1.8 of the oncology definitions.
"""

import re
from itertools import pairwise, permutations
from math import inf
from typing import NamedTuple

from ..endpoints.stop_reason import REASONS
from ..endpoints.treatment_emergence import EMERGENT
from .published_counts import Cell
from .strata import MISSING

_REASONS = [f"discontinuation-{reason}" for reason in REASONS if reason != "no-response"]
# Total and parts; a part that ends with * stands for all names that begin so.
_SUMS = (
    ("initial-population", ["denominator-exclusion", "denominator"]),
    ("denominator-exclusion", ["exclusion-*"]),
    ("denominator", ["evaluable", "bor-ne"]),
    ("evaluable", ["dcr", "bor-pd"]),
    ("dcr", ["orr", "bor-sd", "bor-non-cr-non-pd"]),
    ("orr", ["bor-cr", "bor-pr"]),
    ("denominator", ["visited", "visit-2-missing"]),
    ("visited", ["discontinuation-ongoing", "discontinuation-any"]),
    ("discontinuation-any", _REASONS),
    ("stopped", [f"{reason}-of-discontinued" for reason in _REASONS]),
    ("denominator", ["known", "prior-history-unknown"]),
    ("known", ["prior-sequence-*"]),
    ("denominator", ["injections-frequency-*"]),
    ("denominator", ["described cumulative-dose-since-first-dose", "dose-unknown"]),
    ("ae-events", [f"ae-records-{reason}" for reason in sorted(EMERGENT)]),
)
# Whole, and a pattern of each name that is a part of it; the first that fits. Other numerators are parts of their
# denominator.
_WHOLES = (
    ("bor-ne", r"bor-not-assessed"),
    ("discontinuation-progression", r"discontinuation-no-response"),
    ("discontinuation-progression-of-discontinued", r"discontinuation-no-response-of-discontinued"),
    ("stopped", r"discontinuation-any"),
    (r"\g<0>-of-discontinued", rf"(?!discontinuation-any)({'|'.join(_REASONS)})"),
    ("denominator", r"stopped"),
    ("known", r"prior-agent-.*"),
    ("initial-population", r"unread-(?!.*outside|subject).*"),
    (r"\1-related-or-unassessed", r"(ae(?:-ich|-uncapped)?)-related"),
    (r"\1-grade3plus", r"(ae(?:-ich|-uncapped)?)-fatal"),
    (r"\1-any", r"(ae(?:-ich|-uncapped)?)-(serious|grade3plus|related-or-unassessed|discontinuation)"),
    ("ae-any", r"ae-(soc|term|group)-.*"),
    ("described cumulative-dose", r"described cumulative-dose-since-first-dose"),
    ("denominator", r"described custom-.*"),
)
# Populations that are no part of the denominator, or of which a sum tells.
_NO_PART = re.compile(
    r"initial-population|denominator.*|not .*|compared .*|.* (events|censored|competing-events)|.* at-risk .*"
)
_SENSITIVITY = re.compile(r"(pfs)-s\d.*|(os)-(?:last-contact|registry-through)|(ttd)-index-drug|(tt)d|(\w+)-dates-.*")


class Sum(NamedTuple):
    """total = sum of parts; with a `rest`, a count that is nowhere printed, total = sum of parts + rest."""

    total: object
    parts: tuple
    rest: bool = False

    @property
    def rest_cell(self):
        """The rest as a part of other Sums, which come after this one."""
        return "rest", self.total, self.parts


def find_sums(counts):
    """Sums over the cells of Counts."""
    cells = counts.cells
    names = {}
    for cell in cells:
        names.setdefault(cell.stratum, []).append(cell.name)
    found = []
    for stratum, held in names.items():
        found += [
            (Cell(total, stratum), [Cell(part, stratum) for part in parts], rest)
            for total, parts, rest in _among(held, counts.wholes)
        ]
    found += _across_strata(names)
    found += _between_characteristics(names)
    sums = [each for item in found if (each := _checked(cells, *item))]
    # Who discontinued without a second visit is among those who had none.
    unseen = Sum(Cell("stopped"), (Cell("discontinuation-any"),), True)
    return [*sums, Sum(Cell("visit-2-missing"), (unseen.rest_cell,), True)] if unseen in sums else sums


def _checked(cells, total, parts, rest):
    """The Sum, with a rest where the parts leave one; the greater of two nested counts is the whole."""
    if not parts or total not in cells or any(part not in cells for part in parts):
        return None
    left = cells[total] - sum(cells[part] for part in parts)
    if left < 0:
        return Sum(parts[0], (total,), True) if len(parts) == 1 else None
    return Sum(total, tuple(parts), rest or left > 0)


def _among(names, wholes):
    """(total, parts, is there a rest) among the counts of one stratum, or of all."""
    sums = [(total, _expand(parts, names)) for total, parts in _SUMS]
    sums += [each for name in names for each in _sums_of(name, names)]
    in_sums = {part for total, parts in sums if total in names and set(parts) <= set(names) for part in parts}
    for total, parts in sums:
        yield total, parts, False
    for name in names:
        whole = _whole_of(name, names, wholes)
        if whole and (name not in in_sums or name.startswith("discontinuation-")):
            yield whole, [name], True
    yield from _nested(names)


def _expand(parts, names):
    stems = tuple(part[:-1] for part in parts if part.endswith("*"))
    return [name for name in names if name.startswith(stems)] if stems else parts


def _sums_of(name, names):
    """Sums whose names are made of a name: of a curve, a comparison, a cell of prior lines."""
    if name.startswith("not "):
        yield "initial-population", [name.removeprefix("not "), name]
    elif name.endswith("-0") and name.startswith("prior-lines-"):
        stem = name.removesuffix("-0")
        treated = stem.replace("lines-", "", 1)
        yield "known", [name, treated]
        yield treated, [f"{stem}-1", f"{stem}-2", f"{stem}-3plus"]
    elif name.endswith(" events"):
        curve = name.removesuffix(" events")
        yield (curve if curve.startswith("compared ") else "denominator"), [name, f"{curve} censored"]
        yield name, _expand([f"{curve}-events-*"], names)
    elif name.endswith(" competing-events"):
        curve = name.removesuffix(" competing-events")
        yield f"{curve} censored", [name, f"{curve} censored beside competing"]


def _whole_of(name, names, wholes):
    for whole, pattern in _WHOLES:
        if (found := re.fullmatch(pattern, name)) and found.expand(whole) in names:
            return found.expand(whole)
    if name in wholes:
        return wholes[name]
    is_part = "-" in name and name not in ("evaluable", "visited", "known") and not _NO_PART.fullmatch(name)
    return "denominator" if is_part else None


def _nested(names):
    """Counts of which one holds nearly the patients of the other: landmarks, definitions, sensitivity analyses."""
    at_risk = {}
    for name in names:
        curve, found, month = name.partition(" at-risk ")
        if found:
            at_risk.setdefault(curve, []).append(int(month))
        elif name.startswith("ae-uncapped-"):
            yield name, [name.replace("uncapped-", "")], True
        curve, _, kind = name.partition(" ")
        if kind == "events" or kind.startswith("at-risk "):
            if found := _SENSITIVITY.fullmatch(curve):
                main = "ttf" if found[4] else found[found.lastindex]
                yield f"{main} {kind}", [name], True
            if curve in ("pfs-s1-30", "pfs-s1-60"):
                yield f"pfs-s1-{int(curve[-2:]) + 30} {kind}", [name], True
    for curve, months in at_risk.items():
        months.sort()
        yield "denominator", [f"{curve} at-risk {months[0]}"], True
        for earlier, later in pairwise(months):
            yield f"{curve} at-risk {earlier}", [f"{curve} at-risk {later}"], True


def _across_strata(names):
    """The strata of a stratifier add up, and so do those that are compared and those that are missing."""
    levels = {}
    for stratum, held in names.items():
        for name in held if stratum else ():
            levels.setdefault((stratum[0], name), []).append(Cell(name, stratum))
    for (stratifier, name), strata in levels.items():
        yield Cell(name), strata, False
        if name == "denominator":
            yield Cell(name), [Cell(f"compared {stratifier}"), Cell(name, (stratifier, MISSING))], False
        elif name.endswith(" events"):
            yield Cell(name), [Cell(f"compared {stratifier} events"), Cell(name, (stratifier, MISSING))], False


def _between_characteristics(names):
    """Two cuts of one number, age by 65 and age by decades: a level is the sum of the levels within it, and a rest."""
    families = {}
    for stratum, held in names.items():
        if stratum and "denominator" in held:
            families.setdefault(stratum[0], {})[stratum[1]] = Cell("denominator", stratum)
    for one, other in permutations(families, 2):
        # Characteristics of one number have codes that begin with the same word.
        if one.partition("-")[0] == other.partition("-")[0]:
            for value, cell in families[one].items():
                yield cell, [part for inner, part in families[other].items() if _is_within(inner, value)], True


def _is_within(inner, outer):
    if MISSING in (inner, outer):
        return inner == outer
    ranges = _range(inner), _range(outer)
    return None not in ranges and ranges[1][0] <= ranges[0][0] and ranges[0][1] <= ranges[1][1]


def _range(value):
    """(least, greatest) of a level of numbers as a slug: lt40, 40-49, 3, ge70; None of anything else."""
    found = re.fullmatch(r"(lt|ge)?(\d+)(?:-(\d+))?", value)
    if not found:
        return None
    number = int(found[2])
    return {"lt": (-inf, number - 1), "ge": (number, inf)}.get(found[1], (number, int(found[3] or number)))
