"""A builder of one patient's facts for tests: each method adds what a hospital would have recorded.

A date is a FHIR literal (`2024-03`) or a number of days since `day_0`.
"""

from datetime import date, timedelta

from fhir_registry.endpoints import facts
from fhir_registry.endpoints.facts import PatientFacts, Source
from fhir_registry.fhir.dates import day_interval, to_day

# What is known of drugs (sections 3.2 and 3.3 of the definitions), as parameters.
DRUGS = {
    "maintainedDrugs": frozenset({"trastuzumab", "pertuzumab", "inetetamab", "pyrotinib", "lapatinib"}),
    "substitutions": frozenset(
        {("nab-paclitaxel", "paclitaxel"), ("paclitaxel-liposome", "paclitaxel"), ("carboplatin", "cisplatin")}
    ),
    "fixedCombinations": frozenset(
        {("trastuzumab-pertuzumab", "trastuzumab"), ("trastuzumab-pertuzumab", "pertuzumab")}
    ),
}
CLASS = {
    "anastrozole": "hormonal/aromatase-inhibitor",
    "capecitabine": "chemo",
    "cyclophosphamide": "chemo",
    "docetaxel": "chemo",
    "epirubicin": "chemo",
    "eribulin": "chemo",
    "everolimus": "targeted",
    "exemestane": "hormonal/aromatase-inhibitor",
    "fluorouracil": "chemo",
    "fulvestrant": "hormonal/anti-oestrogen",
    "goserelin": "hormonal/ofs",
    "letrozole": "hormonal/aromatase-inhibitor",
    "megestrol": "hormonal-if-breast-cancer",
    "methotrexate": "ignored",
    "paclitaxel": "chemo",
    "paclitaxel-liposome": "chemo",
    "pertuzumab": "targeted",
    "tamoxifen": "hormonal/anti-oestrogen",
    "trastuzumab": "targeted",
    "trastuzumab-deruxtecan": "targeted/adc",
    "trastuzumab-pertuzumab": "targeted",
    "zoledronic-acid": "supportive",
}


def day(literal):
    """A full date as days since 1970-01-01."""
    return to_day(date.fromisoformat(literal))


class Record:
    """Facts in the making. `at` turns a date of the test into the three columns of a mapped date."""

    def __init__(self, day_0="2023-01-10", subject="p"):
        self.day_0 = date.fromisoformat(day_0)
        self.subject = subject
        self.first_known_dead = None
        self.rows = {view: [] for view in facts.VIEWS}
        self.add("patient")

    def at(self, when):
        """(literal, lo, hi) of a date; all None of None."""
        if when is None:
            return None, None, None
        literal = when if isinstance(when, str) else (self.day_0 + timedelta(when)).isoformat()
        return literal, *day_interval(literal)

    def dates(self, **dates):
        """Columns of dates: start=3 -> start_lo, start_hi."""
        columns = {}
        for name, when in dates.items():
            _, columns[f"{name}_lo"], columns[f"{name}_hi"] = self.at(when)
        return columns

    def add(self, view, submission=1, **values):
        """One row of a view; what is not given is None."""
        row_type = facts.VIEWS[view]
        number = len(self.rows[view]) + 1
        source = Source(f"{view}/{number}", 1, submission)
        self.rows[view].append(row_type(**{**dict.fromkeys(row_type._fields), "source": source, **values}))
        return self

    def born(self, when):
        return self._amend_patient(**self.dates(birth=when))

    def died(self, when=None, known=None):
        """`when` None: deceasedBoolean; `known` is the day the server first knew."""
        self.first_known_dead = None if known is None else self.at(known)[1]
        return self._amend_patient(deceased=True, death=self.at(when)[0], **self.dates(death=when))

    def _amend_patient(self, **values):
        self.rows["patient"][0] = self.rows["patient"][0]._replace(**values)
        return self

    def enrolled(self, study="study", status="on-study", start=None):
        return self.add("research_subject", study=study, status=status, **self.dates(start=start))

    def condition(self, kind, onset=None, verification="confirmed", stage=None, site=None):
        dates = self.dates(onset=onset)
        return self.add("condition", kind=kind, verification=verification, stage=stage, site=site, **dates)

    def dose(self, drug, *days, status="completed", submission=1, end=None, **values):
        for when in days:
            self.add(
                "medication_administration",
                submission,
                status=status,
                drug=drug,
                drug_class=CLASS[drug],
                start=self.at(when)[0],
                **self.dates(start=when, end=end),
                **values,
            )
        return self

    def took(self, drug, start=None, end=None, status="completed", asserted=None, **values):
        return self.add(
            "medication_statement",
            status=status,
            drug=drug,
            drug_class=CLASS[drug],
            **self.dates(start=start, end=end, asserted=asserted),
            **values,
        )

    def ordered(self, drug, authored, status="active", **values):
        dates = self.dates(authored=authored)
        return self.add("medication_request", status=status, drug=drug, drug_class=CLASS[drug], **dates, **values)

    def episode(self, line, start=None, end=None, status="active", intent=None):
        """A line of therapy as an episode of care."""
        dates = self.dates(start=start, end=end)
        return self.add("episode_of_care", line=line, status=status, intent=intent, **dates)

    def assessed(self, when, value, status="final", **values):
        return self.observed("response", when, value, status, **values)

    def observed(self, topic, when, value=None, status="final", submission=1, **values):
        dates = self.dates(effective=when)
        return self.add("observation", submission, topic=topic, status=status, value=value, **dates, **values)

    def surgery(self, when, kind="breast-surgery", status="completed"):
        return self.add("procedure", kind=kind, status=status, **self.dates(start=when))

    def seen(self, when, visit=None, status="finished", disposition=None):
        dates = self.dates(start=when, end=when)
        return self.add("encounter", visit=visit, status=status, disposition=disposition, **dates)

    def adverse_event(self, onset, end=None, actuality="actual", **values):
        return self.add("adverse_event", actuality=actuality, **self.dates(onset=onset, end=end), **values)

    def facts(self):
        return PatientFacts(self.subject, self.first_known_dead, *(self.rows[view] for view in facts.VIEWS))


def shifted(patient, days):
    """The same facts, every date moved by `days`: what a date shift for pseudonymity does."""

    def move(row):
        moved = {
            name: value + days
            for name, value in row._asdict().items()
            if name.endswith(("_lo", "_hi")) and value is not None
        }
        return row._replace(**moved)

    known = patient.first_known_dead
    views = {name: [move(row) for row in rows] for name, rows in patient._asdict().items() if isinstance(rows, list)}
    return patient._replace(first_known_dead=None if known is None else known + days, **views)
