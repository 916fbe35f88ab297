"""Whom a report is about, and what it rests on (https://hl7.org/fhir/R4/measurereport.html)."""

from ..reading import words

_SUBJECTS_SHOWN = 1000  # of each list


def read_sources(report):
    """MeasureReport (dict) -> list of (what it proves, reference) of the resources that an answer rests on."""
    resources = report.get("evaluatedResource", ())
    return [(resource.get("display", ""), resource.get("reference", "")) for resource in resources]


def read_subjects(report):
    """Lists of the subjects in each population -> list of (code of the population, references, how many more)."""
    contained = {f"#{resource.get('id')}": resource for resource in report.get("contained", ())}
    lists = []
    for group in report.get("group", ()):
        for population in group.get("population", ()):
            found = contained.get(population.get("subjectResults", {}).get("reference"), {})
            subjects = [entry.get("item", {}).get("reference", "") for entry in found.get("entry", ())]
            if subjects:
                code = population.get("code", {})
                lists.append((words(code), subjects[:_SUBJECTS_SHOWN], max(0, len(subjects) - _SUBJECTS_SHOWN)))
    return lists
