"""The page of a MeasureReport, as text: what stands where, rounded how, escaped."""

import re
from base64 import b64encode
from copy import deepcopy
from html.parser import HTMLParser

import pytest
from page_report import ALL, CONTAINED, CURVES, MEASURE, NEGATIVE, REPORT, absent, group, populations, quantity

from fhir_registry.core.validate import Validator
from fhir_registry.fhir.json import dumps, parse
from fhir_registry.reports.page import render_page

DEFINITIONS = {"imputed-dates": "Patients of whom a date was imputed."}
VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """The page as a list of (path of elements, text)."""

    def __init__(self, html):
        super().__init__()
        self.path, self.elements, self.texts, self.attributes = [], [], [], []
        self.feed(html)
        self.close()
        assert self.path == [], "an element is not closed"

    def handle_starttag(self, tag, attributes):
        self.elements.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.path.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.path.pop() == tag

    def handle_data(self, data):
        if data.strip() and "style" not in self.path:
            self.texts.append(data.strip())

    def rows(self):
        return " | ".join(self.texts)


@pytest.fixture(scope="module")
def html():
    return render_page(REPORT, MEASURE, DEFINITIONS)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def with_groups(*groups):
    return REPORT | {"group": list(groups)}


def test_the_report_made_by_hand_is_valid(content):
    validator = Validator(content.definitions, content.profiles, content.value_sets)
    assert validator.validate(parse(dumps(REPORT))) == []


def test_it_says_what_it_is(page):
    assert page.texts[0] == MEASURE["title"]
    rows = page.rows()
    assert "Data cut-off | 2025-06-30 | First index date | 2018-03-05 | Evaluated | 2025-07-15 08:00 UTC" in rows
    assert "Reported by | Registry office | Definition | version 1.0.0" in rows
    assert "MeasureReport/os; https://registry.example/Measure/lipusu-her2-os|1.0.0; analysis 3f1c" in rows
    assert "Estimand (ICH E9(R1)): | Population | adults. | Treatment | first." in rows


def test_the_flow_tells_who_was_left_out(page):
    flow = page.rows().partition("Who is in this report | ")[2].partition(" | Curves")[0]
    assert flow == (
        "12 | in the initial population | 4 | not analysed | 4 | younger than the measure requires | "
        "suppressed | not HER2-positive | 8 | analysed | "
        "4 | with the event | 4 | without it by the end of their follow-up"
    )


@pytest.mark.parametrize(
    ("score", "shown"),
    [
        (quantity(86.0948, "%"), "86.1%"),
        (quantity(0, "%"), "0.0%"),
        (quantity(100, "%"), "100.0%"),
        (quantity(59.994999, "mo"), "59.99 months"),
        (quantity(60, "mo"), "60.00 months"),
        (quantity(59.99726, "mo", comparator=">"), "not reached (> 60.00 months)"),
        (quantity(1204, "{patients}"), "1,204"),
        (quantity(6.5, "{injections}"), "6.50"),
        (quantity(1500, "mg"), "1,500 mg"),
        (quantity(0.6, "1"), "0.60"),
        (absent("masked"), "suppressed"),
        (absent("unknown"), "not estimable"),
    ],
)
def test_numbers_are_rounded_for_reading(score, shown):
    rows = Page(render_page(with_groups(group("x", "A figure", score)))).rows()
    assert f"A figure | {shown} | n = 8" in rows and f"A figure | x | {shown} | " in rows


@pytest.mark.parametrize(("p", "shown"), [(0.51234, "= 0.5123"), (0.00001, "< 0.0001"), (None, "not estimable")])
def test_a_p_value_has_four_decimals(p, shown):
    report = deepcopy(REPORT)
    test = next(g for g in report["group"] if g["code"]["coding"][0]["code"].startswith("os-logrank"))
    test["measureScore"] = absent("unknown") if p is None else quantity(p, "1")
    assert f"Hormone receptor status | log-rank p {shown} | negative" in Page(render_page(report)).rows()


def test_an_interval_may_be_open(page):
    assert "Overall survival: median (Kaplan-Meier) | not reached (> 60.00 months) | 95% CI 13.14 to not reached" in (
        page.rows()
    )
    assert "Overall survival at 12 months | 87.5% | 95% CI 38.7 to 98.1 | 6 at risk" in page.rows()


def test_subgroups_stand_beside_each_other(page):
    rows = page.rows()
    assert "negative | 3 | 2 | 26.28 months | (95% CI 13.14 to 30.00) | 1 (reference)" in rows
    assert "positive | 5 | 2 | not reached | 0.46 (95% CI 0.05 to 4.40)" in rows
    assert "missing | 0 | 0 | –" in rows


def test_events_have_their_worst_grade(page):
    rows = page.rows()
    assert "Patients | % | 95% CI | Grade 1 | Grade 3 | unknown" in rows
    assert "Nausea (Gastrointestinal disorders) | 3 | 37.5 | 8.5 to 75.5 | 0 | 2 | suppressed" in rows


def test_what_is_suppressed_is_never_zero(html, page):
    assert "Sex | Patients | Share | female | 6 | 75.0% | male | suppressed" in page.rows()
    assert "they are not zero" in html
    all_told = with_groups(group("dcr", "Control", quantity(50, "%")))
    assert "suppressed" not in render_page(all_told)
    hidden = group("dcr", "Control", absent("masked"), {"numerator": None, "denominator": None})
    assert "Control | suppressed | n = suppressed" in Page(render_page(with_groups(hidden))).rows()


def test_notes_tell_what_was_imputed_and_not_understood(page):
    notes = page.rows().partition("What it counts | ")[2].partition(" | Definition")[0]
    assert notes.startswith(
        "1 | Patients of whom a date was imputed. | 2 | Not understood: patients with a drug taken | Curves are"
    )
    assert "Efron" in notes and "Clopper-Pearson" in notes and "Poisson" not in notes


def paths(html, kind):
    return re.findall(rf'<path class="{kind} [^"]*" d="([^"]*)"', html)


def test_a_curve_has_a_step_for_every_day_with_an_event(html):
    drawn = paths(html, "line")
    assert [path.count("V") for path in drawn] == [
        sum(events > 0 for _, events, _ in ends) for ends in (ALL, CURVES["hr-status=positive"], NEGATIVE)
    ]
    # 8 patients: one event of 8 on day 100, two of 6 on day 400, one of 4 on day 800; drawn on 60 months, 1000 wide.
    whole = drawn[0]
    points = re.findall(r"H([\d.]+)V([\d.]+)", whole)
    days = [float(x) / 1000 * 60 * 30.4375 for x, _ in points]
    assert days == pytest.approx([100, 400, 800], abs=0.02)
    assert [1 - float(y) / 1000 for _, y in points] == pytest.approx([7 / 8, 7 / 12, 7 / 16], abs=1e-5)
    assert whole.startswith("M0,0H") and whole.endswith("H1000")
    assert [path.count("M") for path in paths(html, "censored")] == [3, 2, 1]


def test_the_band_is_drawn_where_both_limits_are_known(html):
    upper = re.findall(r"[ML]([\d.]+),([\d.]+)H", paths(html, "band")[0])
    assert float(upper[0][0]) == pytest.approx(1000 * 100 / 1826.25, abs=0.01)
    assert float(upper[0][1]) == 0  # 7/8 + 0.2, at most 1


def test_numbers_at_risk_are_those_of_the_data(page):
    rows = page.rows()
    assert "Months | 0 | 12 | 24 | 36 | 48 | 60 | Number at risk | All patients | 8 | 6 | 4 | 2 | 2 | 2" in rows
    assert "negative | 3 | 3 | 2 | 0 | 0 | 0" in rows


def test_a_curve_without_its_table_is_drawn_by_month():
    report = REPORT | {"extension": REPORT["extension"][:1], "contained": REPORT["contained"][:2]}
    html = render_page(report)
    assert "Drawn month by month" in html and len(paths(html, "line")) == 1


def thinned(report, *rows):
    """The report as suppression leaves it: a curve with a note, and a table of few rows."""
    table = "time_d,n_risk,n_event,n_censor,S,se,lo,hi,stratum\n" + "".join(f"{row},\n" for row in rows)
    document = deepcopy(CONTAINED[-1])
    document["content"][0]["attachment"]["data"] = b64encode(table.encode()).decode()
    curve = CONTAINED[1] | {"note": [{"text": "Thinned"}]}
    links = [report["extension"][0], report["extension"][-1]]
    return report | {"contained": [CONTAINED[0], curve, document], "extension": links}


def test_of_a_thinned_curve_only_the_points_are_drawn():
    html = render_page(thinned(REPORT, "0,8,0,0,1,0,1,1", "913.125,4,3,1,0.5,0.1,0.25,0.75"))
    assert paths(html, "line") == [] and paths(html, "between") == ["M0,0L500,500"]  # half of 60 months
    points = re.findall(r'<circle class="c0" cx="([\d.]+)%" cy="([\d.]+)%"', html)
    assert [tuple(map(float, point)) for point in points] == [
        (pytest.approx(100 / 6 / 2), 0),
        (pytest.approx(50), 50),
    ]
    assert 'y1="25.0%" y2="75.0%"' in html and "Shaded" not in html and "Only the points are known" in html


@pytest.mark.parametrize(
    "row",
    [
        "30,8,1,0,,,,",  # no estimate
        ",8,1,0,0.9,,,",  # no day
        "30,8,1,0,NaN,,,",
        "30,8,1,0," + 200_000 * "9" + ",,,",  # a cell larger than the reader of CSV takes
    ],
)
def test_a_table_that_is_no_curve_is_left_out(row):
    report = thinned(REPORT, "0,8,0,0,1,0,1,1", row)
    assert render_page(report) == render_page(report | {"extension": report["extension"][:1]})


def test_a_curve_of_a_thousand_years_has_an_axis():
    html = render_page(thinned(REPORT, "0,8,0,0,1,0,1,1", "365250.5,4,3,1,0.5,0.1,0.25,0.75"))
    assert "M0,0L" in paths(html, "between")[0]


def test_a_curve_of_which_nothing_is_left_is_not_drawn():
    html = render_page(thinned(REPORT, "0,8,0,0,1,0,1,1", "30.4375,8,0,0,1,0,1,1"))
    assert "<figure" not in html and "Not drawn, since small numbers are suppressed: Overall survival." in html


def test_an_incidence_rises_from_nothing():
    report = parse(dumps(REPORT).replace(b"os-curve", b"os-cif-curve").replace(b"steps-os", b"steps-os-cif"))
    assert paths(render_page(report), "line")[0].startswith("M0,1000H")


def test_the_same_report_gives_the_same_page(html):
    assert render_page(parse(dumps(REPORT)), deepcopy(MEASURE), dict(DEFINITIONS)) == html


def test_a_definition_of_another_version_is_said_to_be_one():
    assert "made by another one" in render_page(REPORT, MEASURE | {"version": "2.0.0"})
    assert "made by another one" not in render_page(REPORT, MEASURE)


def marked(value, replace):
    """Every string with markup in it."""
    if isinstance(value, dict):
        return {key: marked(member, replace) for key, member in value.items()}
    if isinstance(value, list):
        return [marked(item, replace) for item in value]
    return replace(value) if isinstance(value, str) else value


MARKUP = "<script>alert('\"&')</script><img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "replace",
    [
        lambda text: MARKUP,
        lambda text: text + MARKUP,
        lambda text: text + MARKUP if " " in text or text.istitle() else text,  # what is no code stays in its place
    ],
)
def test_markup_in_the_data_is_text(html, replace):
    shown = render_page(marked(REPORT, replace), marked(MEASURE, replace), marked(DEFINITIONS, replace))
    page = Page(shown)
    assert "script" not in page.elements and "img" not in page.elements
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert "&lt;script&gt;" in shown


def test_a_report_of_one_patient_says_what_it_rests_on():
    sources = [{"reference": "Patient/1/_history/2", "display": "death: C4 mid-month"}]
    groups = [
        {"code": {"text": "primary: event: death"}, "measureScore": quantity(438, "d")},
        {"code": {"text": "sex"}},
    ]
    report = bare(REPORT) | {
        "type": "individual",
        "subject": {"reference": "Patient/1"},
        "group": [one | {"population": populations({"initial-population": 1, "denominator": 1})} for one in groups],
        "evaluatedResource": sources,
    }
    rows = Page(render_page(report, MEASURE)).rows()
    assert "Subject | Patient/1" in rows and "Key figures" not in rows and "Who is in this report" not in rows
    assert (
        "Answers | Statistic | Value | Interval or spread | n | primary: event: death | 438 days | 1 | sex | 1" in rows
    )
    assert "Version of the resource | death: C4 mid-month | Patient/1/_history/2" in rows


def test_a_list_of_subjects_names_them():
    entries = [{"item": {"reference": f"Patient/{number}"}} for number in range(1001)]
    subjects = {"resourceType": "List", "id": "denominator", "status": "current", "mode": "snapshot", "entry": entries}
    population = populations({"denominator": 1001})[0] | {"subjectResults": {"reference": "#denominator"}}
    report = bare(REPORT) | {"type": "subject-list", "contained": [subjects], "group": [{"population": [population]}]}
    rows = Page(render_page(report)).rows()
    assert "Subjects | denominator | Patient/0, Patient/1," in rows
    assert "Patient/999 and 1 more: see the MeasureReport" in rows and "All statistics" not in rows


def bare(report):
    return {key: report[key] for key in ("resourceType", "status", "type", "measure", "period")}


@pytest.mark.parametrize(
    "report",
    [
        bare(REPORT),
        bare(REPORT) | {"type": "individual", "subject": {"reference": "Patient/1"}},
        bare(REPORT) | {"group": [{}]},
        bare(REPORT) | {"group": [{"population": populations({"numerator": 1})}, {"measureScore": {"value": 0.5}}]},
        bare(REPORT) | {"group": [{"stratifier": [{"stratum": [{"component": []}, {}]}]}]},
        REPORT | {"contained": [{"resourceType": "Observation", "id": "curve-os", "code": {}}]},
    ],
)
def test_somebody_elses_report_has_a_page_too(report):
    page = Page(render_page(report))
    assert page.texts[0] == "https://registry.example/Measure/lipusu-her2-os"
    assert "status complete" in page.texts[-1]
