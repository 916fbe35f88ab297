"""Disguises, and a resource to be told by them."""

from datetime import date

from fhir_registry.core.deidentify import Disguise
from fhir_registry.core.pseudonyms import Pseudonyms

KEY = bytes(range(32))
TODAY = date(2026, 11, 22)
NATIONAL = "https://national.example/id"
BASE = "https://me.example/fhir"
_CONTENT = {("ResearchStudy", "halaven")}


def made_for(rules, purpose, site="klinik-a", key=KEY):
    """The Disguise of a site for a purpose."""
    pseudonyms = Pseudonyms(key, purpose, site)
    return Disguise(rules, pseudonyms, frozenset({NATIONAL}), lambda *place: place in _CONTENT, BASE, TODAY)


def observation(**members):
    """Of Patient p1."""
    code = {"coding": [{"system": "http://loinc.org", "code": "97509-4", "display": "Response"}]}
    subject = {"reference": "Patient/p1"}
    return {"resourceType": "Observation", "id": "o1", "status": "final", "code": code, "subject": subject, **members}
