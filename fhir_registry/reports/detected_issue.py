"""Findings as FHIR (https://hl7.org/fhir/R4/detectedissue.html)."""

from ..endpoints.finding import RULES

SYSTEM = "https://registry.example/CodeSystem/finding-rule"
_SEVERITY = {"error": "high", "warning": "moderate"}


def detected_issue(subject, finding):
    """The DetectedIssue (dict) of a Finding about a person; subject: Patient id.

    It is not stored and has no id; `implicated` is the version of the resource that was looked at.
    """
    return {
        "resourceType": "DetectedIssue",
        "status": "final",
        "code": _concept(finding.rule),
        "severity": _SEVERITY[finding.severity],
        "patient": {"reference": f"Patient/{subject}"},
        "implicated": [{"reference": f"{finding.resource}/_history/{finding.version}"}],
        **({"detail": finding.note} if finding.note else {}),
    }


def count_outcome(counts):
    """The OperationOutcome (dict) of [(rule, findings, patients)]: one issue a rule, which it must have."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "information",
                "code": "informational",
                "details": _concept(rule),
                "diagnostics": f"{findings} findings, {patients} patients",
            }
            for rule, findings, patients in counts
        ],
    }


def _concept(rule):
    text = RULES[rule].text
    return {"coding": [{"system": SYSTEM, "code": rule, "display": text}], "text": text}
