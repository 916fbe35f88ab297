"""List what may be wrong with the data of a study (docs/findings.md; https://hl7.org/fhir/R4/operations.html)."""

from urllib.parse import urlencode

from ..core.paging import MAX_COUNT, parse_count
from ..endpoints.finding import RULES
from ..fhir.errors import bad_parameter, error, parameter_place
from ..reports.detected_issue import count_outcome, detected_issue
from ..reports.tables.formats import write_csv
from ..reports.tables.table import INTEGER, Column
from ..store.findings import Choice, count_findings, read_findings
from ..store.persons import survivors
from .analyse import analyse, question
from .disclosure import require_patients
from .evaluate import read_period

COLUMNS = (
    Column("rule", "Rule"),
    Column("severity", "Severity"),
    Column("patient", "Patient"),
    Column("resource", "Resource"),
    Column("version", "Version of the resource", INTEGER),
    Column("note", "Dates and codes that show it"),
    Column("meaning", "What is wrong"),
)
# Parameter -> the values it may have; None: any.
_CHOICE = {"rule": tuple(RULES), "severity": ("error", "warning"), "patient": None, "periodEnd": None}
_PAGE = {"_count": None, "_cursor": None}


def list_findings(reg, site, study, parameters, base, caller):
    """A page of the findings of a study: a searchset Bundle (dict) of DetectedIssue.

    parameters: (name, value) pairs, each name once: rule, severity, patient (id or reference), periodEnd (data cut-off,
    default today), _count, _cursor. The first page begins with an OperationOutcome that counts findings and patients
    by rule; with _count 0 it is all there is. base: URL of this server. caller: who asks; cursors are bound to it.
    Raises FhirError: not-found for an unknown study or patient, bad-request for a wrong parameter, forbidden.
    """
    require_patients(reg)
    asked = _parse(parameters, _CHOICE | _PAGE)
    count = parse_count(asked.get("_count", ""))
    scope = ["findings", site, study, sorted((name, value) for name, value in asked.items() if name != "_cursor")]
    after = reg.cursors.read(asked["_cursor"], caller, scope) if "_cursor" in asked else None

    def read(connection, analysis):
        choice = _choose(reg, connection, site, asked, base)
        counts = count_findings(reg.store, connection, analysis, choice)
        return counts, read_findings(reg.store, connection, analysis, choice, after, count + 1) if count else []

    counts, found = analyse(reg, _question(reg, site, study, asked, base), read)
    place = f"{base}/ResearchStudy/{study}/$findings"
    links = [{"relation": "self", "url": _url(place, asked)}]
    if len(found) > count:
        cursor = reg.cursors.write(caller, scope, found[count - 1][0])
        links.append({"relation": "next", "url": _url(place, asked | {"_cursor": cursor})})
    entries = [] if after or not counts else [{"resource": count_outcome(counts), "search": {"mode": "outcome"}}]
    for (subject, _), finding in found[:count]:
        entries.append({"resource": detected_issue(subject, finding), "search": {"mode": "match"}})
    if reg.trail:
        reg.trail.note_patients({subject for (subject, _), _ in found[:count]})
    total = sum(findings for _, findings, _ in counts)
    bundle = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    return bundle | ({"entry": entries} if entries else {})


def write_findings(reg, site, study, parameters, base, sink):
    """Write all findings of a study as CSV to a binary file: COLUMNS, a line a finding.

    parameters: as for list_findings, without those of pages.
    """
    require_patients(reg)
    asked = _parse(parameters, _CHOICE)

    def read(connection, analysis):
        # Begun anew should the analysis not have been up to date.
        sink.seek(0)
        sink.truncate()
        write_csv(COLUMNS, _rows(reg, connection, analysis, _choose(reg, connection, site, asked, base)), sink)

    analyse(reg, _question(reg, site, study, asked, base), read)


def _rows(reg, connection, analysis, choice):
    after = None
    while found := read_findings(reg.store, connection, analysis, choice, after, MAX_COUNT):
        if reg.trail:
            reg.trail.note_patients({subject for (subject, _), _ in found})
        for (subject, _), finding in found:
            yield {"patient": f"Patient/{subject}", "meaning": RULES[finding.rule].text, **finding._asdict()}
        after = found[-1][0]


def _parse(parameters, known):
    """{name: value} of the parameters that have a value."""
    asked = {}
    for name, value in parameters:
        if name not in known:
            message = f"The parameter '{name}' is not supported; known: {', '.join(known)}"
            raise bad_parameter(name, "not-supported", message)
        if name in asked:
            raise bad_parameter(name, "invalid", f"The parameter '{name}' may be given once only")
        if value and known[name] and value not in known[name]:
            message = f"{name} is not '{value}' but one of {', '.join(known[name])}"
            raise bad_parameter(name, "code-invalid", message)
        if value:
            asked[name] = value
    return asked


def _question(reg, site, study, asked, base):
    if study not in reg.content.studies:
        known = ", ".join(sorted(reg.content.studies))
        raise error("not-found", "not-found", f"There is no study '{study}' with measures; known are {known}")
    _, cutoff = read_period(None, asked.get("periodEnd"), reg.store.now())
    return question(reg, site, study, None, cutoff, base)


def _choose(reg, connection, site, asked, base):
    """The Choice that was asked for. A patient that was merged into another is found under the other."""
    patient, home = asked.get("patient"), reg.home or base
    if patient is not None:
        patient = patient.removeprefix(f"{base}/").removeprefix(f"{home}/").removeprefix("Patient/")
        known = survivors(reg.store, connection, site, [patient], home)
        if patient not in known:
            raise error(
                "not-found", "not-found", f"patient: there is no Patient '{patient}'", parameter_place("patient")
            )
        patient = known[patient]
    return Choice(asked.get("rule"), asked.get("severity"), patient)


def _url(place, asked):
    return f"{place}?{urlencode(asked)}" if asked else place
