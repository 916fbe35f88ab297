"""AuditEvents made from what is kept of a request, after IHE BALP (https://profiles.ihe.net/ITI/BALP/)."""

import base64
from typing import NamedTuple

from ..fhir.dates import instant_literal
from .audit import SUCCESS

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
INTERACTION = "http://hl7.org/fhir/restful-interaction"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_BALP = "https://profiles.ihe.net/ITI/BALP/"
_REST = {"system": f"{_TERMINOLOGY}audit-event-type", "code": "rest", "display": "Restful Operation"}


def _dicom(code, display):
    return {"system": DICOM, "code": code, "display": display}


_SOURCE, _DESTINATION = _dicom("110153", "Source Role ID"), _dicom("110152", "Destination Role ID")
_CUSTODIAN = {"system": f"{_TERMINOLOGY}provenance-participant-type", "code": "custodian", "display": "Custodian"}
# Whether the client gives or takes: (type of the agent that is the client, of the one that is the server).
_GIVES, _TAKES = (_SOURCE, _DESTINATION), (_DESTINATION, _SOURCE)
_DELETES = (_dicom("110150", "Application"), _CUSTODIAN)
_USER = {"C": ("AUT", "author"), "U": ("AUT", "author"), "D": ("CST", "custodian")}
_RECIPIENT = ("IRCP", "information recipient")


class Kind(NamedTuple):
    """How an interaction is rendered. action: C, R, U, D or E; profile: of BALP, without and after "Patient"."""

    type: dict
    subtype: dict | None
    action: str
    agents: tuple[dict, dict]
    profile: str = ""


def _rest(code, action, agents, profile=""):
    return Kind(_REST, {"system": INTERACTION, "code": code, "display": code}, action, agents, profile)


KINDS = {
    **{code: _rest(code, "R", _TAKES, "Read") for code in ("read", "vread")},
    **{
        code: _rest(code, "R", _TAKES)
        for code in ("history-instance", "history-type", "history-system", "capabilities")
    },
    "create": _rest("create", "C", _GIVES, "Create"),
    **{code: _rest(code, "U", _GIVES, "Update") for code in ("update", "patch")},
    "delete": _rest("delete", "D", _DELETES, "Delete"),
    **{code: _rest(code, "E", _GIVES, "Query") for code in ("search-type", "search-system")},
    **{code: _rest(code, "E", _GIVES) for code in ("transaction", "batch", "operation")},
    "export": Kind(_dicom("110106", "Export"), None, "R", _TAKES),
    "import": Kind(_dicom("110107", "Import"), None, "C", _GIVES),
    "login": Kind(_dicom("110114", "User Authentication"), _dicom("110122", "Login"), "E", _GIVES),
    "configure": Kind(_dicom("110113", "Security Alert"), _dicom("110129", "Security Configuration"), "E", _GIVES),
    "destroy": Kind(
        {
            "system": f"{_TERMINOLOGY}iso-21089-lifecycle",
            "code": "destroy",
            "display": "Destroy/Delete Record Lifecycle Event",
        },
        None,
        "D",
        _DELETES,
    ),
}


class Numbered(NamedTuple):
    """One AuditEvent of a stored event: (number of the part, of the entry in it), and what it is of. From 1; 0: none.

    part: as it is stored, None when it was erased or there is none. entry: (interaction, type, id, version) or None.
    """

    number: tuple[int, int]
    interaction: str
    part: dict | None
    entry: list | None


def number_events(row):
    """The Numbered of a stored event, in order: one an entry; one for a part, or an event, without any.

    row: with chain, seq, recorded, payload and private, as in store.audit.Row.
    """
    found, whole = [], row.payload["interaction"]
    for n, part in enumerate(row.private["parts"], 1):
        entries = part["entries"] if part else ()
        found += [Numbered((n, m), entry[0], part, entry) for m, entry in enumerate(entries, 1)]
        if not entries:
            found.append(Numbered((n, 0), whole, part, None))
    return found or [Numbered((0, 0), whole, None, None)]


def event_id(row, numbered):
    """The id of an AuditEvent."""
    return "-".join(map(str, (row.chain, row.seq, *numbered.number)))


def render(row, numbered, base):
    """The AuditEvent (dict). base: URL of this server, which is the agent that answers."""
    told, kind = row.payload, KINDS[numbered.interaction]
    recorded = instant_literal(row.recorded)
    meta = {"versionId": "1", "lastUpdated": recorded}
    if profile := _profile(kind, row, numbered):
        meta["profile"] = [profile]
    event = {
        "resourceType": "AuditEvent",
        "id": event_id(row, numbered),
        "meta": meta,
        "type": kind.type,
        "subtype": [kind.subtype] if kind.subtype else None,
        "action": kind.action,
        "recorded": recorded,
        "outcome": told["outcome"],
        "outcomeDesc": _outcome(told),
        "purposeOfEvent": _purposes(told),
        "agent": _agents(told, kind, base),
        "source": {"observer": _server(base)},
        "entity": _entities(row, numbered, kind) or None,
    }
    return {name: value for name, value in event.items() if value is not None}


def _profile(kind, row, numbered):
    """The profile of BALP that an event holds, None when it is of none: that of a failure, or without what it wants."""
    shown = "query" in (row.private.get("asked") or {}) if kind.profile == "Query" else numbered.entry
    if row.payload["outcome"] != SUCCESS or not kind.profile or not shown or "address" not in row.payload:
        return None
    patient = "Patient" if numbered.part and numbered.part["patient"] else ""
    return f"{_BALP}StructureDefinition/IHE.BasicAudit.{patient}{kind.profile}"


def _outcome(told):
    if told["outcome"] == SUCCESS:
        return None
    return f"HTTP {told['status']}" if "status" in told else "failed"


def _purposes(told):
    if "purpose" not in told:
        return None
    return [{"coding": [{"system": f"{_TERMINOLOGY}v3-ActReason", "code": code}]} for code in told["purpose"]]


def _agents(told, kind, base):
    client, server = ({"coding": [type_]} for type_ in kind.agents)
    who = {"identifier": {"value": told["client"]}} if "client" in told else {"display": "unknown"}
    user = told.get("user")
    agents = [
        {"type": client, "who": who, "requestor": user is None},
        {"type": server, "who": _server(base), "requestor": False, "network": {"address": base, "type": "5"}},
    ]
    if "role" in told and kind.agents is not _DELETES:
        agents[0]["role"] = [{"text": told["role"]}]
    if "address" in told:
        agents[0]["network"] = {"address": told["address"], "type": "2"}
    if user is not None:
        code, display = _USER.get(kind.action, _RECIPIENT)
        coding = {"system": f"{_TERMINOLOGY}v3-ParticipationType", "code": code, "display": display}
        agents.append({"type": {"coding": [coding]}, "who": {"identifier": {"value": user}}, "requestor": True})
    return agents


def _server(base):
    return {"identifier": {"system": "urn:ietf:rfc:3986", "value": base}, "display": "FHIR Registry"}


def _entities(row, numbered, kind):
    told, part, entities = row.payload, numbered.part, []
    if numbered.entry and numbered.entry[2]:
        _, type_, id_, version = numbered.entry
        reference = f"{type_}/{id_}" + (f"/_history/{version}" if version else "")
        entities.append({"what": {"reference": reference}, "type": _object("2"), "role": _role("4", "Domain Resource")})
    if part and part["patient"]:
        what = {"reference": f"Patient/{part['patient']}"}
        entities.append({"what": what, "type": _object("1"), "role": _role("1", "Patient")})
    if "request" in told:
        type_ = {"system": f"{_BALP}CodeSystem/BasicAuditEntityType", "code": "XrequestId"}
        entities.append({"what": {"identifier": {"value": told["request"]}}, "type": type_})
    asked = row.private.get("asked") or {}
    # Of what BALP knows by its resource, only what was refused: its profiles have one object of type 2.
    if "query" in asked and (kind.profile in ("", "Query") or told["outcome"] != SUCCESS):
        query = base64.b64encode(asked["query"].encode()).decode()
        entities.append({"type": _object("2"), "role": _role("24", "Query"), "query": query})
    if "reason" in asked:
        entities.append({"type": _object("4"), "description": asked["reason"]})
    return entities


def _object(code):
    display = {"1": "Person", "2": "System Object", "4": "Other"}[code]
    return {"system": f"{_TERMINOLOGY}audit-entity-type", "code": code, "display": display}


def _role(code, display):
    return {"system": f"{_TERMINOLOGY}object-role", "code": code, "display": display}
