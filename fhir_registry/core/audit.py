"""What is kept of who did what, and how one event is chained to the one before (https://datatracker.ietf.org/doc/html/rfc8785).

Payload and private part are canonical JSON: sorted names, no white space, the shortest escapes. RFC 8785 says more
only of names beyond ASCII and of numbers that are no small integers, and here are none of either.
"""

import hashlib
import os
import re
from typing import NamedTuple

import orjson

WRITES, READS = 0, 1  # the chains of a site: what is stored with the resources; reads, failures, all else
SUCCESS, MINOR, SERIOUS = "0", "4", "8"  # outcomes (http://terminology.hl7.org/CodeSystem/audit-event-outcome)
FIRST = "0" * 64  # stands for the hash before that of the first event
_DOMAIN = "fhir-registry audit 1"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_SALT = 16  # bytes: without it, whoever guesses a patient's id could tell that a digest is of it
# Members of a payload that are there when they say something.
_TOLD = ("interaction", "client", "role", "user", "address", "request", "method", "route", "status", "outcome", "count")


class Part(NamedTuple):
    """What was done to the resources of one patient. patient: the id of the Patient, "" for none.

    entries: (interaction, type, id, version) each, version None where there is none; (): the event as a whole.
    """

    patient: str
    entries: tuple[tuple[str, str, str, int | None], ...] = ()


class Event(NamedTuple):
    """One request, or one write transaction. Of these only parts, query and reason may tell of a person.

    interaction: a key of core.audit_event.KINDS. user: who sits before the client, when the token says so. address: of
    the client in the network. request: X-Request-Id. route: the path as a pattern. status: of HTTP. purpose: of
    use, as core/user_claims.py reads it. count: of resources. query: raw, as it was sent; reason: for a change.
    erased: digests of parts that were erased.
    """

    interaction: str
    client: str
    role: str = ""
    user: str = ""
    address: str = ""
    request: str = ""
    method: str = ""
    route: str = ""
    status: int | None = None
    outcome: str = SUCCESS
    count: int | None = None
    purpose: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    query: str = ""
    reason: str = ""
    erased: tuple[str, ...] = ()


class Sealed(NamedTuple):
    """An Event as it is stored: its texts, the patients that it is about, and when it was recorded (microseconds)."""

    recorded: int
    payload: bytes
    private: bytes
    patients: frozenset[str]


def seal(event, recorded):
    """The Sealed of an Event. Raises ValueError for an id of a patient that cannot be one."""
    patients = frozenset(part.patient for part in event.parts if part.patient)
    if not all(map(_ID.fullmatch, patients)):
        raise ValueError("an id of a patient has 1 to 64 characters out of A-Z a-z 0-9 - .")
    told = {name: value for name in _TOLD if (value := getattr(event, name)) not in ("", None)}
    told |= {"recorded": recorded, "parts": []}
    told |= {name: getattr(event, name) for name in ("purpose", "erased") if getattr(event, name)}
    private = {"parts": [_salted({"patient": part.patient, "entries": part.entries}) for part in event.parts]}
    told["parts"] = [digest(part) for part in private["parts"]]
    asked = {name: getattr(event, name) for name in ("query", "reason") if getattr(event, name)}
    if asked:
        private["asked"] = _salted(asked)
        told["asked"] = digest(private["asked"])
    return Sealed(recorded, canonical(told), canonical(private), patients)


def without_patients(sealed, patients):
    """The Sealed as if its event had told of nobody in the place of these patients, and of no query and no reason.

    Its AuditEvents are those of an event whose parts were erased (store.audit.Audit.erase).
    """
    told, private = orjson.loads(sealed.payload), orjson.loads(sealed.private)
    for n, part in enumerate(private["parts"]):
        if part["patient"] in patients:
            private["parts"][n] = _salted({"patient": "", "entries": ()})
            told["parts"][n] = digest(private["parts"][n])
    for each in (told, private):
        each.pop("asked", None)
    return Sealed(sealed.recorded, canonical(told), canonical(private), sealed.patients - patients)


def canonical(value):
    """Canonical JSON, bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def digest(part):
    """What the payload keeps of a private part, which has its salt in it."""
    return hashlib.sha256(canonical(part)).hexdigest()


def chain(before, site, number, seq, payload):
    """The hash of an event: of its payload, its place, and the hash before it."""
    head = f"{_DOMAIN}\n{site}\n{number}\n{seq}\n{before}\n".encode()
    return hashlib.sha256(head + payload).hexdigest()


def compare_private(payload, private):
    """The digests of (what is there, what is erased); raises ValueError when it is not what the payload's digests say.

    payload, private: bytes.
    """
    told, kept = orjson.loads(payload), orjson.loads(private)
    if canonical(kept) != private:
        raise ValueError("its private part was changed")
    if len(kept["parts"]) != len(told["parts"]) or kept.keys() != told.keys() & {"parts", "asked"}:
        raise ValueError("its private part has not the parts that the payload tells of")
    pairs = list(zip(kept["parts"], told["parts"], strict=True))
    if "asked" in kept:
        pairs.append((kept["asked"], told["asked"]))
    if any(part is not None and digest(part) != said for part, said in pairs):
        raise ValueError("its private part was changed")
    return [said for part, said in pairs if part is not None], [said for part, said in pairs if part is None]


def _salted(part):
    return {"salt": os.urandom(_SALT).hex(), **part}
