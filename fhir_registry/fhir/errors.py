"""Issues and errors, and their OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html)."""

import difflib
from dataclasses import dataclass, replace

# One table: kind of error -> HTTP status (https://hl7.org/fhir/R4/http.html#Status-Codes).
STATUS = {
    "malformed": 400,  # not parseable, or fails base R4 validation
    "bad-request": 400,  # a parameter, header or path is wrong
    "unauthorized": 401,
    "forbidden": 403,
    "not-found": 404,
    "not-supported": 404,  # resource type or operation this server does not have
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "timeout": 408,
    "conflict": 409,
    "deleted": 410,
    "precondition-failed": 412,
    "too-large": 413,
    "uri-too-long": 414,
    "unsupported-media-type": 415,
    "misdirected": 421,  # for another server
    "unprocessable": 422,  # violates a profile or a rule of the registry
    "erased": 422,  # is, or names, what was erased
    "too-many-requests": 429,
    "headers-too-large": 431,
    "internal": 500,
    "unavailable": 503,
    "insufficient-storage": 507,
}


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding. `code` is from http://hl7.org/fhir/issue-type; `expression` is a FHIRPath location or None."""

    severity: str
    code: str
    message: str
    expression: str | None = None

    def prefixed(self, prefix):
        """The same issue seen from an enclosing resource: `Patient.name` -> `prefix.name`."""
        if self.expression is None:
            return replace(self, expression=prefix)
        _, dot, rest = self.expression.partition(".")
        return replace(self, expression=prefix + dot + rest)


class FhirError(Exception):
    """Raised anywhere, rendered once at the edge. `kind` is a key of STATUS."""

    def __init__(self, kind, issues, headers=None):
        self.kind = kind
        self.issues = list(issues)
        self.headers = dict(headers or {})
        super().__init__(kind, self.issues, self.headers)  # what another process makes it from

    def __str__(self):
        return "; ".join(i.message for i in self.issues)

    @property
    def status(self):
        return STATUS[self.kind]

    def located(self, expression):
        """The same error, whose issues without a place are at this one."""
        issues = [replace(issue, expression=issue.expression or expression) for issue in self.issues]
        return FhirError(self.kind, issues, self.headers)


def error(kind, code, message, expression=None, headers=None):
    """A FhirError with one issue of severity `error`."""
    return FhirError(kind, [Issue("error", code, message, expression)], headers)


def nearest(word, known):
    """The end of a message about an unknown word: `; did you mean 'name'?`, or nothing when no known one is like it."""
    folded = {each.casefold(): each for each in known if each != word}
    found = difflib.get_close_matches(word[:64].casefold(), folded, 1, 0.7)
    return f"; did you mean '{folded[found[0]]}'?" if found else ""


def operation_outcome(issues):
    """An OperationOutcome dict; never without an issue."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": i.severity,
                "code": i.code,
                "diagnostics": i.message,
                **({"expression": [i.expression]} if i.expression else {}),
            }
            for i in issues
        ]
        or [{"severity": "information", "code": "informational", "diagnostics": "All OK"}],
    }
