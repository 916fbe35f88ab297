"""Searches for the matrix test: type of parameter x modifier x prefix x shape of value (see matrix_world.py)."""

from itertools import product

from matrix_values import PREFIXES
from matrix_world import (
    BASE,
    CITIES,
    CODES,
    DATES,
    FAMILIES,
    GIVEN,
    HIERARCHY,
    IDENTIFIERS,
    LOINC,
    LONG,
    MRN,
    NUMBERS,
    PARTS,
    PLACES,
    SITES,
    TAG,
    TEXTS,
    TIMES,
    UCUM,
    URLS,
    VALUE_SETS,
)

STRINGS = {
    "Patient": {"family": FAMILIES, "given": GIVEN, "name": FAMILIES + GIVEN, "address-city": CITIES},
    "Observation": {"value-string": TEXTS},
    "Organization": {"name": ["Nordklinik", "nord", "st maria", "Klinik", LONG, LONG[:180], LONG[:150] + "y"]},
    "ValueSet": {"name": ["alpha", "Alpha", "bet"]},
}
TOKENS = {
    "Patient": {
        "identifier": IDENTIFIERS,
        "gender": [("http://hl7.org/fhir/administrative-gender", "male"), (None, "female")],
        "active": [(None, "true"), (None, "false")],
        "deceased": [(None, "true")],
        "telecom": [(None, "a@b")],
        "_tag": [(TAG, "a"), (TAG, "b")],
    },
    "Observation": {
        "code": CODES,
        "combo-code": CODES,
        "component-code": CODES + PARTS,
        "value-concept": CODES,
        "status": [("http://hl7.org/fhir/observation-status", "final")],
    },
    "Condition": {"body-site": PLACES, "code": CODES, "clinical-status": [(None, "active")]},
    "ValueSet": {"version": [(None, "1")], "context": CODES},
}
INSTANTS = [*TIMES, *DATES[:4], "2020-01-15T09:00Z", "2020-01-15T09:00:00.500Z", "2020-01-15T10:00:00 01:00"]
DATED = {
    "Patient": {"birthdate": [*DATES, "1960-05-11T00:00Z"], "death-date": INSTANTS, "_lastUpdated": INSTANTS},
    "Observation": {"date": INSTANTS, "value-date": INSTANTS},
    "Condition": {"onset-date": INSTANTS, "recorded-date": INSTANTS},
    "ValueSet": {"date": INSTANTS},
}
UNITS = ["", "||mg", f"|{UCUM}|mg", f"|{UCUM}|ng/mL", "||ng/mL", "|http://other.test|mg"]
QUANTITIES = {
    "Observation": {
        "value-quantity": NUMBERS,
        "combo-value-quantity": NUMBERS[3:9],
        "component-value-quantity": ["5.4"],
    },
    "Condition": {"onset-age": ["60", "60.5", "54.0"]},
    "ValueSet": {"context-quantity": ["5", "0.5"]},
}
REFERENCES = {
    "Observation": {"subject": ("Patient", "Location"), "patient": ("Patient",), "performer": ("Organization",)},
    "DiagnosticReport": {"result": ("Observation",)},
    "Organization": {"partof": ("Organization",)},
    "Patient": {"organization": ("Organization",)},
}
_CODED = ["2857-1", f"{LOINC}|718-7", "|PSA", "8480-6"]
_MEASURED = ["5.4", "gt5", "le0.5||mg", f"ne5|{UCUM}|mg", "lt1000"]
_USED = ["http://uses.test|focus", "age"]
# Composite parameter -> values of its first part and of its second.
COMPOSITES = {
    "Observation": {
        "code-value-quantity": (_CODED, _MEASURED),
        "component-code-value-quantity": (_CODED, _MEASURED),
        "combo-code-value-quantity": (_CODED, _MEASURED),
        "code-value-concept": (_CODED, _CODED),
        "component-code-value-concept": (_CODED, _CODED),
        "combo-code-value-concept": (_CODED, _CODED),
        "code-value-string": (_CODED, ["prim", "PSA", "nothing"]),
        "code-value-date": (_CODED, ["2020", "ge2020-01-15", "lt2020"]),
    },
    "ValueSet": {"context-type-quantity": (_USED, _MEASURED), "context-type-value": (_USED, _CODED)},
}
# Chains of one to three links and reverse chains; with the values that their last parameter takes.
LINKED = {
    "Observation": {
        "subject:Patient.family": FAMILIES,
        "subject:Patient.family:contains": ["ull"],
        "subject.name": ["nord", "mull"],
        "patient.gender": ["male"],
        "patient.gender:not": ["male"],
        "patient.birthdate": ["lt1960-05-11", "1960"],
        "patient.active:missing": ["true"],
        "patient.identifier": ["1001"],
        "patient.organization.name": ["nord", "st"],
        "patient.organization.partof.name": ["nord", "st"],
        "subject:Patient.organization:Organization.partof:Organization.name:exact": ["nord"],
        "performer:Organization.partof": ["organization1"],
        "patient._id": ["patient1", "patient2,patient3"],
        "patient._has:Condition:patient:code": ["2857-1"],
        "_has:DiagnosticReport:result:code": ["718-7"],
        "_has:DiagnosticReport:result:subject:Patient.gender": ["male"],
    },
    "Patient": {
        "_has:Observation:patient:code": ["2857-1", "718-7,PSA", f"{LOINC}|"],
        "_has:Observation:patient:code:not": ["2857-1"],
        "_has:Observation:patient:value-quantity": ["gt5", "ne0.5"],
        "_has:Observation:patient:date:missing": ["true"],
        "_has:Observation:patient:_id": ["observation1"],
        "_has:Observation:patient:_has:DiagnosticReport:result:code": ["2857-1", "718-7"],
        "_has:Observation:performer:code": ["2857-1"],
        "_has:MedicationRequest:patient:medication.code": ["2857-1"],
        "organization.name": ["nord"],
        "organization._has:Observation:performer:code": ["2857-1"],
    },
    "MedicationRequest": {
        "medication.code": ["2857-1", f"{LOINC}|718-7", f"{LOINC}|", "PSA"],
        "medication:Medication.code": ["PSA"],
        "medication.code:not": ["PSA"],
        "medication.code:missing": ["true", "false"],
        "medication.code:text": ["primary"],
    },
    "Organization": {"_has:Patient:organization:gender": ["male"], "partof.partof.name": ["st"]},
    "DiagnosticReport": {
        "result.code": ["PSA"],
        "result.patient.family": ["mul"],
        "result:Observation.date": ["2020-01"],
    },
}
# Searches over several types.
SEVERAL = {
    "Condition,Observation,DiagnosticReport": {
        "code": ["2857-1", f"{LOINC}|718-7", "PSA,718-7"],
        "code:not": ["2857-1"],
        "code:text": ["primary"],
        "code:in": list(VALUE_SETS),
        "patient": ["patient0", "Patient/patient1", "patient1,patient2"],
        "patient:missing": ["true", "false"],
        "patient.gender": ["male", "female"],
        "patient.organization.name": ["nord"],
        "subject:Patient.family": ["mul"],
        "_lastUpdated": ["gt2020-01-15T09:00:00.100Z", "2020-01-15T09:00:00Z"],
    },
    "Patient,Organization": {
        "_tag": ["a", f"{TAG}|b", "a,b"],
        "_tag:not": ["a"],
        "_id": ["patient1,organization1", "patient2"],
        "identifier": ["1001", f"{MRN}|1001", "|1001"],
        "identifier:of-type": ["http://types.test|MR|1001"],
        "_profile": ["http://p.test/one"],
    },
}
# A parameter of each type, with the modifiers that it takes.
MODIFIERS = [
    ("Patient", "family", ("exact", "contains", "missing")),
    ("Observation", "code", ("not", "text", "of-type", "in", "not-in", "above", "below", "missing")),
    ("Observation", "date", ("missing",)),
    ("Observation", "value-quantity", ("missing",)),
    ("RiskAssessment", "probability", ("missing",)),
    ("ValueSet", "url", ("above", "below", "missing")),
    ("Observation", "subject", ("identifier", "above", "below", "missing")),
    ("Observation", "code-value-quantity", ()),
    ("Patient", "_id", ("not", "missing")),
    ("Patient", "_lastUpdated", ("missing",)),
]


def cells():
    """[(kind of cell, type, name, value)], each another combination."""
    makers = (_strings, _tokens, _token_modifiers, _dates, _numbers, _quantities, _uris, _references, _composites)
    found = [cell for make in makers for cell in make()]
    found += [
        ("_id", "Patient", name, value)
        for name in ("_id", "_id:not")
        for value in ("patient1", "PATIENT1", "patient1,patient2,x")
    ]
    found += [("missing", type_, f"{code}:missing", value) for type_, code in _codes() for value in ("true", "false")]
    for kind, table in (("linked", LINKED), ("types", SEVERAL)):
        found += [
            (kind, types, name, value) for types, names in table.items() for name in names for value in names[name]
        ]
    return list(dict.fromkeys(found))


def escaped(text):
    r"""A text in which no , | $ \ separates."""
    return "".join(f"\\{c}" if c in ",|$\\" else c for c in text)


def _codes():
    """(type, code) of the parameters that can be missing."""
    tables = (STRINGS, TOKENS, DATED, QUANTITIES, REFERENCES)
    found = [(type_, code) for table in tables for type_, codes in table.items() for code in codes]
    return [*((t, c) for t, c in found if c != "_lastUpdated"), ("RiskAssessment", "probability"), ("ValueSet", "url")]


def _strings():
    for type_, codes in STRINGS.items():
        for code, values in codes.items():
            shapes = {
                shape for value in values for shape in (value, value[:3], value[1:4], value.upper(), value.casefold())
            }
            shapes = sorted(escaped(shape) for shape in shapes if any(map(str.isalnum, shape)))
            for modifier, value in product(("", ":exact", ":contains"), [*shapes, ",".join(shapes[:3])]):
                yield "string", type_, code + modifier, value


def _tokens():
    for type_, codes in TOKENS.items():
        for code, tokens in codes.items():
            shapes = ["nothing", f"{LOINC}|nothing", "http://nowhere.test|"]
            for system, value in tokens:
                shapes += [escaped(value), f"|{escaped(value)}", escaped(value).upper()]
                if system:
                    shapes += [f"{escaped(system)}|{escaped(value)}", f"{escaped(system)}|"]
            shapes += [f"{shapes[3]},{shapes[-1]}", f"nothing,{shapes[4]}"]
            for modifier, value in product(("", ":not"), shapes):
                yield "token", type_, code + modifier, value


def _token_modifiers():
    coded = [("Observation", "code"), ("Observation", "combo-code"), ("Condition", "body-site"), ("Condition", "code")]
    for type_, code in coded:
        for text in (*map(escaped, TEXTS), "primary tum", "psa", "tumor gro", "x,primary"):
            yield "token:text", type_, f"{code}:text", text
        for modifier, url in product((":in", ":not-in"), VALUE_SETS):
            yield "token:in", type_, code + modifier, url
    for modifier, (system, place) in product((":below", ":above"), [*HIERARCHY, (SITES, "zzz")]):
        yield "token:below", "Condition", f"body-site{modifier}", f"{system}|{place}"
    yield "token:below", "Condition", "body-site:below", f"{SITES}|upper-lobe,{SITES}|breast"
    for (_, value), kind in product(IDENTIFIERS, ("MR", "SS", "XX")):
        yield "token:of-type", "Patient", "identifier:of-type", f"http://types.test|{kind}|{escaped(value)}"


def _dates():
    for type_, codes in DATED.items():
        for code, literals in codes.items():
            for prefix, literal in product(("", *PREFIXES), literals):
                yield "date", type_, code, prefix + literal
            yield "date", type_, code, f"{literals[0]},gt{literals[-1]}"


def _numbers():
    for prefix, literal in product(("", *PREFIXES), NUMBERS):
        yield "number", "RiskAssessment", "probability", prefix + literal


def _quantities():
    for type_, codes in QUANTITIES.items():
        for code, numbers in codes.items():
            for prefix, number, unit in product(("", *PREFIXES), numbers, UNITS):
                yield "quantity", type_, code, prefix + number + unit


def _uris():
    for modifier, url in product(("", ":below", ":above"), [*URLS, "http://acme.test/fhir/", "http://acme.test"]):
        # Neither URNs nor very long URLs have others above and below them.
        if modifier == "" or (not url.startswith("urn:") and len(url) <= 150):
            yield "uri", "ValueSet", f"url{modifier}", url
    for url in ("http://p.test/one", "http://p.test/two", "http://p.test/one,http://p.test/two", "http://p.test"):
        yield "uri", "Patient", "_profile", url


def _references():
    for type_, codes in REFERENCES.items():
        for code, targets in codes.items():
            for target, number in product(targets, (0, 1, 2)):
                id_ = f"{target.lower()}{number}"
                place = f"{target}/{id_}"
                for value in (
                    id_,
                    place,
                    f"{BASE}/{place}",
                    f"http://elsewhere.test/{place}",
                    f"{id_},{target}/nobody",
                ):
                    yield "reference", type_, code, value
                yield "reference:Type", type_, f"{code}:{target}", id_
                yield "reference:Type", type_, f"{code}:{target}", place
            if targets == ("Organization",):
                for modifier, number in product((":above", ":below"), range(6)):
                    yield "reference:below", type_, code + modifier, f"Organization/organization{number}"
            for value in ("1001", f"{MRN}|1001", "|1001", f"{MRN}|", r"AB\,12", "9,1001"):
                yield "reference:identifier", type_, f"{code}:identifier", value


def _composites():
    for type_, codes in COMPOSITES.items():
        for code, (firsts, seconds) in codes.items():
            for first, second in product(firsts, seconds):
                yield "composite", type_, code, f"{first}${second}"
            yield "composite", type_, code, f"{firsts[0]}${seconds[0]},{firsts[1]}${seconds[1]}"
