"""How many persons are alike in what an outsider may know of them: k-anonymity (https://doi.org/10.1142/S0218488502001648)."""

from collections import Counter
from typing import NamedTuple

ICD_10 = (
    "http://hl7.org/fhir/sid/icd-10",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://fhir.de/CodeSystem/bfarm/icd-10-gm",
)
UNKNOWN = "unknown"


class Class(NamedTuple):
    """What is the same of those in one class. born: decade. diagnoses: ICD-10, three characters, sorted."""

    born: str
    sex: str
    country: str
    diagnoses: tuple[str, ...]


class Anonymity:
    """Counts persons by Class from the de-identified resources that are added."""

    def __init__(self):
        self._persons = {}  # pseudonym of the Patient -> (born, sex, country)
        self._diagnoses = {}  # pseudonym of the Patient -> {code}

    def add(self, resource):
        """A de-identified resource; only Patients and Conditions count."""
        if resource["resourceType"] == "Patient":
            self._add_patient(resource)
        elif resource["resourceType"] == "Condition":
            patient = resource["subject"]["reference"].removeprefix("Patient/")
            for coding in resource.get("code", {}).get("coding", ()):
                if coding["system"] in ICD_10:
                    self._diagnoses.setdefault(patient, set()).add(coding["code"][:3])

    def _add_patient(self, patient):
        if any(link["type"] == "replaced-by" for link in patient.get("link", ())):
            return  # who it was merged into counts
        born = patient.get("birthDate", "")[:3]
        country = next((each["country"] for each in patient.get("address", ())), UNKNOWN)
        self._persons[patient["id"]] = (f"{born}0s" if born else UNKNOWN, patient.get("gender", UNKNOWN), country)

    def classes(self):
        """Counter of persons by Class."""
        return Counter(
            Class(*told, tuple(sorted(self._diagnoses.get(patient, ())))) for patient, told in self._persons.items()
        )
