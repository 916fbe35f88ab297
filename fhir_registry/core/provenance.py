"""Who wrote what, when, why and from which message, as a Provenance (https://hl7.org/fhir/R4/provenance.html)."""

from typing import NamedTuple

from ..fhir.dates import instant_literal
from ..fhir.references import split_reference

TYPE = "Provenance"
HEADER = "X-Provenance"
WRITTEN = "registry-"  # how the ids of those begin that the server writes, and no client
OWN = "https://registry.example"
# Stands in each of the server's: they are of all that was written together, and may name several patients.
OF_TRANSACTION = {"system": f"{OWN}/provenance", "code": "transaction"}
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
# R4's own codes have none for whom the server has it from.
_TRANSMITTER = {
    "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type",
    "code": "transmitter",
    "display": "Transmitter",
}
_ENTERER = {"system": f"{_TERMINOLOGY}provenance-participant-type", "code": "enterer", "display": "Enterer"}
_ACTIVITIES = {201: ("CREATE", "create"), 200: ("UPDATE", "revise"), 204: ("DELETE", "delete")}
_SEVERAL = "OPERATE", "operate"


class Origin(NamedTuple):
    """Where the writes of a request come from.

    client: who sent it, None where there is no access control. user: who sits before it, "" when nobody is known.
    request: X-Request-Id. digest: SHA-256 of the body, in hexadecimal. job: id of the job that does it later. said: the
    Provenance (dict, without target) that the client has given, or None.
    """

    client: str | None
    user: str = ""
    request: str = ""
    digest: str = ""
    job: str = ""
    said: dict | None = None

    @property
    def reason(self):
        """Why the client changes the data, in words; "" when it has not said."""
        return "; ".join(filter(None, map(_in_words, (self.said or {}).get("reason", ()))))


def _in_words(concept):
    """The text of a CodeableConcept, or of its first coding."""
    coding = (concept.get("coding") or [{}])[0]
    return concept.get("text") or coding.get("display") or coding.get("code") or ""


def describe(origin, site, recorded, outcomes, messages=()):
    """The Provenance (dict) of versions that a write transaction has made.

    origin: Origin with a client. site: its name. recorded: microseconds since 1970-01-01. outcomes: with status, type,
    id and version of each. messages: Identifiers (dicts) of the Bundles that they came in.
    """
    statuses = {outcome.status for outcome in outcomes}
    code, display = _ACTIVITIES[statuses.pop()] if len(statuses) == 1 else _SEVERAL
    activity = {"system": f"{_TERMINOLOGY}v3-DataOperation", "code": code, "display": display}
    told = {
        "target": targets(outcomes),
        "recorded": instant_literal(recorded),
        "reason": (origin.said or {}).get("reason"),
        "activity": {"coding": [activity]},
        "agent": agents(origin, site),
        "entity": _sources(origin, messages),
    }
    return {
        "resourceType": TYPE,
        "meta": {"tag": [OF_TRANSACTION]},
        **{name: value for name, value in told.items() if value},
    }


def targets(outcomes):
    """The versions that were made, as References."""
    return [{"reference": f"{made.type}/{made.id}/_history/{made.version}"} for made in outcomes]


def agents(origin, site):
    """Provenance.agent of who sent a request, on behalf of the site with this name."""
    behalf = {"type": "Organization", "identifier": {"system": f"{OWN}/site", "value": site}}
    client = {"type": "Device", "identifier": {"system": f"{OWN}/client", "value": origin.client}}
    found = [{"type": {"coding": [_TRANSMITTER]}, "who": client, "onBehalfOf": behalf}]
    if origin.user:
        user = {"identifier": {"system": f"{OWN}/user", "value": origin.user}}
        found.append({"type": {"coding": [_ENTERER]}, "who": user, "onBehalfOf": behalf})
    return found


def _sources(origin, messages):
    """Provenance.entity: the Bundles by their own identifiers, else the body by its digest; the request, the job."""
    stated = {"request-id": origin.request, "job": origin.job}
    if not messages:
        stated = {"body-sha-256": origin.digest, **stated}
    given = [{"system": f"{OWN}/{name}", "value": value} for name, value in stated.items() if value]
    return [{"role": "source", "what": {"identifier": identifier}} for identifier in (*messages, *given)]


def identifier_of(bundle):
    """The Identifier of a Bundle, its system and value; None when it has none that says something."""
    identifier = bundle.get("identifier", {})
    return {name: identifier[name] for name in ("system", "value") if name in identifier} or None


def explained(resources):
    """{(type, id)} of what Provenances among the resources give a reason for."""
    reasoned = (each for each in resources if each.get("resourceType") == TYPE and Origin("", said=each).reason)
    parts = (split_reference(target.get("reference", "")) for each in reasoned for target in each["target"])
    return {(type_, id_) for base, type_, id_ in filter(None, parts) if base is None}
