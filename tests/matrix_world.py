"""Random resources for the matrix test: few different values, so that searches find some and not all."""

from fhir_registry.fhir.json import JsonDecimal

MRN, LOINC, UCUM, TAG = "http://hosp-a/mrn", "http://loinc.org", "http://unitsofmeasure.org", "http://tags.test"
SITES = "http://sites.test"
BASE = "http://base/fhir"

FAMILIES = ["Müller", "MULLER", "Mulley", "de Quiñones", "O'Neil", "100%", "M_ller", "Łukasz", "Sato"]
GIVEN = ["Eve", "Maria", "Severine", "eve", "J\u00f3se", "Ana  Lu"]
# Longer than what an index key holds.
LONG = "Long " + "x" * 190 + " Klinik"
CITIES = ["Köln", "Koln-Deutz", "New York", "York"]
DATES = ["1960", "1960-05", "1960-05-11", "1960-05-12", "1961-01-01", "1959-12-31", "2019-12-31"]
TIMES = [
    "2020",
    "2020-01",
    "2020-01-15",
    "2020-01-15T10:00:00+01:00",
    "2020-01-15T09:00:00Z",
    "2020-01-15T09:00:00.5Z",
    "2020-01-14T23:30:00-02:00",
    "2019-12-31T23:59:59Z",
]
NUMBERS = ["0", "0.5", "0.45", "0.50", "0.55", "1", "5", "5.4", "54", "100", "1e2", "-0.5", "0.00003"]
UNITS = [
    {"unit": "ng/mL", "system": UCUM, "code": "ng/mL"},
    {"unit": "mg", "system": UCUM, "code": "ng/mL"},
    {"unit": "mg", "system": UCUM, "code": "mg"},
    {"unit": "mg"},
    {"system": "http://other.test", "code": "mg"},
    {},
]
CODES = [(LOINC, "2857-1"), (LOINC, "718-7"), (None, "2857-1"), (None, "PSA"), ("http://x.test/a|b", "c,d$e\\f")]
PARTS = [(LOINC, "8480-6"), (LOINC, "8462-4"), (None, "8480-6")]
PLACES = [(SITES, "lung"), (SITES, "upper-lobe"), (SITES, "apex"), (SITES, "breast"), ("http://other.test", "lung")]
TEXTS = ["Primary tumour", "primary", "PSA, total", "Tumor-Größe"]
IDENTIFIERS = [(MRN, "1001"), ("http://hosp-b/mrn", "1001"), (None, "1001"), (MRN, "AB,12"), (MRN, "9"), (MRN, LONG)]
URLS = [
    "http://acme.test/fhir",
    "http://acme.test/fhir/ValueSet/1",
    "http://acme.test/fhir/ValueSet/10",
    "http://acme.test/fhirish",
    "http://acme.test/FHIR/ValueSet/1",
    "urn:oid:1.2.3",
    "urn:oid:1.2.3.4",
    "http://acme.test/" + "long/" * 50,
]
# Values that the searches of value sets and hierarchies mean.
VALUE_SETS = {
    "http://sets.test/psa": {(LOINC, "2857-1")},
    "http://sets.test/loinc": {(LOINC, None)},
    "http://sets.test/mixed": {(LOINC, "718-7"), (SITES, None)},
    "http://sets.test/none": set(),
}
HIERARCHY = {
    (SITES, "lung"): {"lung", "upper-lobe", "apex"},
    (SITES, "upper-lobe"): {"upper-lobe", "apex"},
    (SITES, "apex"): {"apex"},
    (SITES, "breast"): {"breast"},
}
COUNTS = {
    "Organization": 6,
    "Location": 3,
    "Patient": 24,
    "Medication": 5,
    "Condition": 20,
    "Observation": 40,
    "RiskAssessment": 18,
    "DiagnosticReport": 12,
    "MedicationRequest": 12,
    "ValueSet": 10,
}


def terminology():
    """The ValueSets and the CodeSystem that VALUE_SETS and HIERARCHY say the same of."""
    found = []
    for number, (url, tokens) in enumerate(VALUE_SETS.items()):
        include = [
            {"system": system} | ({} if code is None else {"concept": [{"code": code}]})
            for system, code in sorted(tokens, key=str)
        ]
        # A set without any code: what is included is excluded.
        compose = (
            {"include": include}
            if include
            else {"include": [{"system": "http://x"}], "exclude": [{"system": "http://x"}]}
        )
        found.append(
            {"resourceType": "ValueSet", "id": f"set{number}", "url": url, "status": "active", "compose": compose}
        )
    lung = {"code": "lung", "concept": [{"code": "upper-lobe", "concept": [{"code": "apex"}]}]}
    system = {"resourceType": "CodeSystem", "id": "sites", "url": SITES, "status": "active", "content": "complete"}
    return [*found, {**system, "hierarchyMeaning": "is-a", "concept": [lung, {"code": "breast"}]}]


def population(random, counts):
    """Random resources, {type: how many}, which refer to one another; random: as random.Random."""
    world = _World(random, counts)
    return [world.made(type_, f"{type_.lower()}{number}") for type_, count in counts.items() for number in range(count)]


def _without(element):
    return {name: value for name, value in element.items() if value not in (None, [], {})}


class _World:
    def __init__(self, random, counts):
        self._random, self._counts = random, counts

    def made(self, type, id):
        resource = getattr(self, f"_{type.lower()}")()
        return _without({"resourceType": type, "id": id, "meta": self._meta(), **resource})

    def _one(self, values):
        return self._random.choice(values)

    def _maybe(self, make, *arguments):
        """What `make` gives, two times of three."""
        return make(*arguments) if self._random.random() < 0.67 else None

    def _some(self, make, *arguments):
        return [make(*arguments) for _ in range(self._random.choice([0, 1, 1, 2]))]

    # --- data types -----------------------------------------------------------------------------------

    def _meta(self):
        tags = [{"system": TAG, "code": self._one(["a", "b"])} for _ in range(self._random.choice([0, 1, 2]))]
        profiles = [self._one(["http://p.test/one", "http://p.test/two"])] if self._random.random() < 0.3 else []
        return _without({"tag": tags, "profile": profiles})

    def _coding(self, codes):
        system, code = self._one(codes)
        return _without({"system": system, "code": code, "display": self._maybe(self._one, TEXTS)})

    def _concept(self, codes):
        coding = [self._coding(codes) for _ in range(self._random.choice([0, 1, 1, 2]))]
        return _without({"coding": coding, "text": self._one(TEXTS) if not coding else self._maybe(self._one, TEXTS)})

    def _identifier(self):
        system, value = self._one(IDENTIFIERS)
        type_ = {"coding": [{"system": "http://types.test", "code": self._one(["MR", "SS"])}]}
        return _without({"system": system, "value": value, "type": self._maybe(lambda: type_)})

    def _reference(self, *types):
        type_ = self._one(types)
        place = f"{type_}/{type_.lower()}{self._random.randrange(self._counts.get(type_, 1))}"
        shape = self._random.randrange(12)
        if shape == 0:
            return {"identifier": self._identifier(), "display": "somebody"}
        if shape == 1:
            return {"reference": f"{self._one([BASE, 'http://elsewhere.test'])}/{place}"}
        if shape == 2:
            return {"reference": f"{type_}/nobody", "identifier": self._identifier()}
        return {"reference": place}

    def _period(self):
        return self._one(
            [
                {"start": "2020-01-10", "end": "2020-01-20"},
                {"start": "2020-01-15T08:00:00Z"},
                {"end": "2020-01"},
                {"start": "2019", "end": "2020-01-15"},
            ]
        )

    def _number(self):
        return self._one(NUMBERS)

    def _quantity(self):
        return {
            "value": JsonDecimal(self._number()),
            **self._one(UNITS),
            **self._one([{}, {}, {}, {"comparator": "<"}, {"comparator": ">="}]),
        }

    # --- resources ------------------------------------------------------------------------------------

    def _organization(self):
        return {
            "name": self._one(["Nordklinik", "Stadtspital", "St. Maria", "nord", LONG, LONG[:180]]),
            "identifier": [self._identifier()],
            "partOf": self._maybe(self._reference, "Organization"),
        }

    def _location(self):
        return {"name": self._one(["Nordflügel", "Station 1", "Muller-Saal"])}

    def _patient(self):
        names = self._some(lambda: _without({"family": self._maybe(self._one, FAMILIES), "given": [self._one(GIVEN)]}))
        return {
            "active": self._maybe(self._one, [True, False]),
            "identifier": self._some(self._identifier),
            "name": names,
            "telecom": self._some(lambda: {"system": self._one(["phone", "email"]), "value": self._one(["1", "a@b"])}),
            "gender": self._maybe(self._one, ["male", "female"]),
            "birthDate": self._maybe(self._one, DATES),
            **self._one([{}, {}, {"deceasedBoolean": False}, {"deceasedDateTime": self._one(TIMES)}]),
            "address": self._some(lambda: {"city": self._one(CITIES)}),
            "managingOrganization": self._maybe(self._reference, "Organization"),
        }

    def _medication(self):
        return {"code": self._concept(CODES)}

    def _condition(self):
        onset = [{}, {"onsetDateTime": self._one(TIMES)}, {"onsetPeriod": self._period()}]
        age = {"value": JsonDecimal(self._one(["54", "60", "60.5"])), "system": UCUM, "code": "a", "unit": "years"}
        return {
            "subject": self._reference("Patient"),
            "code": self._maybe(self._concept, CODES),
            "bodySite": self._some(self._concept, PLACES),
            "clinicalStatus": {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                        "code": self._one(["active", "remission"]),
                    }
                ]
            },
            **self._one([*onset, {"onsetAge": age}]),
            "recordedDate": self._maybe(self._one, TIMES),
        }

    def _observation(self):
        effective = [
            {},
            {"effectiveDateTime": self._one(TIMES)},
            {"effectivePeriod": self._period()},
            {"effectiveInstant": "2020-01-15T09:00:00Z"},
            {"effectiveTiming": {"event": [self._one(TIMES), self._one(TIMES)]}},
        ]
        value = [
            {"valueQuantity": self._quantity()},
            {"valueCodeableConcept": self._concept(CODES)},
            {"valueString": self._one(TEXTS)},
            {"valueDateTime": self._one(TIMES)},
            {},
        ]
        value = self._one(value)
        # obs-7: with a value, no component has the code of the Observation.
        codes = PARTS if value else CODES + PARTS
        values = [
            lambda: {"valueQuantity": self._quantity()},
            lambda: {"valueCodeableConcept": self._concept(CODES + PARTS)},
        ]
        component = self._some(lambda: {"code": self._concept(codes), **self._one(values)()})
        return {
            "status": self._one(["final", "preliminary"]),
            "code": self._concept(CODES),
            "subject": self._maybe(self._reference, "Patient", "Patient", "Location"),
            "performer": self._some(self._reference, "Organization", "Patient"),
            **self._one(effective),
            **value,
            "component": component,
        }

    def _riskassessment(self):
        risks = [
            {"probabilityDecimal": JsonDecimal(self._one([n for n in NUMBERS if n[0] != "-"]))},
            {"probabilityRange": {"low": {"value": JsonDecimal("0.45")}, "high": {"value": JsonDecimal("0.55")}}},
            {"probabilityRange": {"low": {"value": JsonDecimal("0.5")}}},
        ]
        return {
            "status": "final",
            "subject": self._reference("Patient"),
            "prediction": self._some(lambda: {"outcome": {"text": "risk"}, **self._one(risks)}),
            "occurrenceDateTime": self._maybe(self._one, TIMES),
        }

    def _diagnosticreport(self):
        return {
            "status": "final",
            "code": self._concept(CODES),
            "subject": self._maybe(self._reference, "Patient"),
            "result": self._some(self._reference, "Observation"),
        }

    def _medicationrequest(self):
        head = {"status": "active", "intent": "order", "subject": self._reference("Patient")}
        if self._random.random() < 0.5:
            return {**head, "medicationReference": self._reference("Medication")}
        contained = {"resourceType": "Medication", "id": "m", "code": self._concept(CODES)}
        return {**head, "contained": [contained], "medicationReference": {"reference": "#m"}}

    def _valueset(self):
        values = [lambda: {"valueCodeableConcept": self._concept(CODES)}, lambda: {"valueQuantity": self._quantity()}]

        def context():
            return {"code": {"system": "http://uses.test", "code": self._one(["focus", "age"])}, **self._one(values)()}

        return {
            "url": self._maybe(self._one, URLS),
            "version": self._maybe(self._one, ["1", "2"]),
            "name": self._one(["Alpha", "alphabet", "Beta"]),
            "status": self._one(["draft", "active"]),
            "date": self._maybe(self._one, TIMES),
            "useContext": self._some(context),
        }
