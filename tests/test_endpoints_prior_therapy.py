"""Prior therapies and lines; P- and L-cases are those of sections 4.4 and 4.5 of the oncology definitions."""

import pytest
from patient_facts import CLASS, DRUGS, Record, day

from fhir_registry.endpoints import prior_therapy
from fhir_registry.endpoints.lines import Dose, line_rules, lines_of_therapy
from fhir_registry.endpoints.outcome import Plan
from fhir_registry.endpoints.parameters import LINES, complete_parameters

INDEX = "2009-10-05"


def derive(record):
    parameters = prior_therapy.check_parameters({**DRUGS, "indexDrugs": frozenset({"fulvestrant"})})
    return prior_therapy.derive(record.facts(), Plan("faslodex", None, day("2012-12-31"), parameters))


def patient(advanced="2008-12-01", diagnosis="2003-01-01"):
    """Fulvestrant from day 0; breast cancer since `diagnosis`, metastatic since `advanced`."""
    record = Record(INDEX).dose("fulvestrant", 0)
    return record.condition("breast", diagnosis).condition("distant", advanced)


def fec(record, start, end, **values):
    for drug in ("fluorouracil", "epirubicin", "cyclophosphamide"):
        record.took(drug, start, end, **values)
    return record


CASES = {
    "P01 adjuvant, then advanced": (
        patient().took("tamoxifen", "2003-05", "2008-04", intent="adjuvant").took("letrozole", "2009-01", "2009-09"),
        {"hormonal early": 1, "hormonal advanced": 1},
        "TAM(adj) > LET(adv) > FUL",
    ),
    "P02 three agents after surgery": (
        fec(patient("2008", "2004-12-01").surgery("2005-01-10"), "2005-02", "2005-07"),
        {"chemo early": 1},
        "CYC+EPI+FLU(adj) > FUL",
    ),
    "P03 before surgery": (
        patient("2008", "2005-12-01").surgery("2006-06-01").took("docetaxel", "2006-01", "2006-05"),
        {"chemo early": 1},
        "DOC(neoadj) > FUL",
    ),
    "P06 second line of advanced disease": (
        patient().took("letrozole", "2009-01", "2009-04").took("capecitabine", "2009-06", "2009-09"),
        {"hormonal advanced": 1, "chemo advanced": 1},
        "LET(adv) > CAP(adv) > FUL",
    ),
    "P07 two classes in one line": (
        patient().took("everolimus", "2009-01", "2009-08").took("exemestane", "2009-01", "2009-08"),
        {"targeted advanced": 1, "hormonal advanced": 1},
        "EVE+EXE(adv) > FUL",
    ),
    "P09 ovarian suppression is not a line": (
        patient().took("goserelin", "2009-01", "2009-08").took("tamoxifen", "2009-01", "2009-08"),
        {"hormonal advanced": 1},
        "TAM(adv) > FUL",
    ),
    "P10 told before the index": (
        patient(diagnosis="2008-12-01").took("tamoxifen", "2009", asserted=INDEX),
        {"hormonal advanced": 1},
        "TAM(adv) > FUL",
    ),
    "P13 metastatic from the beginning": (
        patient("2009-01-20", "2009-01-10").took("letrozole", "2009-01-12", "2009-09"),
        {"hormonal advanced": 1},
        "LET(adv) > FUL",
    ),
    "progestogen for breast cancer": (
        patient().took("megestrol", "2009-01", "2009-05", indication="breast-cancer"),
        {"hormonal advanced": 1},
        "MEG(adv) > FUL",
    ),
    "hormone long after surgery is adjuvant": (
        patient("2008-12-01", "2001-01-01").surgery("2001-02-01").took("letrozole", "2006-02-01", "2008-02-01"),
        {"hormonal early": 1},
        "LET(adj) > FUL",
    ),
    "given in the hospital itself": (
        patient().dose("capecitabine", -200, -179, -158),
        {"chemo advanced": 1},
        "CAP(adv) > FUL",
    ),
    "stopped before, date of start unknown": (
        patient().took("tamoxifen", None, "2007-03-01"),
        {"hormonal early": 1},
        "TAM(early) > FUL",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_prior_lines(case):
    record, expected, sequence = CASES[case]
    row = derive(record).row
    lines = {f"{kind} {setting}": n for (kind, setting), n in zip(prior_therapy.CELLS, row.lines, strict=True) if n}
    assert (lines, row.sequence, row.known) == (expected, sequence, True)


@pytest.mark.parametrize(
    "case, record",
    [
        ("P04 bone protection", patient().took("zoledronic-acid", "2009-01", "2009-06")),
        ("P08 ignored uses", patient().took("methotrexate", "2009-01", "2009-06")),
        ("P12 no statement", patient()),
        ("progestogen for something else", patient().took("megestrol", "2009-01", "2009-05")),
        ("started with the index", patient().took("letrozole", INDEX)),
        ("fulvestrant itself", patient().took("fulvestrant", "2009-09-01")),
        ("in error", patient().took("letrozole", "2009-01", status="entered-in-error")),
    ],
)
def test_history_unknown(case, record):
    row = derive(record).row
    assert row == (False, None, (), None, None)


def test_p10_without_assertion_the_timing_is_unknown():
    answer = derive(patient().took("tamoxifen", "2009"))
    assert answer.flags == {"timing-unknown"}
    assert (answer.row.known, answer.row.agents) == (False, ())


@pytest.mark.parametrize(
    "record",
    [patient().took("tamoxifen", status="not-taken"), patient().observed("no-prior-therapy", -10)],
    ids=["P11", "observation"],
)
def test_no_prior_therapy_is_known_when_said(record):
    row = derive(record).row
    assert (row.known, sum(row.lines), row.sequence) == (True, 0, "FUL")


def test_agents_are_distinct():
    record = fec(patient("2008").surgery("2005-01-10"), "2005-02", "2005-07").took("goserelin", "2005-08", "2007-08")
    assert derive(record).row.agents == ("cyclophosphamide", "epirubicin", "fluorouracil", "goserelin")


def doses(drug, *days):
    return [Dose(d, drug, CLASS[drug].partition("/")[0]) for d in days]


BASE = doses("paclitaxel-liposome", *range(0, 106, 21)) + doses("trastuzumab", *range(0, 358, 21))
LIPOSOME, PAIR = {"paclitaxel-liposome"}, {"paclitaxel-liposome", "trastuzumab"}


@pytest.mark.parametrize(
    "case, given, expected",
    [
        ("L1", BASE, [(0, 357, PAIR)]),
        ("L2", BASE + doses("pertuzumab", *range(28, 358, 21)), [(0, 357, PAIR | {"pertuzumab"})]),
        ("L3", BASE + doses("pertuzumab", *range(29, 358, 21)), [(0, 21, PAIR), (29, 357, PAIR | {"pertuzumab"})]),
        (
            "L4",
            doses("paclitaxel-liposome", 0, 21, 42) + doses("paclitaxel", 63, 84),
            [(0, 84, LIPOSOME | {"paclitaxel"})],
        ),
        ("L5", BASE + doses("letrozole", *range(150, 358, 28)), [(0, 357, PAIR | {"letrozole"})]),
        (
            "L6",
            BASE + doses("capecitabine", *range(150, 358, 21)),
            [(0, 147, PAIR), (150, 357, {"capecitabine", "trastuzumab"})],
        ),
        ("L7", doses("paclitaxel-liposome", 0, 21, 142), [(0, 21, LIPOSOME), (142, 142, LIPOSOME)]),
        ("L8", doses("paclitaxel-liposome", 0, 21, 141), [(0, 141, LIPOSOME)]),
        (
            "endocrine change",
            doses("letrozole", *range(0, 90, 28)) + doses("tamoxifen", *range(100, 200, 28)),
            [(0, 84, {"letrozole"}), (100, 184, {"tamoxifen"})],
        ),
        (
            "second endocrine agent is no maintenance",
            BASE + doses("letrozole", 150, 178, 206) + doses("anastrozole", 230),
            [(0, 210, PAIR | {"letrozole"}), (230, 357, {"anastrozole", "trastuzumab"})],
        ),
        (
            "fixed combination of what is given already",
            doses("trastuzumab", 0, 21) + doses("pertuzumab", 0, 21) + doses("trastuzumab-pertuzumab", 42, 63),
            [(0, 63, {"trastuzumab", "pertuzumab"})],
        ),
        ("none", [], []),
    ],
)
def test_lines_of_therapy(case, given, expected):
    lines = lines_of_therapy(given, line_rules(complete_parameters(LINES, DRUGS)))
    assert [(line.start, line.end) for line in lines] == [(start, end) for start, end, _ in expected]
    for line, (_, _, drugs) in zip(lines, expected, strict=True):
        assert line.drugs == drugs


def test_l9_bone_protection_starts_no_line():
    record = Record(INDEX).dose("fulvestrant", 0).condition("distant", "2008-12-01")
    record.took("letrozole", "2009-01-01", "2009-09-01").took("zoledronic-acid", "2009-03-01", "2009-09-01")
    assert derive(record).row.sequence == "LET(adv) > FUL"
