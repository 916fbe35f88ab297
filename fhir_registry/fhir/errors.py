"""Issues and errors, and their OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html)."""

import difflib
from contextlib import contextmanager
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
_PARAMETER = "http."


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding. `code` is from http://hl7.org/fhir/issue-type; `expression` is a FHIRPath location, or None.

    That of a parameter is parameter_place(name).
    """

    severity: str
    code: str
    message: str
    expression: str | None = None

    @property
    def parameter(self):
        """The name of the parameter that it is about; None where it is about an element, or tells no place."""
        return self.expression[len(_PARAMETER) :] if (self.expression or "").startswith(_PARAMETER) else None

    def prefixed(self, prefix):
        """The same issue seen from an enclosing resource: `Patient.name` -> `prefix.name`."""
        if self.expression is None or self.parameter:
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
        """The same error, whose issues without a place, or at a parameter of what stands here, are at this one."""
        issues = [
            replace(issue, expression=expression) if expression and (not issue.expression or issue.parameter) else issue
            for issue in self.issues
        ]
        return FhirError(self.kind, issues, self.headers)


def parameter_place(name):
    """The place of a parameter as R4 tells it in OperationOutcome.issue.location: `http.code` for `code:in`."""
    return _PARAMETER + name.partition(":")[0]


@contextmanager
def at_parameter(name):
    """What is raised within is about this parameter."""
    try:
        yield
    except FhirError as problem:
        raise problem.located(parameter_place(name)) from None


def bad_parameter(name, code, message):
    """The FhirError (400) for a parameter of a URL, a form or an operation."""
    return error("bad-request", code, message, parameter_place(name))


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
