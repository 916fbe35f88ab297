"""What a client needs for what is worked out of many resources (docs/security.md; https://hl7.org/fhir/R4/security.html)."""

from ..core.access import ANY, forbidden

_MAY_ERASE = ("site", "administrator")


def require_reports(registry, report_type="summary"):
    """Raise forbidden unless the client may read MeasureReports and, where those name patients, their data too."""
    registry.access.require("MeasureReport", "r")
    if report_type != "summary":
        require_patients(registry)


def require_patients(registry):
    """Raise forbidden unless the client may read all of each type that mappings read: the answer tells of all."""
    for type_ in sorted({view.resource for view in registry.content.views}):
        if registry.access.require(type_, "r"):
            raise forbidden(f"{type_}.r", f"read data of single patients that follow from every {type_}")


def require_erasure(registry, role):
    """Raise forbidden unless the client may delete everything, and is of the site or an administrator."""
    if registry.access.permits(ANY, "d") != () or role not in _MAY_ERASE:
        raise forbidden(f"{ANY}.d", f"erase a patient; its role must be {' or '.join(_MAY_ERASE)}, too")
