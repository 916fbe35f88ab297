"""What every MeasureReport says, of whatever type (https://hl7.org/fhir/R4/measurereport.html)."""

from ..fhir.dates import from_day


def report_envelope(measure, type, start, cutoff, date, reporter=None, subject=None):
    """The elements from `status` to `period`, in the order of R4; start, cutoff: days; subject: reference."""
    return {
        "status": "complete",
        "type": type,
        "measure": f"{measure.url}|{measure.version}" if measure.version else measure.url,
        **({"subject": {"reference": subject}} if subject else {}),
        "date": date,
        **({"reporter": reporter} if reporter else {}),
        "period": {
            **({} if start is None else {"start": from_day(start).isoformat()}),
            "end": from_day(cutoff).isoformat(),
        },
    }
