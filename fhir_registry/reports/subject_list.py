"""A MeasureReport that names who is in each population (https://hl7.org/fhir/R4/measurereport.html, subject-list)."""

from .envelope import report_envelope
from .groups import list_populations


def subject_list_report(measure, populations, plan, date, reporter=None):
    """The subject-list MeasureReport (dict); populations: {code: [Patient id]}."""
    listed = list_populations({code: len(subjects) for code, subjects in populations.items()})
    group = {
        "population": [
            {**population, "subjectResults": {"reference": f"#{code}"}}
            for code, population in zip(populations, listed, strict=True)
        ]
    }
    return {
        "resourceType": "MeasureReport",
        "contained": [_list(code, subjects) for code, subjects in populations.items()],
        **report_envelope(measure, "subject-list", plan.start, plan.cutoff, date, reporter),
        "group": [group],
    }


def _list(code, subjects):
    entries = [{"item": {"reference": f"Patient/{subject}"}} for subject in subjects]
    members = {"entry": entries} if entries else {"emptyReason": {"text": "nobody is in it"}}
    return {"resourceType": "List", "id": code, "status": "current", "mode": "snapshot", "title": code, **members}
