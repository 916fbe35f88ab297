"""A resource becomes one that does not tell whose it is (docs/deidentification.md; https://hl7.org/fhir/R4/secpriv-module.html#deId).

What the Rules do not list is left out. Nothing here looks for identifiers: it tells only what is known to hold none.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from ..content.deidentification import EXTENSIONS, NESTED, Rules
from ..fhir import json
from ..fhir.references import split_reference
from .pseudonyms import Pseudonyms

PSEUDONYM = "https://registry.example/sid/pseudonym"  # of a record; as a code system: of a text or code nobody knows
PERSON = "https://registry.example/sid/person"  # of a person, by an identifier that several sites know
PSEUDED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "PSEUDED"}
OLDEST = 90  # years; whoever is older is told as if he were
# They change what the rest means, so that it cannot be told without them.
_CHANGE_MEANING = ("modifierExtension", "implicitRules")
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T.*)?)?)?")
_NUMBER = re.compile(r"-?\d{1,7}(\.\d{1,6})?")
_COMPARATORS = frozenset({"<", "<=", ">=", ">"})
_UCUM = "http://unitsofmeasure.org"


class Disguise(NamedTuple):
    """What resources of one site are told by.

    linked: systems of identifiers by which persons of several sites are the same. kept: function (type, id) -> whether
    it is content, which tells of nobody. base: URL of this server or None. today: datetime.date.
    """

    rules: Rules
    pseudonyms: Pseudonyms
    linked: frozenset[str]
    kept: Callable
    base: str | None
    today: date


class _Teller(NamedTuple):
    """shift: in days. resource: the whole one."""

    disguise: Disguise
    shift: int
    resource: dict


def deidentify(resource, disguise, person):
    """The resource as it may be told, None when it cannot be told without what is left out.

    resource: of a type of the Rules. person: id of the Patient that it is about, the surviving one where patients were
    merged; "" for nobody.
    """
    type, rules = resource["resourceType"], disguise.rules
    teller = _Teller(disguise, disguise.pseudonyms.shift(person) if person else 0, resource)
    told = _tell_shape(_with_own_drug(resource), rules.types[type], teller)
    if told is None:
        return None
    id = disguise.pseudonyms.of(type, resource["id"])
    # Without one, two equal doses of a day could be taken for one that was told twice.
    identifiers = [{"system": PSEUDONYM, "value": id}]
    if type == "Patient":
        known = linkages(resource, disguise.linked, disguise.pseudonyms)
        identifiers += [{"system": PERSON, "value": value} for value in known]
    return {
        "resourceType": type,
        "id": id,
        "meta": {"security": [PSEUDED], **told.pop("meta", {})},
        "identifier": identifiers if type in rules.several else identifiers[0],
        **told,
    }


def shift_date(literal, days):
    """A FHIR date, dateTime or instant so many days later, without its time; None for what is no such date.

    A month is told as the month in which its 15th would be then, a year as the year of its 1 July.
    """
    match = _DATE.fullmatch(literal)
    try:
        year, month, day = match.groups()
        moved = date(int(year), int(month or 7), int(day or (15 if month else 1))) + timedelta(days)
    except (AttributeError, ValueError, OverflowError):
        return None
    return moved.isoformat()[: 10 if day else 7 if month else 4]


def linkages(patient, systems, pseudonyms):
    """Yield the pseudonyms by which several sites know a Patient: of its identifiers of these systems."""
    for identifier in patient.get("identifier", ()):
        system, value = identifier.get("system"), identifier.get("value")
        if system in systems and value and any(map(str.isalnum, value)):
            yield pseudonyms.linkage(system, value)


def _with_own_drug(resource):
    """The resource with the codes and texts of a contained Medication in the place of the reference to it."""
    reference = resource.get("medicationReference", {}).get("reference", "")
    held = [each for each in resource.get("contained", ()) if f"#{each.get('id')}" == reference]
    if not held or held[0]["resourceType"] != "Medication":
        return resource
    parts = [part.get("itemCodeableConcept") for part in held[0].get("ingredient", ())]
    concepts = [concept for concept in (held[0].get("code"), *parts) if concept]
    codings = [coding for concept in concepts for coding in concept.get("coding", ())]
    texts = [concept["text"] for concept in concepts if "text" in concept]
    drug = {"coding": codings} | ({"text": texts[0]} if texts else {})
    return {name: value for name, value in resource.items() if name != "medicationReference"} | {
        "medicationCodeableConcept": drug
    }


def _tell_shape(value, shape, teller):
    """The elements of an object that are told; None when these are not all that R4 requires."""
    if type(value) is not dict or any(name in value for name in _CHANGE_MEANING):
        return None
    told = {}
    for name, element in value.items():
        rule = shape.elements.get(name)
        if rule is None:
            continue
        if rule.kind == "text":
            name, element = name.removesuffix("String") + "CodeableConcept", {"text": element}
            kept = _tell_concept(element, rule, teller)
        elif type(element) is list:
            kept = [each for item in element if (each := _tell(item, rule, teller)) is not None]
        else:
            kept = _tell(element, rule, teller)
        if kept not in (None, []):
            told[name] = kept
    return told if all(names & told.keys() for names in shape.required) else None


def _tell(value, rule, teller):
    if rule.kind == NESTED:
        return _tell_shape(value, rule.shape, teller) or None
    return _TELL[rule.kind](value, rule, teller)


def _tell_extension(value, rule, teller):
    shape = rule.by_url.get(value["url"])
    told = shape and _tell_shape(value, shape, teller)
    return {"url": value["url"], **told} if told else None


def _tell_birth(value, rule, teller):
    """The year; not more than OLDEST years before the death, or before today."""
    born = shift_date(value, teller.shift)
    last = shift_date(teller.resource.get("deceasedDateTime", ""), teller.shift)
    until = int((last or (teller.disguise.today + timedelta(teller.shift)).isoformat())[:4])
    return None if born is None else f"{max(int(born[:4]), until - OLDEST):04d}"


def _tell_date(value, rule, teller):
    return shift_date(value, teller.shift)


def _tell_instant(value, rule, teller):
    day = shift_date(value, teller.shift)
    return None if day is None else f"{day}T00:00:00Z"


def _tell_period(value, rule, teller):
    days = {name: day for name in ("start", "end") if (day := shift_date(value.get(name, ""), teller.shift))}
    if len(days) == 2:
        # Of a month and a day in it the month may come to lie after the day: it is the month of that day then.
        known = min(map(len, days.values()))
        if days["start"][:known] > days["end"][:known]:
            shorter, longer = sorted(days, key=lambda name: len(days[name]))
            days[shorter] = days[longer][:known]
    return days or None


def _tell_boolean(value, rule, teller):
    return value if type(value) is bool else None


def _tell_code(value, rule, teller):
    return value if value in rule.codes else None


def _tell_country(value, rule, teller):
    return value if value in teller.disguise.rules.countries else None


def _tell_number(value, rule, teller):
    """A number that no identifier is: up to seven digits before the point, six behind it."""
    literal = getattr(value, "literal", None) or str(value)
    return value if isinstance(value, (int, Decimal)) and _NUMBER.fullmatch(literal) else None


def _tell_quantity(value, rule, teller):
    units = teller.disguise.rules.units
    number, code, unit = _tell_number(value.get("value"), rule, teller), value.get("code"), value.get("unit")
    measured = {"unit": unit} if unit in units else {}
    if code in units and value.get("system") == _UCUM:
        measured |= {"system": _UCUM, "code": code}
    if number is None or ((code or unit) and not measured):
        return None
    comparator = {"comparator": value["comparator"]} if value.get("comparator") in _COMPARATORS else {}
    return {"value": number, **comparator, **measured}


def _tell_coding(value, rule, teller):
    system, code = value.get("system"), value.get("code", "")
    pattern = teller.disguise.rules.systems.get(system)
    return {"system": system, "code": code} if pattern and pattern.fullmatch(code) else None


def _tell_concept(value, rule, teller):
    """Codes of listed systems, and what the maps make of all codes and texts.

    Where a map is to know them and nobody does, a pseudonym stands for them, so that what is the same stays the same.
    """
    told = [each for coding in value.get("coding", ()) if (each := _tell_coding(coding, rule, teller))]
    for found in filter(None, (concept_map.find(value) for concept_map in rule.maps)):
        coding = {"system": found[0], "code": found[1]}
        told += [] if coding in told else [coding]
    if not told and rule.maps and rule.kind == "concept":
        unknown = [value.get("text"), *((each.get("system"), each.get("code")) for each in value.get("coding", ()))]
        code = teller.disguise.pseudonyms.of("code", json.dumps(unknown).decode().casefold())
        told = [{"system": PSEUDONYM, "code": code}]
    return {"coding": told} if told else None


def _tell_reference(value, rule, teller):
    parts = split_reference(value.get("reference", ""))
    disguise = teller.disguise
    if parts is None or parts[0] not in (None, disguise.base):
        return None
    _, type, id = parts
    if disguise.kept(type, id):
        return {"reference": f"{type}/{id}"}
    return {"reference": f"{type}/{disguise.pseudonyms.of(type, id)}"} if type in disguise.rules.types else None


_TELL = {
    "birth": _tell_birth,
    "boolean": _tell_boolean,
    "code": _tell_code,
    "coding": _tell_coding,
    "concept": _tell_concept,
    "country": _tell_country,
    "date": _tell_date,
    "instant": _tell_instant,
    "number": _tell_number,
    "period": _tell_period,
    "quantity": _tell_quantity,
    "reference": _tell_reference,
    EXTENSIONS: _tell_extension,
}
