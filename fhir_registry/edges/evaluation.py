"""Ask a server for a MeasureReport (https://hl7.org/fhir/R4/operation-measure-evaluate-measure.html)."""

import requests

from .push import explain, explain_silence, open_session

_TIMEOUT = (10, 600)  # seconds to connect, to answer


class EvaluationError(Exception):
    """The server gave no report; the message holds its words."""


def request_report(base, measure, start=None, end=None, auth=None):
    """Evaluate a measure on the server at `base`.

    measure: id of the Measure. start, end: FHIR dates or None. auth: as of open_session.
    Returns (MeasureReport as a dict, its bytes). Raises EvaluationError.
    """
    url = f"{base.rstrip('/')}/Measure/{measure}/$evaluate-measure"
    query = {name: value for name, value in (("periodStart", start), ("periodEnd", end)) if value}
    try:
        with open_session(auth) as session:
            response = session.get(url, params=query | {"_pretty": "true"}, timeout=_TIMEOUT)
    except requests.RequestException as e:
        raise EvaluationError(explain_silence(base, e)) from None
    if not response.ok:
        raise EvaluationError(f"{measure}: {explain(response)}")
    return response.json(), response.content
