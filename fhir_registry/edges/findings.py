"""Ask a server for the findings of a study (docs/findings.md)."""

import csv
import io
from collections import defaultdict

import requests

from .push import explain, explain_silence, open_session
from .table import align

_TIMEOUT = (10, 600)  # seconds to connect, to answer


class FindingsError(Exception):
    """The server gave no findings; the message holds its words."""


def request_findings(base, study, auth=None, **choice):
    """The findings of a study on the server at `base`, as CSV (bytes).

    study: id of the ResearchStudy. auth: as of open_session. choice: rule, severity, patient, periodEnd; None for any.
    Raises FindingsError.
    """
    url = f"{base.rstrip('/')}/ResearchStudy/{study}/$findings"
    query = {name: value for name, value in choice.items() if value}
    try:
        with open_session(auth) as session:
            response = session.get(url, params=query, headers={"Accept": "text/csv"}, timeout=_TIMEOUT)
    except requests.RequestException as e:
        raise FindingsError(explain_silence(base, e)) from None
    if not response.ok:
        raise FindingsError(f"{study}: {explain(response)}")
    return response.content


def format_findings(text):
    """Lines that count the findings of request_findings by rule, the errors first."""
    records, patients, meanings = defaultdict(int), defaultdict(set), {}
    for row in csv.DictReader(io.StringIO(text.decode(), newline="")):
        key = row["severity"], row["rule"]
        records[key] += 1
        patients[key].add(row["patient"])
        meanings[key] = row["meaning"]
    rows = [("rule", "severity", "findings", "patients", "meaning")]
    for key in sorted(records):
        severity, rule = key
        rows.append((rule, severity, str(records[key]), str(len(patients[key])), meanings[key]))
    return align(rows) if records else ["no findings"]
