"""A MeasureReport made by hand, with all that a page shows: curves, strata, comparisons, events, what is suppressed."""

import csv
from base64 import b64encode
from io import StringIO

STATISTIC = "https://registry.example/CodeSystem/registry-statistic"
POPULATION = "https://registry.example/CodeSystem/registry-population"
STANDARD = "http://terminology.hl7.org/CodeSystem/measure-population"
UCUM = "http://unitsofmeasure.org"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
INTERVAL = "http://hl7.org/fhir/StructureDefinition/quantity-confidenceInterval"
ESTIMATE = "https://registry.example/StructureDefinition/estimate"
MONTH = 30.4375  # days
STANDARD_CODES = ("initial-population", "denominator-exclusion", "denominator", "numerator")
FLOW = {"initial-population": 12, "denominator-exclusion": 4, "denominator": 8}

# (day, events, censored) of two groups of patients; all of them together are the third.
POSITIVE = [(100, 1, 0), (200, 0, 1), (400, 1, 0), (1826.25, 0, 2)]
NEGATIVE = [(400, 1, 0), (800, 1, 0), (900, 0, 1)]
ALL = [(100, 1, 0), (200, 0, 1), (400, 2, 0), (800, 1, 0), (900, 0, 1), (1826.25, 0, 2)]


def quantity(value, code, **more):
    return {"value": value, **more, "unit": code, "system": UCUM, "code": code}


def estimate(value, code, low, high, method="log-log", **more):
    limits = {"low": quantity(low, code), "high": quantity(high, code)}
    parts = [{"url": "confidence", "valueDecimal": 95}, {"url": "interval", "valueRange": limits}]
    made = [{"url": "level", "valueDecimal": 95}, {"url": "method", "valueCode": method}]
    extension = [{"url": INTERVAL, "extension": parts}, {"url": ESTIMATE, "extension": made}]
    return {"extension": extension, **quantity(value, code, **more)}


def absent(reason):
    return {"extension": [{"url": ABSENT, "valueCode": reason}]}


def populations(counts):
    """A count of None is masked, as suppression does it."""
    made = []
    for code, count in counts.items():
        system = STANDARD if code in STANDARD_CODES else POPULATION
        entry = {"code": {"coding": [{"system": system, "code": code}]}}
        made.append(entry | ({"extension": absent("masked")["extension"]} if count is None else {"count": count}))
    return made


def group(code, text, score, counts=(), **more):
    return {
        "code": {"coding": [{"system": STATISTIC, "code": code}], "text": text},
        "population": populations(FLOW | dict(counts)),
        "measureScore": score,
        **more,
    }


def limits(code, text, low, high, unit, counts=()):
    for side, value in (("lower", low), ("upper", high)):
        score = absent("unknown") if value is None else quantity(value, unit)
        yield group(f"{code}-ci-{side}", f"{text}: 95% confidence limit, {side} (log-log)", score, counts)


def stratifier(code, text, strata):
    """strata: {value: (populations, score)}."""
    made = [
        {"value": {"text": value}, "population": populations(counts), "measureScore": score}
        for value, (counts, score) in strata.items()
    ]
    return {"code": [{"coding": [{"code": code}], "text": text}], "stratum": made}


def steps(ends):
    """Rows of the table of steps of a Kaplan-Meier curve: by hand, S only; the limits are S -+ 0.2."""
    at_risk, survival, rows = sum(events + censored for _, events, censored in ends), 1.0, []
    for day, events, censored in ends:
        survival *= 1 - events / at_risk
        low, high = ("", "") if survival == 1 else (max(0, survival - 0.2), min(1, survival + 0.2))
        rows.append([day, at_risk, events, censored, survival, 0.1, low, high])
        at_risk -= events + censored
    return rows


def by_month(ends):
    """The values of a SampledData, by month up to the last day."""
    rows, values = steps(ends), []
    for month in range(int(ends[-1][0] // MONTH) + 1):
        day = month * MONTH
        seen = [row for row in rows if row[0] <= day]
        survival, low, high = (seen[-1][4], seen[-1][6] or "E", seen[-1][7] or "E") if seen else (1, 1, 1)
        at_risk = sum(events + censored for end, events, censored in ends if end >= day)
        values += [survival, low, high, at_risk]
    return values


def table(curves):
    """The attachment with the steps of {stratum: ends}."""
    file = StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["time_d", "n_risk", "n_event", "n_censor", "S", "se", "lo", "hi", "stratum"])
    for stratum, ends in curves.items():
        writer.writerows([*row, stratum] for row in steps(ends))
    return b64encode(file.getvalue().encode()).decode()


def curve(id, ends, component=None):
    data = " ".join(map(str, by_month(ends)))
    origin = {"value": 0, "unit": "1", "system": UCUM, "code": "1"}
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [{"system": STATISTIC, "code": "os-curve"}], "text": "Overall survival: curve by month"},
        "subject": {"reference": "#analysed"},
        "valueSampledData": {"origin": origin, "period": 2629800000, "dimensions": 4, "data": data},
        **({"component": [{"code": {"text": component[0]}, "valueString": component[1]}]} if component else {}),
    }


CURVES = {"": ALL, "hr-status=positive": POSITIVE, "hr-status=negative": NEGATIVE}
CONTAINED = [
    {"resourceType": "Group", "id": "analysed", "type": "person", "actual": True, "quantity": 8},
    curve("curve-os", ALL),
    curve("curve-os-hr-status-positive", POSITIVE, ("hr-status", "positive")),
    curve("curve-os-hr-status-negative", NEGATIVE, ("hr-status", "negative")),
    {
        "resourceType": "DocumentReference",
        "id": "steps-os",
        "status": "current",
        "content": [{"attachment": {"contentType": "text/csv", "data": table(CURVES)}}],
    },
]
OBSERVED = {"events": 4, "censored": 4, "imputed-dates": 1}
GRADES = {
    "1": ({"numerator": 0}, quantity(0, "%")),
    "3": ({"numerator": 2}, quantity(25, "%")),
    "unknown": ({"numerator": None}, absent("masked")),
}
REPORT = {
    "resourceType": "MeasureReport",
    "id": "os",
    "contained": CONTAINED,
    "extension": [
        {
            "url": "https://registry.example/StructureDefinition/curve",
            "valueReference": {"reference": f"#{resource['id']}"},
        }
        for resource in CONTAINED[1:]
    ],
    "identifier": [{"system": "https://registry.example/analysis", "value": "3f1c"}],
    "status": "complete",
    "type": "summary",
    "measure": "https://registry.example/Measure/lipusu-her2-os|1.0.0",
    "date": "2025-07-15T08:00:00.123Z",
    "reporter": {"display": "Registry office"},
    "period": {"start": "2018-03-05", "end": "2025-06-30"},
    "group": [
        group(
            "os-median",
            "Overall survival: median (Kaplan-Meier)",
            estimate(59.99726, "mo", 0, 0, comparator=">"),
            OBSERVED,
            stratifier=[
                stratifier(
                    "hr-status",
                    "Hormone receptor status",
                    {
                        "negative": (
                            {"denominator": 3, "events": 2, "censored": 1},
                            estimate(26.28337, "mo", 13.14168, 30),
                        ),
                        "positive": ({"denominator": 5, "events": 2, "censored": 3}, absent("unknown")),
                        "missing": ({"denominator": 0, "events": 0, "censored": 0}, absent("unknown")),
                    },
                )
            ],
        ),
        *limits("os-median", "Overall survival: median (Kaplan-Meier)", 13.14168, None, "mo", OBSERVED),
        group("os-rate-12m", "Overall survival at 12 months", quantity(87.5, "%"), OBSERVED | {"at-risk": 6}),
        *limits("os-rate-12m", "Overall survival at 12 months", 38.704, 98.137, "%", {"at-risk": 6}),
        group(
            "os-hr-hr-status-positive",
            "Overall survival, Hormone receptor status: hazard ratio of positive against negative",
            estimate(0.4567, "1", 0.05, 4.4, "efron-wald"),
        ),
        group("os-logrank-hr-status", "Overall survival, Hormone receptor status: log-rank p", quantity(0.51234, "1")),
        group("sde-sex-female", "At the index: Sex: female: patients", quantity(6, "{patients}"), {"numerator": 6}),
        group("sde-sex-male", "At the index: Sex: male: patients", absent("masked"), {"numerator": None}),
        group(
            "ae-term-nausea",
            "Patients with an adverse event, term Nausea (Gastrointestinal disorders)",
            estimate(37.5, "%", 8.523, 75.514, "clopper-pearson"),
            {"numerator": 3},
            stratifier=[stratifier("max-grade", "Worst grade", GRADES)],
        ),
        group("exclusion-under-age", "Excluded: younger than the measure requires", quantity(4, "{patients}")),
        group("exclusion-her2-not-positive", "Excluded: not HER2-positive", absent("masked")),
        group("exclusion-no-index-drug", "Excluded: no usable dose", quantity(0, "{patients}")),
        group("unread-drug", "Not understood: patients with a drug taken", quantity(2, "{patients}")),
        group("unread-status", "Not understood: patients with a status", quantity(0, "{patients}")),
    ],
}
MEASURE = {
    "resourceType": "Measure",
    "url": "https://registry.example/Measure/lipusu-her2-os",
    "version": "1.0.0",
    "title": "Overall survival over five years",
    "status": "active",
    "description": "Time to death of any cause.\n\nEstimand (ICH E9(R1)):\n- Population: adults.\n- Treatment: first.",
}
