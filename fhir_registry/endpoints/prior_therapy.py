"""Prior therapies by class and setting: section 1.4, F1 (https://hl7.org/fhir/R4/medicationstatement.html)."""

from functools import partial
from typing import NamedTuple

from .asserted_line import LineCheck, check_line, find_asserted_line
from .index import Index
from .index_line import find_index_line
from .lines import line_rules, therapy_lines
from .outcome import Analysed, Items
from .parameters import ASSERTED, COMMON, LINES, complete_parameters
from .population import screen
from .therapy import CLASSES, SETTINGS, find_settings, systemic_therapies
from .usable import usable_data

PARAMETERS = {**COMMON, **LINES, **ASSERTED}
check_parameters = partial(complete_parameters, PARAMETERS)

# Pairs (class, setting) in the order of PriorTherapy.lines.
CELLS = tuple((kind, setting) for kind in CLASSES for setting in SETTINGS)
_TAGS = {"adjuvant": "adj", "neoadjuvant": "neoadj", "early": "early", "advanced": "adv"}


class PriorTherapy(NamedTuple):
    known: bool  # False: nothing is recorded, not even that there was nothing
    lines: tuple | None  # number of prior lines, one a cell of CELLS; None when not known
    agents: Items  # distinct drugs, sorted
    sequence: str | None  # "TAM(adj) > LET(adv) > FUL"; None when not known
    line: LineCheck | None = None  # at the index


def derive(facts, plan):
    """Prior systemic therapies -> Analysed(PriorTherapy), Excluded or None."""
    facts = usable_data(facts, plan.cutoff)
    index = screen(facts, plan)
    if not isinstance(index, Index):
        return index
    drugs = plan.parameters["indexDrugs"]
    others = [t for t in systemic_therapies(facts) if t.agent not in drugs]
    prior = [t for t in others if is_prior(t, index.day)]
    settings = find_settings(facts)
    known = bool(prior) or says_none(facts)
    lines, sequence = _count_lines(prior, settings, plan.parameters, index.day)
    asserted = find_asserted_line(facts, plan.parameters, index.day)
    row = PriorTherapy(
        known=known,
        lines=lines if known else None,
        agents=Items(sorted({t.agent for t in prior})),
        sequence=" > ".join([*sequence, _short(min(drugs))]) if known else None,
        line=asserted and check_line(asserted, find_index_line(facts, plan, index, index.day).number),
    )
    flags = {
        "imputed-dates": index.imputed,
        "timing-unknown": any(_has_unknown_timing(t, index.day) for t in others),
    }
    evidence = (asserted.evidence,) if asserted else ()
    return Analysed(index.day, row, frozenset(flag for flag, holds in flags.items() if holds), evidence)


def is_prior(therapy, index):
    """True when the therapy certainly started before the index, or may have and was over or told of by then (C4)."""
    if therapy.start_hi is not None and therapy.start_hi < index:
        return True
    if therapy.start_lo is not None and therapy.start_lo >= index:
        return False
    ended = therapy.end_hi is not None and therapy.end_hi < index
    told = therapy.asserted_hi is not None and therapy.asserted_hi <= index
    return ended or told


def _has_unknown_timing(therapy, index):
    return not is_prior(therapy, index) and (therapy.start_lo is None or therapy.start_lo < index)


def says_none(facts):
    """True when the record says of a drug, or of all, that it was not taken."""
    return any(s.status == "not-taken" for s in facts.statements) or any(
        o.topic == "no-prior-therapy" for o in facts.observations
    )


def _count_lines(prior, settings, parameters, index):
    """(number of lines a cell, the lines as text in order of start)."""
    by_setting = {"early": [], "advanced": []}
    for therapy in prior:
        if therapy.first_day is not None and not therapy.suppression:
            by_setting["advanced" if settings(therapy) == "advanced" else "early"].append(therapy)
    counts = dict.fromkeys(CELLS, 0)
    texts = []
    rules = line_rules(parameters)
    for setting, therapies in by_setting.items():
        lines = therapy_lines(therapies, index - 1, rules)
        for line in lines:
            for kind in line.kinds:
                counts[kind, setting] += 1
            # The therapy that started last before the line is the one that started it.
            starting = max((t for t in therapies if t.first_day <= line.start), key=lambda t: t.first_day)
            agents = "+".join(sorted(_short(drug) for drug in line.drugs))
            texts.append((line.start, f"{agents}({_TAGS[settings(starting)]})"))
    return tuple(counts.values()), [text for _, text in sorted(texts)]


def _short(drug):
    """`tamoxifen` -> TAM, `trastuzumab-deruxtecan` -> TRA-D."""
    first, *more = drug.upper().split("-")
    return "-".join([first[:3], *(word[:1] for word in more)])
