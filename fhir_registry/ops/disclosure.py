"""What a client needs for what is worked out of many resources (docs/security.md; https://hl7.org/fhir/R4/security.html)."""

from dataclasses import replace

from ..core.access import ANY
from ..store.permitted import is_permitted

SMALL_CELL = 5  # for who may not read the data of patients, where the settings let all counts be shown


def require_reports(registry, report_type="summary"):
    """Raise forbidden unless the client may read MeasureReports and, where those name patients, their data too."""
    registry.access.require("MeasureReport", "r")
    if report_type != "summary":
        require_patients(registry)


def require_patients(registry):
    """Raise forbidden unless the client may read all of each type that mappings read: the answer tells of all."""
    for type_ in sorted({view.resource for view in registry.content.views}):
        if registry.access.require(type_, "r"):
            raise registry.access.refusal(type_, "r", f"read data of single patients that follow from every {type_}")


def require_erasure(registry):
    """Raise forbidden unless the client may delete everything."""
    if registry.access.permits(ANY, "d") != ():
        raise registry.access.refusal(ANY, "d", "erase a patient")


def reads_patients(registry):
    """Whether the client may read what require_patients asks for."""
    return all(registry.access.permits(view.resource, "r") == () for view in registry.content.views)


def small_cell(registry):
    """The number below which counts are not shown to the client."""
    return registry.small_cell if registry.small_cell > 1 or reads_patients(registry) else SMALL_CELL


def require_report(registry, report, letter="r"):
    """Raise forbidden unless the client may read, or create, this MeasureReport, made but not stored."""
    permitted = registry.access.require("MeasureReport", letter)
    if permitted and not is_permitted(registry.store.rows.index(report), permitted):
        what = "read" if letter == "r" else "create"
        raise registry.access.refusal("MeasureReport", letter, f"{what} a MeasureReport of the type {report['type']}")


def require_answer(registry, report, access):
    """Raise forbidden unless the client may read this MeasureReport, which was made for another Access of his."""
    require_reports(registry, report["type"])
    require_report(registry, report)
    if small_cell(registry) > small_cell(replace(registry, access=access)):
        what = "read counts that were made for a token that may read all patients' data"
        raise registry.access.refusal(ANY, "r", what)
