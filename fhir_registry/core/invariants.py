"""Those invariants of R4 that senders break and that cost little (https://hl7.org/fhir/R4/conformance-rules.html).

Each is a predicate over one object of the named type, true when the rule holds. What the rule says is taken from
the definitions. A predicate may raise TypeError, KeyError, AttributeError or IndexError on an object that is not of
the right shape, which the structural checks report, or whose values are there by extensions only.
"""

import re

from ..fhir.dates import day_interval, instant_interval

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:").match
_CONDITION_STATUS = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_CONDITION_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ALLERGY_VERIFICATION = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
_ABATED = ("resolved", "remission", "inactive")


def has(value, name):
    """Whether an element is there, with a value or with extensions only."""
    return name in value or f"_{name}" in value


def has_choice(value, name):
    """Whether a choice element is there: `value` for valueQuantity, _valueString ..."""
    size = len(name)
    return any(key[size : size + 1].isupper() and key.startswith(name) for key in (k.lstrip("_") for k in value))


def has_code(concept, system, *codes):
    return any(c.get("system") == system and c.get("code") in codes for c in (concept or {}).get("coding", ()))


def is_absolute(uri):
    """Whether a URI names a scheme."""
    return _ABSOLUTE(uri) is not None


def _period_in_order(period):
    if "start" not in period or "end" not in period:
        return True
    start, end = period["start"], period["end"]
    # Partial dates are intervals; only what is certainly reversed is an error. A date without a time has no zone:
    # then the days are compared as they are written.
    interval = instant_interval if "T" in start and "T" in end else day_interval
    try:
        return interval(start)[0] <= interval(end)[1]
    except ValueError:
        return True


def _range_in_order(value):
    low, high = value.get("low", {}), value.get("high", {})
    if "value" not in low or "value" not in high or low.get("code") != high.get("code"):
        return True
    return low["value"] <= high["value"]


def _no_component_repeats_code(observation):
    if "component" not in observation or not has_choice(observation, "value"):
        return True
    code = {(c.get("system"), c.get("code")) for c in observation["code"].get("coding", ())}
    return not any(
        (c.get("system"), c.get("code")) in code
        for component in observation["component"]
        for c in component["code"].get("coding", ())
    )


def _erroneous(resource, system):
    return has_code(resource.get("verificationStatus"), system, "entered-in-error")


def _link_ids(items):
    for item in items:
        yield item["linkId"]
        yield from _link_ids(item.get("item", ()))


def _distinct(values):
    values = list(values)
    return len(set(values)) == len(values)


def _versions_distinct(bundle):
    if bundle["type"] == "history":
        return True
    return _distinct(
        (e["fullUrl"], e.get("resource", {}).get("meta", {}).get("versionId"))
        for e in bundle.get("entry", ())
        if "fullUrl" in e
    )


def _every_entry(bundle, name, types):
    # bdl-3 and bdl-4 in the wording of R4: in those types each entry has it, in the others none.
    expected = bundle["type"] in types
    return all((name in entry) == expected for entry in bundle.get("entry", ()))


def _first_entry_is(bundle, bundle_type, resource_type):
    if bundle["type"] != bundle_type:
        return True
    first = next(iter(bundle.get("entry", ())), {})
    return first.get("resource", {}).get("resourceType") == resource_type


def _exclusive(*names):
    return lambda value: sum(has(value, n) for n in names) <= 1


def _any_of(*names):
    return lambda value: any(has(value, n) for n in names)


def _needs(name, other):
    return lambda value: not has(value, name) or has(value, other)


# Type -> key -> predicate.
INVARIANTS = {
    "AllergyIntolerance": {
        "ait-1": lambda a: has(a, "clinicalStatus") or _erroneous(a, _ALLERGY_VERIFICATION),
        "ait-2": lambda a: not (has(a, "clinicalStatus") and _erroneous(a, _ALLERGY_VERIFICATION)),
    },
    "Attachment": {"att-1": _needs("data", "contentType")},
    "Bundle": {
        "bdl-1": lambda b: "total" not in b or b["type"] in ("searchset", "history"),
        "bdl-2": lambda b: b["type"] == "searchset" or not any("search" in e for e in b.get("entry", ())),
        "bdl-3": lambda b: _every_entry(b, "request", ("batch", "transaction", "history")),
        "bdl-4": lambda b: _every_entry(b, "response", ("batch-response", "transaction-response", "history")),
        "bdl-7": _versions_distinct,
        "bdl-9": lambda b: b["type"] != "document" or b.get("identifier", {}).keys() >= {"system", "value"},
        "bdl-10": lambda b: b["type"] != "document" or "timestamp" in b,
        "bdl-11": lambda b: _first_entry_is(b, "document", "Composition"),
        "bdl-12": lambda b: _first_entry_is(b, "message", "MessageHeader"),
        "link-relation": lambda b: _distinct(link["relation"] for link in b.get("link", ())),
    },
    "Bundle.entry": {
        "bdl-5": _any_of("resource", "request", "response"),
        "bdl-8": lambda e: "/_history/" not in e.get("fullUrl", ""),
        "full-url": lambda e: "fullUrl" not in e or is_absolute(e["fullUrl"]),
    },
    "CarePlan.activity": {"cpl-3": _exclusive("detail", "reference")},
    "Composition.section": {
        "cmp-1": _any_of("text", "entry", "section"),
        "cmp-2": _exclusive("emptyReason", "entry"),
    },
    "Condition": {
        "con-4": lambda c: (
            not has_choice(c, "abatement") or has_code(c.get("clinicalStatus"), _CONDITION_STATUS, *_ABATED)
        ),
        "con-5": lambda c: not (has(c, "clinicalStatus") and _erroneous(c, _CONDITION_VERIFICATION)),
    },
    "Condition.evidence": {"con-2": _any_of("code", "detail")},
    "Condition.stage": {"con-1": _any_of("summary", "assessment")},
    "ContactPoint": {"cpt-2": _needs("value", "system")},
    "Duration": {
        "drt-1": lambda d: "code" not in d or (d.get("system") == "http://unitsofmeasure.org" and has(d, "value"))
    },
    "Expression": {"exp-1": _any_of("expression", "reference")},
    "Extension": {"ext-1": lambda e: ("extension" in e) != has_choice(e, "value")},
    "FamilyMemberHistory": {"fhs-1": lambda f: not (has_choice(f, "age") and has_choice(f, "born"))},
    "Group": {"grp-1": lambda g: "member" not in g or g["actual"] is True},
    "Immunization.education": {"imm-1": _any_of("documentType", "reference")},
    "List": {"lst-1": _exclusive("emptyReason", "entry")},
    "MeasureReport": {"mrp-1": lambda m: m["type"] != "data-collection" or "group" not in m},
    "MedicationAdministration.dosage": {"mad-1": lambda d: has(d, "dose") or has_choice(d, "rate")},
    "Observation": {
        "obs-6": lambda o: not has(o, "dataAbsentReason") or not has_choice(o, "value"),
        "obs-7": _no_component_repeats_code,
    },
    "Observation.referenceRange": {"obs-3": _any_of("low", "high", "text")},
    "Organization": {
        "org-1": _any_of("identifier", "name"),
        "org-2": lambda o: all(a.get("use") != "home" for a in o.get("address", ())),
        "org-3": lambda o: all(t.get("use") != "home" for t in o.get("telecom", ())),
    },
    "Patient.contact": {"pat-1": _any_of("name", "telecom", "address", "organization")},
    "Period": {"per-1": _period_in_order},
    "Quantity": {"qty-3": _needs("code", "system")},
    "Questionnaire": {"que-2": lambda q: _distinct(_link_ids(q.get("item", ())))},
    "Questionnaire.item": {
        "que-4": _exclusive("answerOption", "answerValueSet"),
        "que-12": lambda i: len(i.get("enableWhen", ())) <= 1 or has(i, "enableBehavior"),
    },
    "QuestionnaireResponse.item": {"qrs-1": _exclusive("answer", "item")},
    "Range": {"rng-2": _range_in_order},
    "Ratio": {
        "rat-1": lambda r: has(r, "numerator") == has(r, "denominator") and (has(r, "numerator") or "extension" in r)
    },
    "SearchParameter": {"spd-1": _needs("xpath", "xpathUsage")},
    "ServiceRequest": {"prr-1": _needs("orderDetail", "code")},
    "Timing.repeat": {
        "tim-1": _needs("duration", "durationUnit"),
        "tim-2": _needs("period", "periodUnit"),
        "tim-6": _needs("periodMax", "period"),
        "tim-7": _needs("durationMax", "duration"),
        "tim-8": _needs("countMax", "count"),
        "tim-10": _exclusive("timeOfDay", "when"),
    },
    "ValueSet.compose.include": {
        "vsd-1": _any_of("valueSet", "system"),
        "vsd-3": _exclusive("concept", "filter"),
    },
}
# What these say stands in the text of the standard (https://hl7.org/fhir/R4/bundle.html), not in its definitions.
UNNUMBERED = {
    "full-url": "The fullUrl SHALL be an absolute URI",
    "link-relation": "A link relation SHALL occur only once",
}
# Types derived from Quantity have its rule.
for _name in ("Age", "Count", "Distance", "Duration"):
    INVARIANTS.setdefault(_name, {})["qty-3"] = _needs("code", "system")
