"""One made-up patient's resources as a transaction Bundle (https://hl7.org/fhir/R4/http.html#transaction)."""

import uuid

from . import codes
from .codes import coding, concept
from .directory import entry
from .person import written

NAMES = ("Amber", "Beryl", "Coral", "Dahlia", "Elsie", "Fern", "Gemma", "Hazel", "Iris", "Jade", "Linden", "Maple")
XHTML = "http://www.w3.org/1999/xhtml"
GRADE = "http://hl7.org/fhir/us/ctcae/StructureDefinition/ctcae-grade"
GRADE_CODES = "http://hl7.org/fhir/us/ctcae/CodeSystem/ctcae-grade-code-system"
CAUSED_STOP = "http://hl7.org/fhir/uv/ae-research-ig/StructureDefinition/caused-subject-to-discontinue-study"
RESOLVED = "http://hl7.org/fhir/us/ctcae/StructureDefinition/adverse-event-resolved-date"


class Chart:
    """Collects the resources of one person; every `add_*` returns the new entry's urn:uuid reference."""

    def __init__(self, registry, person, rng):
        self.registry = registry
        self.person = person
        self.hospital = person.hospital
        self.rng = rng
        self.entries = []
        self.system = f"https://{self.hospital.id}.example"
        self.serial = 0
        self.medications = {}
        self.subject = None

    def bundle(self):
        """The transaction Bundle of what was added."""
        return {
            "resourceType": "Bundle",
            "id": f"{self.registry}-{self.person.number:04d}",
            "type": "transaction",
            "entry": self.entries,
        }

    def add(self, resource, if_none_exist=None):
        """Append a resource and give its urn:uuid."""
        urn = f"urn:uuid:{uuid.UUID(int=self.rng.getrandbits(128), version=4)}"
        kind = resource["resourceType"]
        self.entries.append(entry(resource, kind, if_none_exist=if_none_exist, full_url=urn))
        return urn

    def resource(self, kind, profile=None, summary=None, **elements):
        """A resource in the hospital's manner: mCODE profile and narrative if it sends them; absent elements go."""
        made = {"resourceType": kind}
        if self.hospital.mcode and profile:
            made["meta"] = {"profile": [codes.MCODE + profile]}
        if self.hospital.narrative and summary:
            made["text"] = {"status": "generated", "div": f'<div xmlns="{XHTML}"><p>{summary}</p></div>'}
        made.update((name, value) for name, value in elements.items() if value is not None)
        return made

    def identifier(self, kind):
        self.serial += 1
        return {"system": f"{self.system}/{kind}", "value": f"{self.person.number:04d}-{self.serial:03d}"}

    def moment(self, day, precision="day"):
        """A dateTime as sites write it: a date, or a local time, often so near midnight that UTC has another day."""
        literal = written(day, precision)
        if precision != "day":
            return literal
        style = self.rng.random()
        if style < 0.35:
            return literal
        if style < 0.7:
            return f"{literal}T{self.rng.randint(8, 17):02d}:{self.rng.randint(0, 59):02d}:00{self.hospital.zone}"
        late = self.hospital.zone.startswith("-")
        return f"{literal}T{'23' if late else '00'}:{self.rng.randint(10, 55)}:00{self.hospital.zone}"

    def add_patient(self, gender="female"):
        """The Patient, which all that follows refers to; sent conditionally on its identifier."""
        person = self.person
        value = f"{self.registry.upper()}-{person.number:04d}"
        system = f"{self.system}/patients"
        if person.death is None:
            deceased = {}
        elif person.death_precision == "observation":
            deceased = {"deceasedBoolean": True}
        else:
            deceased = {"deceasedDateTime": self.moment(person.death, person.death_precision)}
        patient = self.resource(
            "Patient",
            "cancer-patient",
            f"Made-up patient {value}",
            identifier=[{"system": system, "value": value}],
            active=True,
            name=[{"family": f"Example-{person.number:04d}", "given": [NAMES[person.number % len(NAMES)]]}],
            gender=gender,
            birthDate=written(person.birth, person.birth_precision),
            **deceased,
            address=[{"city": self.hospital.city, "country": self.hospital.country}],
            generalPractitioner=[{"reference": f"Practitioner/{self.hospital.id}-oncologist"}],
            managingOrganization={"reference": f"Organization/{self.hospital.id}"},
        )
        self.subject = {"reference": self.add(patient, if_none_exist=f"identifier={system}|{value}")}

    def add_enrolment(self, day, status="on-study", consent=None):
        """ResearchSubject of the registry's study."""
        return self.add(
            self.resource(
                "ResearchSubject",
                identifier=[self.identifier("enrolments")],
                status=status,
                period={"start": written(day)},
                study={"reference": f"ResearchStudy/{self.registry}"},
                individual=self.subject,
                consent=consent and {"reference": consent},
            )
        )

    def add_consent(self, day):
        """Consent to the research."""
        return self.add(
            self.resource(
                "Consent",
                identifier=[self.identifier("consents")],
                status="active",
                scope=concept((codes.HL7 + "consentscope", "research", "Research")),
                category=[concept((codes.LOINC, "59284-0", "Consent Document"))],
                patient=self.subject,
                dateTime=written(day),
                policyRule=concept((codes.HL7 + "v3-ActCode", "OPTIN", "opt-in")),
            )
        )

    def add_condition(self, code, onset, profile, precision="day", verification="confirmed", text=None):
        ver_status = (codes.HL7 + "condition-ver-status", verification, verification.capitalize())
        active = (codes.HL7 + "condition-clinical", "active", "Active")
        return self.add(
            self.resource(
                "Condition",
                profile,
                code[2],
                identifier=[self.identifier("conditions")],
                # Invariant con-5: no clinical status where the record itself is an error.
                clinicalStatus=concept(active) if verification != "entered-in-error" else None,
                verificationStatus=concept(ver_status),
                category=[concept((codes.HL7 + "condition-category", "encounter-diagnosis", "Encounter Diagnosis"))],
                code=concept(code, text=text),
                subject=self.subject,
                onsetDateTime=self.moment(onset, precision),
                recordedDate=written(onset) if precision == "day" else None,
            )
        )

    def add_breast_cancer(self, day, precision="day"):
        return self.add_condition(
            codes.BREAST_CANCER[self.hospital.conditions], day, "primary-cancer-condition", precision
        )

    def add_metastasis(self, day, verification="confirmed"):
        code = self.rng.choice(codes.METASTASES[self.hospital.conditions])
        return self.add_condition(code, day, "secondary-cancer-condition", verification=verification)

    def add_observation(self, code, day, value, status="final", profile=None, category="laboratory", **elements):
        """`value` is (name of the value[x] element, its value)."""
        return self.add(
            self.resource(
                "Observation",
                profile,
                code[2],
                identifier=[self.identifier("observations")],
                status=status,
                category=[concept((codes.HL7 + "observation-category", category, category.capitalize()))],
                code=concept(code),
                subject=self.subject,
                effectiveDateTime=self.moment(day),
                **{value[0]: value[1]},
                **elements,
            )
        )

    def add_marker(self, code, day, answer):
        """A biomarker found `positive` or `negative`."""
        found = codes.ANSWERS[self.hospital.answers][answer]
        return self.add_observation(code, day, ("valueCodeableConcept", concept(found)), profile="tumor-marker-test")

    def add_performance(self, day, score):
        """ECOG performance status."""
        return self.add_observation(
            codes.ECOG, day, ("valueInteger", score), profile="ecog-performance-status", category="survey"
        )

    def add_death(self, day):
        """Death told as an Observation, where the Patient only says that it happened."""
        return self.add_observation(
            codes.DEATH, day, ("valueCodeableConcept", concept((codes.ICD10, "C50.9", "Breast cancer")))
        )

    def add_response(self, assessment):
        """One response assessment with its kind of evidence."""
        answer = codes.RESPONSES[self.hospital.answers].get(assessment.value)
        kind = concept(answer, text=answer[2]) if answer else concept(text=assessment.value)
        evidence = {
            "url": codes.MCODE + "cancer-disease-status-evidence-type",
            "valueCodeableConcept": concept(codes.EVIDENCE[assessment.evidence]),
        }
        return self.add_observation(
            codes.RESPONSE_CODES[self.hospital.response],
            assessment.day,
            ("valueCodeableConcept", kind),
            assessment.status,
            "cancer-disease-status",
            "exam",
            extension=[evidence],
        )

    def medication(self, drug):
        """The medication[x] of a treatment, with contained resources if the hospital sends the drug so."""
        named = self.drug_concept(drug)
        if self.hospital.medication == "inline":
            return {"medicationCodeableConcept": named}
        medication = {"resourceType": "Medication", "code": named}
        if self.hospital.medication == "contained":
            return {"contained": [{**medication, "id": "drug"}], "medicationReference": {"reference": "#drug"}}
        if drug not in self.medications:
            self.medications[drug] = self.add({**medication, "identifier": [self.identifier("medications")]})
        return {"medicationReference": {"reference": self.medications[drug]}}

    def drug_concept(self, drug):
        """A drug in the hospital's words; what its system cannot name it sends as text and local code."""
        style = self.hospital.drugs
        local, text = codes.CHINESE_DRUGS.get(drug, (None, None))
        if drug in codes.DRUGS:
            rxnorm, snomed, now, then, name = codes.DRUGS[drug]
            coded = {
                "rxnorm": (codes.RXNORM, rxnorm, name),
                "snomed": (codes.SNOMED, snomed, name),
                "atc": (codes.ATC, now, name.lower()),
                "atc-legacy": (codes.ATC, then, name.lower()),
            }.get(style)
            if coded and coded[1]:
                return concept(coded, text=name)
            text = text or name
        if style == "text" or local is None:
            return concept(text=text)
        if drug == "paclitaxel-liposome" and style.startswith("atc"):
            # No ATC code of its own: the class says paclitaxel, only the text says which.
            return concept((codes.ATC, "L01CD01", "paclitaxel"), text=text)
        return concept((f"{self.system}/drugs", local, text), text=text)

    def add_administration(self, dose):
        """One dose; sent twice when it is `repeated`."""
        identifier = [self.identifier("administrations")] if dose.identified else None
        dosage = {
            "site": dose.site and {"text": dose.site},
            "dose": dose.amount and {"value": dose.amount, "unit": "mg", "system": codes.UCUM, "code": "mg"},
        }
        made = self.resource(
            "MedicationAdministration",
            "cancer-related-medication-administration",
            f"{dose.drug} given",
            **self.medication(dose.drug),
            identifier=identifier,
            status=dose.status,
            subject=self.subject,
            effectiveDateTime=self.moment(dose.day, dose.precision),
            dosage={k: v for k, v in dosage.items() if v} or None,
        )
        # Invariant mad-1: a dosage without a dose or rate says nothing.
        if "dose" not in made.get("dosage", {}):
            made.pop("dosage", None)
        if dose.repeated:
            self.add(dict(made))
        return self.add(made)

    def add_statement(self, drug, regimen, status="completed"):
        """One agent of a regimen, as told afterwards."""
        intent = regimen.intent_known and {
            "url": codes.MCODE + "procedure-intent",
            "valueCodeableConcept": concept(codes.INTENTS[regimen.setting]),
        }
        period = {"start": written(regimen.start, regimen.precision)}
        if regimen.end is not None:
            period["end"] = written(regimen.end, regimen.precision)
        return self.add(
            self.resource(
                "MedicationStatement",
                **self.medication(drug),
                extension=[intent] if intent else None,
                identifier=[self.identifier("statements")],
                status=status,
                statusReason=regimen.stop_reason and [concept(codes.STOP_REASONS[regimen.stop_reason])],
                subject=self.subject,
                effectivePeriod=period,
                reasonCode=[concept(codes.BREAST_CANCER["icd"])] if self.hospital.mcode else None,
                dateAsserted=regimen.asserted and written(regimen.asserted),
            )
        )

    def add_regimens(self):
        """A statement for each agent of each regimen."""
        for regimen in self.person.regimens:
            for drug in regimen.drugs:
                self.add_statement(drug, regimen, "active" if regimen.end is None else "completed")

    def add_stop(self, drug, day, reason):
        """The order, stopped for a reason."""
        return self.add(
            self.resource(
                "MedicationRequest",
                **self.medication(drug),
                identifier=[self.identifier("orders")],
                status="stopped",
                statusReason=concept(codes.STOP_REASONS[reason]),
                intent="order",
                subject=self.subject,
                authoredOn=written(day),
            )
        )

    def add_surgery(self, day, status="completed"):
        """Surgery of the breast."""
        return self.add(
            self.resource(
                "Procedure",
                "cancer-related-surgical-procedure",
                "Breast surgery",
                identifier=[self.identifier("procedures")],
                status=status,
                code=concept(codes.BREAST_SURGERY),
                subject=self.subject,
                performedDateTime=self.moment(day),
            )
        )

    def add_visit(self, day, visit=None, status="finished", disposition=None):
        """An Encounter of one day, ambulatory unless it ends in death (disposition `exp`)."""
        kind = (codes.VISIT, visit, visit.replace("-", " ").capitalize()) if visit else None
        died = disposition and concept((codes.HL7 + "discharge-disposition", disposition, "Expired"))
        return self.add(
            self.resource(
                "Encounter",
                summary="Visit",
                identifier=[self.identifier("encounters")],
                status=status,
                **{
                    "class": coding(
                        (codes.HL7 + "v3-ActCode", "IMP" if died else "AMB", "inpatient" if died else "ambulatory")
                    )
                },
                type=[concept(kind)] if kind else None,
                subject=self.subject,
                period={"start": written(day), "end": written(day)},
                hospitalization=died and {"dischargeDisposition": died},
                serviceProvider={"reference": f"Organization/{self.hospital.id}"},
            )
        )

    def add_adverse_event(self, event, suspect=None):
        """One adverse event; `suspect` refers to the dose it is ascribed to."""
        grade = {"url": GRADE, "valueCodeableConcept": concept((GRADE_CODES, str(event.grade), f"Grade {event.grade}"))}
        resolved = event.end is not None and {"url": RESOLVED, "valueDateTime": written(event.end)}
        outcome = "resolved" if event.end is not None else "ongoing"
        serious = ("Serious", "Serious") if event.serious else ("Non-serious", "Non-serious")
        stopped = event.led_to_stop and {"url": CAUSED_STOP, "valueBoolean": True}
        return self.add(
            self.resource(
                "AdverseEvent",
                meta={"tag": [coding(codes.ENTERED_IN_ERROR)]} if event.in_error else None,
                extension=[grade, *filter(None, (resolved, stopped))],
                identifier=self.identifier("adverse-events"),
                actuality="actual",
                event=concept((codes.MEDDRA, *event.term)),
                subject=self.subject,
                date=self.moment(event.day),
                seriousness=concept((codes.HL7 + "adverse-event-seriousness", *serious)),
                severity=concept((codes.HL7 + "adverse-event-severity", *severity(event.grade))),
                outcome=concept((codes.HL7 + "adverse-event-outcome", outcome, outcome.capitalize())),
                suspectEntity=suspect and [{"instance": {"reference": suspect}, **causality(event.causality)}],
            )
        )


def causality(assessed):
    """The causality of a suspect by WHO-UMC; nothing where nobody assessed it."""
    if assessed is None:
        return {}
    code = (codes.HL7 + "adverse-event-causality-assess", assessed, assessed.replace("-", "/"))
    return {"causality": [{"assessment": concept(code)}]}


def severity(grade):
    """CTCAE grade -> (code, display) of the severity that R4 requires."""
    return (("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe"))[min(grade, 3) - 1]
