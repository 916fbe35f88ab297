"""A MeasureReport of several sites together says which (https://hl7.org/fhir/R4/extensibility.html)."""

from .groups import OWN

EXTENSION = f"{OWN}/StructureDefinition/report-site"


def tell_sites(report, names):
    """The report (dict) with the names of the sites whose patients it counts."""
    told = [{"url": EXTENSION, "valueString": name} for name in sorted(names)]
    head = {name: report[name] for name in ("resourceType", "contained") if name in report}
    return {**head, "extension": [], **report} | {"extension": [*report.get("extension", ()), *told]}
