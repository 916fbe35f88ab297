"""An attack on a suppressed MeasureReport that knows nothing of how it was made: only what the numbers mean.

Unknown is how many patients there are of each kind; every printed number says how many are of some kinds. A suppressed
number is attacked by asking for the least and the greatest it can be (mixed-integer programming).
"""

import re
from functools import partial
from math import inf

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

MASKED = "masked"
REASONS = (
    *("death", "progression", "no-response", "adverse-event", "patient-decision", "physician-decision"),
    *("pregnancy", "access", "lost-to-follow-up", "completed", "other", "unknown"),
)
BEST = ("cr", "pr", "sd", "non-cr-non-pd", "pd", "ne-assessed", "ne-not-assessed")
CONTROLLED = {"cr", "pr", "sd", "non-cr-non-pd"}


class Attack:
    """What a report of one endpoint tells: equations over the numbers of patients of each kind."""

    def __init__(self, report, kinds, count):
        """kinds: those of the analysed; count(code, population) -> predicate of a kind, None: not attacked."""
        self.kinds = list(kinds)
        self._count = count
        self.columns = {}
        self.rows, self.totals = [], []
        self.masked = {}  # the kinds that are counted -> words
        self.printed = {}  # the kinds that are counted -> how many
        self._levels = {}
        groups = report["group"]
        for group in groups:
            for stratum in _strata(group):
                code, value, _ = stratum
                self._levels.setdefault(code, {})[value] = None
        self._levels.pop("max-grade", None)
        exclusions = [_code(group) for group in groups if _code(group).startswith("exclusion-")]
        self.exclusions = {code: {("excluded", code)} for code in exclusions}
        for kind in self.kinds:
            self._column(("analysed", kind))
        for code, values in self._levels.items():
            for kind in self.kinds:
                # The patients of a kind are those of the kind in all strata.
                self.add({("analysed", kind): -1} | {(code, value, kind): 1 for value in values}, 0)
        for group in groups:
            self._read(_code(group), group, None)
            for code, value, element in _strata(group):
                if code == "max-grade":
                    self._read(f"{_code(group)} {value}", element, None)
                else:
                    self._read(_code(group), element, (code, value))

    def _column(self, name):
        return self.columns.setdefault(name, len(self.columns))

    def add(self, terms, total):
        self.rows.append({self._column(name): factor for name, factor in terms.items()})
        self.totals.append(total)

    def _read(self, code, element, stratum):
        for population in element["population"]:
            kind = population["code"]["coding"][0]["code"]
            terms = self._terms(re.sub(r"(-wilson)?-ci-(lower|upper)$", "", code), kind, stratum)
            if not terms:
                continue
            if "count" in population:
                self.add(terms, population["count"])
                self.printed[frozenset(terms)] = population["count"]
            else:
                assert [each["valueCode"] for each in population["extension"]] == [MASKED]
                for name in terms:
                    self._column(name)
                self.masked.setdefault(frozenset(terms), f"{code} {kind} {stratum or ''}")

    def _terms(self, code, kind, stratum):
        analysed = {("analysed", each): 1 for each in self.kinds}
        excluded = {name: 1 for names in self.exclusions.values() for name in names}
        if code in self.exclusions and kind == "numerator":
            return dict.fromkeys(self.exclusions[code], 1)
        if kind == "initial-population":
            return analysed | excluded
        if code.startswith("sde-"):
            found = [(c, v) for c in self._levels for v in self._levels[c] if code == f"sde-{c}-{_slug(v)}"]
            if kind == "numerator" and found:
                return {(*found[0], each): 1 for each in self.kinds}
            kind = "denominator" if kind == "denominator" else None
            return analysed if kind else None
        if kind == "denominator-exclusion":
            inside = self._count(code, "denominator")
            return excluded | {("analysed", each): 1 for each in self.kinds if not inside(each)} if inside else None
        holds = self._count(code, kind)
        if holds is None:
            return None
        if stratum is None:
            return {("analysed", each): 1 for each in self.kinds if holds(each)}
        return {(*stratum, each): 1 for each in self.kinds if holds(each)}

    def ranges(self, enough=lambda kinds: inf):
        """(kinds, words, least, greatest) of each suppressed number.

        enough(kinds): a range that is so wide need not be the whole one; what was found while others were attacked
        is often enough.
        """
        width = len(self.columns)
        matrix = _matrix(self.rows, width)
        rules = LinearConstraint(matrix, self.totals, self.totals)
        members = {kinds: [self.columns[name] for name in kinds] for kinds in self.masked}
        possible = []  # numbers of patients that all equations allow
        for kinds, words in self.masked.items():
            objective = np.zeros(width)
            objective[members[kinds]] = 1
            for sign in (1, -1):
                values = [int(each[members[kinds]].sum()) for each in possible]
                if values and max(values) - min(values) >= enough(kinds):
                    break
                found = milp(sign * objective, constraints=rules, integrality=np.ones(width), bounds=Bounds(0, 10_000))
                assert found.status == 0, (words, found.message)
                possible.append(np.rint(found.x))
                assert (matrix @ possible[-1] == self.totals).all(), words
            values = [int(each[members[kinds]].sum()) for each in possible]
            yield kinds, words, min(values), max(values)


def _matrix(rows, width):
    entries = [(i, j, factor) for i, row in enumerate(rows) for j, factor in row.items()]
    i, j, factors = zip(*entries, strict=True)
    return csr_array((factors, (i, j)), shape=(len(rows), width))


def _code(group):
    return group["code"]["coding"][0]["code"]


def _slug(words):
    return re.sub(r"[\W_]+", "-", words.lower().replace(">=", "ge").replace("<", "lt")).strip("-")


def _strata(group):
    for stratifier in group.get("stratifier", ()):
        for stratum in stratifier["stratum"]:
            yield stratifier["code"][0]["coding"][0]["code"], stratum["value"]["text"], stratum


def response_attack(report):
    def count(code, kind):
        if kind == "denominator":
            return (lambda best: not best.startswith("ne-")) if code.endswith("-evaluable") else lambda best: True
        if kind != "numerator":
            return None
        wanted = {"dcr": CONTROLLED, "orr": {"cr", "pr"}}.get(code.removesuffix("-evaluable"))
        wanted = wanted or {"bor-ne": {"ne-assessed", "ne-not-assessed"}, "bor-not-assessed": {"ne-not-assessed"}}.get(
            code, {code.removeprefix("bor-")}
        )
        return (lambda best: best in wanted) if code.startswith(("dcr", "orr", "bor-")) else None

    return Attack(report, BEST, count)


def discontinuation_attack(report):
    kinds = [(visit_2, reason) for visit_2 in (True, False) for reason in (*REASONS, "ongoing")]

    def count(code, kind):
        if kind == "visit-2-missing":
            return lambda k: not k[0]
        if not code.startswith("discontinuation-"):
            return (lambda k: True) if kind == "denominator" else None
        stopped = code.endswith("-of-discontinued")
        if kind == "denominator":
            return (lambda k: k[1] != "ongoing") if stopped else lambda k: k[0]
        reason = code.removeprefix("discontinuation-").removesuffix("-of-discontinued")
        reasons = {"any": set(REASONS), "progression": {"progression", "no-response"}}.get(reason, {reason})
        return (lambda k: k[1] in reasons and (stopped or k[0])) if kind == "numerator" else None

    return Attack(report, kinds, count)


def time_attack(report, curve, labels, landmarks=(0, 12, 24, 36, 48, 60)):
    """Kinds: by what the time ended, a label of an event or censored, and between which two landmarks."""
    kinds = [(end, number) for end in (*labels, "censored") for number in range(len(landmarks))]

    def count(code, kind):
        label = code.removeprefix(f"{curve}-events-")
        if kind == "denominator":
            if label != code:
                return lambda k: k[0] != "censored"
            return None if re.search("-hr-|-logrank-|-differs|-events-", code) else lambda k: True
        if kind == "numerator" and label != code:
            return lambda k: k[0] == label
        if not re.fullmatch(rf"{curve}-(median|rate-\d+m|follow-up-median)", code):
            return None
        if kind in ("events", "censored"):
            return lambda k: (k[0] == "censored") == (kind == "censored")
        if kind == "at-risk" and len(landmarks) > 1:
            month = int(re.search(r"\d+", code)[0])
            return lambda k: landmarks[k[1]] >= month
        return None

    return Attack(report, kinds, count)


def exposure_attack(report):
    """Kinds: how many injections, and whether the dose is known: in the observation period, since the first dose."""
    stem = "injections-frequency-"
    kinds = [(str(number), known) for number in range(1, 13) for known in ("both", "observation", "neither")]

    def count(code, kind):
        if kind == "denominator":
            return None if code.endswith("-differs") else lambda k: True
        if kind == "dose-unknown":
            return lambda k: k[1] != "both"
        if kind == "described" and code.startswith("cumulative-dose-"):
            doses = {"both"} if "-since-first-dose-" in code else {"both", "observation"}
            return lambda k: k[1] in doses
        if kind == "described":
            return (lambda k: True) if code.startswith(("injections-", "administration-days-")) else None
        if kind == "numerator" and code.startswith(stem):
            return lambda k: k[0] == code.removeprefix(stem)
        return None

    attack = Attack(report, kinds, count)
    if listed := {_code(group).removeprefix(stem) for group in report["group"] if _code(group).startswith(stem)}:
        # The list is whole: nobody had a number that is not in it.
        for kind in kinds:
            if kind[0] not in listed:
                attack.add({("analysed", kind): 1}, 0)
    return attack


def prior_attack(report):
    """Kinds: unknown history, or the number of hormonal lines of early disease; and what is asserted of the line."""
    cell = "hormonal-early"
    kinds = [(n, line) for n in ("unknown", "0", "1", "2", "3plus") for line in ("", "agrees", "differs")]

    def count(code, kind):
        if kind == "denominator":
            return (lambda k: k[1]) if code == "line-asserted-differs" else lambda k: True
        if kind == "described" and code.startswith("prior-lines-"):
            return lambda k: k[0] != "unknown"
        if kind == "numerator" and code.startswith("line-asserted"):
            return (lambda k: k[1] == "differs") if code.endswith("differs") else lambda k: k[1]
        if kind != "numerator":
            return None
        wanted = {f"prior-{cell}": {"1", "2", "3plus"}, "prior-history-unknown": {"unknown"}}.get(code)
        if code.startswith(f"prior-lines-{cell}-"):
            wanted = {code.rpartition("-")[2]}
        return (lambda k: k[0] in wanted) if wanted else None

    return Attack(report, kinds, count)


def adverse_event_attack(report):
    """Kinds: what holds of a patient; grade 5 is grade 3 and over, all of them adverse events."""
    names = ("serious", "grade3plus", "fatal", "related", "related-or-unassessed", "discontinuation")
    kinds = [frozenset()]
    for number in range(2 ** len(names)):
        kind = frozenset(["any", *(name for position, name in enumerate(names) if number >> position & 1)])
        if not ("fatal" in kind and "grade3plus" not in kind) and not (
            "related" in kind and "related-or-unassessed" not in kind
        ):
            kinds.append(kind)

    def count(code, kind):
        if kind == "denominator":
            return lambda k: True
        if code in ("ae-eair", "ae-eair-years") and kind == "events":
            return lambda k: "any" in k
        name = code.removeprefix("ae-")
        if kind == "numerator" and code.startswith("ae-") and name in ("any", *names):
            return lambda k: name in k
        return None

    return Attack(report, kinds, count)


def grade_attack(report, place):
    """Kinds: the worst grade in one row of a term, the one of this place, and the worst in all others; 0 is none."""
    grades = ("0", "unknown", "1", "2", "3", "4", "5")
    kinds = [(own, other) for own in grades for other in ("0", "low", "3", "5")]
    codes = {_code(group) for group in report["group"]}
    rows = sorted(code for code in codes if code.startswith("ae-term-") and not code.endswith(("-lower", "-upper")))
    row = rows[place % len(rows)]

    def count(code, kind):
        if kind == "denominator":
            return None if code.endswith("-differs") else lambda k: True
        if kind != "numerator":
            return (lambda k: k != ("0", "0")) if code.startswith("ae-eair") and kind == "events" else None
        name, _, grade = code.partition(" ")
        if name == row:
            return (lambda k: k[0] == grade) if grade else (lambda k: k[0] != "0")
        return {
            "ae-any": lambda k: k != ("0", "0"),
            "ae-grade3plus": lambda k: k[0] in ("3", "4", "5") or k[1] in ("3", "5"),
            "ae-fatal": lambda k: "5" in k,
        }.get(code)

    return Attack(report, kinds, count)


PFS_EVENTS = ("progression", "death", "treatment-change")
TTF_EVENTS = ("progression", "death", "gap", "adverse-event", "stopped")
ATTACKS = {
    "halaven-dcr": response_attack,
    "faslodex-discontinuation": discontinuation_attack,
    "faslodex-injections": exposure_attack,
    "faslodex-prior-therapies": prior_attack,
    "halaven-adverse-events": adverse_event_attack,
    "lipusu-her2-os": partial(time_attack, curve="os", labels=("died",)),
    "lipusu-her2-pfs": partial(time_attack, curve="pfs", labels=PFS_EVENTS),
    "lipusu-her2-ttf": partial(time_attack, curve="ttf", labels=TTF_EVENTS, landmarks=(0,)),
}
