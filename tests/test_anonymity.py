"""How many persons are alike: classes counted by hand."""

from fhir_registry.core.anonymity import ICD_10, Anonymity, Class


def patient(id, birth, **members):
    told = {"birthDate": birth, "gender": "female", "address": [{"country": "BE"}]}
    return {"resourceType": "Patient", "id": id, **told, **members}


def condition(patient, *codes, system=ICD_10[0]):
    coding = [{"system": system, "code": code} for code in codes]
    return {"resourceType": "Condition", "subject": {"reference": f"Patient/{patient}"}, "code": {"coding": coding}}


def test_persons_are_counted_by_what_is_the_same():
    found = Anonymity()
    resources = [
        condition("a", "C79.5"),  # the order in which they come does not count
        patient("a", "1961"),
        patient("b", "1969"),
        patient("c", "1961"),
        patient("d", "1959"),
        patient("old", "1961", link=[{"other": {"reference": "Patient/a"}, "type": "replaced-by"}]),
        {"resourceType": "Patient", "id": "e"},
        condition("a", "C50.9", "C50.1"),
        condition("b", "C50.2"),
        condition("b", "C79.8"),
        condition("c", "C50.9"),
        condition("c", "94222008", system="http://snomed.info/sct"),
        {"resourceType": "Condition", "subject": {"reference": "Patient/d"}},
        {"resourceType": "Observation", "code": {"coding": [{"system": ICD_10[0], "code": "C50.9"}]}},
    ]
    for resource in resources:
        found.add(resource)
    assert found.classes() == {
        Class("1960s", "female", "BE", ("C50", "C79")): 2,
        Class("1960s", "female", "BE", ("C50",)): 1,
        Class("1950s", "female", "BE", ()): 1,
        Class("unknown", "unknown", "unknown", ()): 1,
    }
