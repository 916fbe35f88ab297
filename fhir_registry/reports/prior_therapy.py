"""Groups of prior therapies by class and setting (section 1.4, F1 of the definitions)."""

from collections import Counter

from ..endpoints.prior_therapy import CELLS
from .asserted_line import add_asserted_line
from .description import add_order_statistics
from .groups import LINES, PATIENTS, Groups
from .proportion import add_proportion, stratify_proportion

FLAGS = ("timing-unknown",)


def prior_therapy_groups(tally, stratifiers=()):
    """Groups of a Tally of PriorTherapy. Numbers of lines describe the patients whose history is known.

    Stratifiers apply to the patients with each class and setting.
    """
    groups = Groups(tally, FLAGS, stratifiers)
    for cell in CELLS:
        _add_cell(groups, cell, tally)
    for agent, n in sorted(tally.counts("agents").items()):
        groups.add_number(f"prior-agent-{agent}", f"Prior {agent}: patients", n, PATIENTS, {"numerator": n})
    sequences = tally.counts("sequence")
    unknown = sequences.pop(None, 0)
    by_frequency = sorted(sequences.items(), key=lambda item: (-item[1], item[0]))
    for number, (sequence, n) in enumerate(by_frequency, start=1):
        text = f"Sequence of therapies {sequence}: patients"
        groups.add_number(f"prior-sequence-{number}", text, n, PATIENTS, {"numerator": n})
    text = "History of prior therapies unknown: patients"
    groups.add_number("prior-history-unknown", text, unknown, PATIENTS, {"numerator": unknown})
    add_asserted_line(groups)
    return groups


def _add_cell(groups, cell, tally):
    kind, setting = cell
    disease = f"{setting} disease"
    text = f"Patients with prior {kind} therapy for {disease}"
    group = add_proportion(groups, f"prior-{kind}-{setting}", text, *_treated(tally, cell))
    stratify_proportion(groups, group, lambda stratum: _treated(stratum, cell))
    counts = _lines(tally, cell)
    prefix = f"prior-lines-{kind}-{setting}-"
    at_least_3 = sum(n for number, n in counts.items() if number >= 3)
    numbers = {"0": counts[0], "1": counts[1], "2": counts[2], "3plus": at_least_3}
    for number, n in numbers.items():
        text = f"Patients with {number.replace('plus', ' or more')} prior lines of {kind} therapy for {disease}"
        groups.add_number(prefix + number, text, n, PATIENTS, {"numerator": n})
    add_order_statistics(groups, prefix, f"Prior lines of {kind} therapy for {disease}", counts, LINES)


def _treated(tally, cell):
    """How many had a line of this class and setting, of how many."""
    return sum(n for number, n in _lines(tally, cell).items() if number), tally.denominator


def _lines(tally, cell):
    """{number of lines of this class and setting: patients whose history is known}."""
    position, counts = CELLS.index(cell), Counter()
    for lines, n in tally.counts("lines").items():
        if lines is not None:
            counts[lines[position]] += n
    return counts
