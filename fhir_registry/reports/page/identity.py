"""Which report this is: cut-off, date, definition, reporter (https://hl7.org/fhir/R4/measurereport.html)."""

import re

from ..pooled import EXTENSION
from ..reading import extensions


def read_identity(report):
    """MeasureReport (dict) -> list of (label, text) of what it says about itself."""
    period = report.get("period", {})
    facts = [
        ("Data cut-off", period.get("end")),
        ("First index date", period.get("start")),
        ("Evaluated", _minute(report.get("date", ""))),
        ("Reported by", _name(report.get("reporter"))),
        ("Sites", ", ".join(each.get("valueString", "") for each in extensions(report, EXTENSION))),
        ("Subject", _name(report.get("subject"))),
        (
            "Definition",
            report.get("measure", "").partition("|")[2] and f"version {report['measure'].partition('|')[2]}",
        ),
    ]
    return [(label, text) for label, text in facts if text]


def read_source(report):
    """Where the numbers can be found again, a list of texts."""
    version = report.get("meta", {}).get("versionId")
    facts = [
        report.get("id") and f"MeasureReport/{report['id']}" + (f", version {version}" if version else ""),
        report.get("measure"),
        *(_identified(identifier) for identifier in report.get("identifier", ()) if "value" in identifier),
        f"status {report.get('status', 'unknown')}",
        f"type {report.get('type', 'unknown')}",
    ]
    return [fact for fact in facts if fact]


def _identified(identifier):
    """What it is, from the end of its system, and its value: 'report-content 3f1c'."""
    return f"{identifier.get('system', '').rpartition('/')[2]} {identifier['value']}".strip()


def _minute(instant):
    """'2025-07-15T08:00:00.123Z' -> '2025-07-15 08:00 UTC'; a date as it is."""
    parts = re.fullmatch(r"(.{10})T(.{5})[^Z+-]*(.*)", instant)
    return f"{parts[1]} {parts[2]} {'UTC' if parts[3] == 'Z' else parts[3]}" if parts else instant


def _name(reference):
    reference = reference or {}
    return reference.get("display") or reference.get("reference") or reference.get("identifier", {}).get("value")
