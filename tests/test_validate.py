"""Base R4 validation: a row for each rule (https://hl7.org/fhir/R4/validation.html)."""

import copy
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_registry.content.definitions import load_definitions
from fhir_registry.core.structure import MAX_PROBLEMS
from fhir_registry.core.validate import Validator
from fhir_registry.fhir.json import parse

VALIDATOR = Validator(load_definitions())


def patient(members):
    return '{"resourceType":"Patient",' + members + "}"


def observation(members):
    return '{"resourceType":"Observation","status":"final","code":{"text":"x"},' + members + "}"


def condition(members):
    return '{"resourceType":"Condition","subject":{"reference":"Patient/1"},' + members + "}"


def narrative(content):
    return patient('"text":{"status":"generated","div":"' + content.replace('"', '\\"') + '"}')


def bundle(bundle_type, entry, more=""):
    return '{"resourceType":"Bundle","type":"' + bundle_type + '",' + more + '"entry":[' + entry + "]}"


def status(system, code):
    return '{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/' + system + '","code":"' + code + '"}]}'


CLINICAL, VERIFICATION = "condition-clinical", "condition-ver-status"
ORGANIZATION = '"contained":[{"resourceType":"Organization","id":"o","name":"x"%s}]'

GOOD = [
    patient('"active":true'),
    patient('"_birthDate":{"extension":[{"url":"http://x.org/e","valueCode":"unknown"}]}'),
    patient('"name":[{"given":["A",null],"_given":[null,{"extension":[{"url":"http://x.org/e","valueInteger":1}]}]}]'),
    patient('"name":[{"given":["A","B"],"_given":[null,{"id":"b"}]}]'),
    patient('"birthDate":"2024-02-29"'),
    patient('"birthDate":"2024"'),
    patient('"deceasedDateTime":"2024-02-29T23:59:60Z"'),
    patient('"managingOrganization":{"reference":"#o"},' + ORGANIZATION % ""),
    patient('"managingOrganization":{"reference":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"}'),
    patient('"managingOrganization":{"reference":"https://h.org/fhir/Organization/1/_history/2"}'),
    patient('"managingOrganization":{"reference":"Organization?identifier=s|1"}'),
    patient('"managingOrganization":{"reference":"https://h.org/clinics/7"}'),
    patient('"extension":[{"url":"http://x.org/e","extension":[{"url":"part","valueBoolean":false}]}]'),
    patient(
        '"extension":[{"url":"http://x.org/e","_valueString":{"extension":[{"url":"http://x.org/f","valueUri":"a"}]}}]'
    ),
    patient('"name":[{"id":"a","text":"x"},{"id":"b","text":"x"}]'),
    patient('"name":[{"period":{"start":"2020-05-10","end":"2020-05"}}]'),
    patient('"name":[{"period":{"start":"2020-05-10T23:30:00-10:00","end":"2020-05-10"}}]'),
    patient('"photo":[{"contentType":"image/png","data":"QUJD\\nREVG"}]'),
    observation('"valueQuantity":{"value":1.10e-3,"system":"http://unitsofmeasure.org","code":"mg"}'),
    observation('"valueInteger":-2147483648'),
    observation('"dataAbsentReason":{"text":"lost"}'),
    observation('"focus":[{"reference":"Slot/1"}]'),
    observation('"_valueString":{"extension":[{"url":"http://x.org/e","valueCode":"masked"}]},"valueString":"x"'),
    '{"resourceType":"Observation","_status":{"extension":[{"url":"http://x.org/e","valueCode":"u"}]},"code":{"text":"x"}}',
    condition('"clinicalStatus":' + status(CLINICAL, "resolved") + ',"abatementString":"last year"'),
    condition('"verificationStatus":' + status(VERIFICATION, "entered-in-error")),
    narrative('<div xmlns="http://www.w3.org/1999/xhtml"><p style="color:red">5&nbsp;&lt;&#160;6</p><!-- c --></div>'),
    narrative('<div><a href="http://x.org">x</a><img src="data:image/png;base64,AA==" alt="x"/></div>'),
    bundle("batch", '{"request":{"method":"GET","url":"Patient/1"}}'),
    bundle(
        "collection",
        '{"fullUrl":"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0","resource":' + patient('"id":"1"') + "}",
    ),
]

# What was sent, and the locations of what is wrong with it.
BAD = [
    # names
    (patient('"nom":"x"'), ["Patient.nom"]),
    (patient('"fhir_comments":["x"]'), ["Patient.fhir_comments"]),
    (patient('"name":[{"resourceType":"HumanName","text":"x"}]'), ["Patient.name[0].resourceType"]),
    (patient('"contact":[{"name":{"fist":"x"}}]'), ["Patient.contact[0].name.fist"]),
    (patient('"_text":{"id":"a","extension":[]}'), ["Patient._text"]),
    ('{"resourceType":"Paitent"}', ["Paitent.resourceType"]),
    ('{"resourceType":["Patient"]}', ["Resource.resourceType"]),
    ('{"id":"1"}', ["Resource.resourceType"]),
    ("[]", ["Resource"]),
    ('"x"', ["Resource"]),
    (patient('"contained":[{"resourceType":"FooType","id":"a"}]'), ["Patient.contained[0].resourceType",
     "Patient.contained[0]"]),
    (bundle("collection", '{"resource":{"resourceType":"FooType"}}'), ["Bundle.entry[0].resource.resourceType"]),
    (bundle("collection", '{"resource":"x"}'), ["Bundle.entry[0].resource"]),
    # cardinality, arrays and objects
    ('{"resourceType":"Observation"}', ["Observation.status", "Observation.code"]),
    ('{"resourceType":"MedicationAdministration","status":"completed","subject":{"reference":"Patient/1"}}',
     ["MedicationAdministration.medication", "MedicationAdministration.effective"]),
    (patient('"communication":[{"preferred":true}]'), ["Patient.communication[0].language"]),
    (patient('"contained":[{"resourceType":"Observation","id":"a","status":"final","subject":{"reference":"#"}}]'),
     ["Patient.contained[0].code"]),
    (patient('"name":{"text":"x"}'), ["Patient.name"]),
    (patient('"gender":["male"]'), ["Patient.gender"]),
    (patient('"maritalStatus":"M"'), ["Patient.maritalStatus"]),
    (patient('"maritalStatus":[{"text":"x"}]'), ["Patient.maritalStatus"]),
    (patient('"name":[["x"]]'), ["Patient.name[0]"]),
    (patient('"name":[]'), ["Patient.name"]),
    (patient('"name":[{}]'), ["Patient.name[0]"]),
    (patient('"name":[null]'), ["Patient.name[0]"]),
    (patient('"name":[{"id":"a"}]'), ["Patient.name[0]"]),
    (patient('"text":{}'), ["Patient.text.status", "Patient.text.div", "Patient.text"]),
    (patient('"gender":null'), ["Patient.gender"]),
    (patient('"meta":null'), ["Patient.meta"]),
    (patient('"name":[{"family":""}]'), ["Patient.name[0].family"]),
    # primitives
    (patient('"active":"true"'), ["Patient.active"]),
    (patient('"active":1'), ["Patient.active"]),
    (patient('"multipleBirthInteger":2.0'), ["Patient.multipleBirthInteger"]),
    (patient('"multipleBirthInteger":true'), ["Patient.multipleBirthInteger"]),
    (patient('"multipleBirthInteger":2147483648'), ["Patient.multipleBirthInteger"]),
    (patient('"name":[{"given":["A",5]}]'), ["Patient.name[0].given[1]"]),
    (patient('"name":[{"family":{"text":"x"}}]'), ["Patient.name[0].family"]),
    (patient('"birthDate":"2023-02-30"'), ["Patient.birthDate"]),
    (patient('"birthDate":"2023-02-29"'), ["Patient.birthDate"]),
    (patient('"birthDate":"2023-13"'), ["Patient.birthDate"]),
    (patient('"birthDate":"0000"'), ["Patient.birthDate"]),
    (patient('"birthDate":"23"'), ["Patient.birthDate"]),
    (patient('"birthDate":"2023-01-01T00:00:00Z"'), ["Patient.birthDate"]),
    (patient('"birthDate":"2023-01-01\\n"'), ["Patient.birthDate"]),
    (patient('"birthDate":"２０２３"'), ["Patient.birthDate"]),
    (patient('"deceasedDateTime":"2023-01-01T10:00:00"'), ["Patient.deceasedDateTime"]),
    (patient('"deceasedDateTime":"2023-01-01T10:00Z"'), ["Patient.deceasedDateTime"]),
    (patient('"deceasedDateTime":"2023-01-01T24:00:00Z"'), ["Patient.deceasedDateTime"]),
    (patient('"deceasedDateTime":"2023-01-01T10:00:00+15:00"'), ["Patient.deceasedDateTime"]),
    (patient('"deceasedDateTime":"2023-04-31T10:00:00Z"'), ["Patient.deceasedDateTime"]),
    (observation('"issued":"2023-01-01"'), ["Observation.issued"]),
    (observation('"issued":"2023-01-01T10:00:00"'), ["Observation.issued"]),
    (observation('"valueTime":"25:00:00"'), ["Observation.valueTime"]),
    (observation('"valueTime":"10:00"'), ["Observation.valueTime"]),
    (observation('"valueQuantity":{"value":"1.5"}'), ["Observation.valueQuantity.value"]),
    (observation('"valueQuantity":{"value":true}'), ["Observation.valueQuantity.value"]),
    (patient('"id":"' + "a" * 65 + '"'), ["Patient.id"]),
    (patient('"id":"a_b"'), ["Patient.id"]),
    (patient('"id":""'), ["Patient.id"]),
    (patient('"id":5'), ["Patient.id"]),
    (patient('"implicitRules":"http://x.org/a b"'), ["Patient.implicitRules"]),
    (patient('"language":" de"'), ["Patient.language"]),
    (patient('"language":"de "'), ["Patient.language"]),
    (patient('"language":"de  at"'), ["Patient.language"]),
    (patient('"photo":[{"contentType":"image/png","data":"%%%"}]'), ["Patient.photo[0].data"]),
    (patient('"photo":[{"contentType":"image/png","data":"QUJ"}]'), ["Patient.photo[0].data"]),
    (patient('"photo":[{"contentType":"image/png","data":"Q=JD"}]'), ["Patient.photo[0].data"]),
    (patient('"telecom":[{"rank":0}]'), ["Patient.telecom[0].rank"]),
    (patient('"photo":[{"size":-1}]'), ["Patient.photo[0].size"]),
    (patient('"extension":[{"url":"http://x.org/e","valueOid":"urn:oid:3.1"}]'), ["Patient.extension[0].valueOid"]),
    (patient('"extension":[{"url":"http://x.org/e","valueUuid":"urn:uuid:1"}]'), ["Patient.extension[0].valueUuid"]),
    # twins
    (patient('"name":[{"given":["A",null]}]'), ["Patient.name[0].given[1]"]),
    (patient('"name":[{"given":["A",null],"_given":[null,null]}]'),
     ["Patient.name[0].given[1]", "Patient.name[0].given[1]"]),

        (patient('"name":[{"given":["A"],"_given":[{"id":"a"},{"id":"b","extension":[{"url":"http://x.org/e","valueCode":"u"}]}]}]'),
     ["Patient.name[0].given"]),
    (patient('"name":[{"given":["A"],"_given":{"id":"a"}}]'), ["Patient.name[0].given"]),
    (patient('"birthDate":"2020","_birthDate":"x"'), ["Patient.birthDate"]),
    (patient('"_birthDate":{"valueString":"x","id":"a"}'), ["Patient.birthDate.valueString"]),
    (patient('"_birthDate":{"id":"a"}'), ["Patient.birthDate"]),
    (patient('"_birthDate":{}'), ["Patient.birthDate"]),
    (patient('"_birthDate":null'), ["Patient.birthDate"]),
    # choices
    (patient('"deceasedBoolean":true,"deceasedDateTime":"2020"'), ["Patient.deceasedDateTime"]),
    (patient('"deceasedBoolean":true,"_deceasedDateTime":{"extension":[{"url":"http://x.org/e","valueCode":"u"}]}'),
     ["Patient.deceasedDateTime"]),
    (patient('"deceasedString":"x"'), ["Patient.deceasedString"]),
    (patient('"deceased":true'), ["Patient.deceased"]),
    # bindings
    (patient('"gender":"M"'), ["Patient.gender"]),
    (patient('"gender":"Male"'), ["Patient.gender"]),

        (observation('"referenceRange":[{"text":"x"}],"component":[{"code":{"text":"x"},"valueQuantity":{"comparator":"=<","value":1}}]'),
     ["Observation.component[0].valueQuantity.comparator"]),
    (condition('"clinicalStatus":{"text":"active"}'), ["Condition.clinicalStatus"]),
    (condition('"clinicalStatus":{"coding":[{"code":"active"}]}'), ["Condition.clinicalStatus"]),
    (condition('"clinicalStatus":' + status(CLINICAL, "gone")), ["Condition.clinicalStatus"]),
    (condition('"clinicalStatus":{"id":"a","text":"x"}'), ["Condition.clinicalStatus"]),
    (condition('"clinicalStatus":{"coding":[{"id":"a","code":"active"}]}'), ["Condition.clinicalStatus"]),
    ('{"resourceType":"Invoice","status":"draft","totalNet":{"value":1,"currency":"eur"}}',
     ["Invoice.totalNet.currency"]),
    # references and contained resources
    (observation('"subject":{"reference":"Condition/1"}'), ["Observation.subject.reference"]),
    (observation('"subject":{"reference":"https://h.org/fhir/Condition/1"}'), ["Observation.subject.reference"]),
    (observation('"subject":{"reference":"Condition?code=x"}'), ["Observation.subject.reference"]),
    (observation('"focus":[{"reference":"Foo/1"}]'), ["Observation.focus[0].reference"]),
    (observation('"focus":[{"reference":"Patient/a_b"}]'), ["Observation.focus[0].reference"]),
    (observation('"subject":{"id":"r","reference":"Condition/1"}'), ["Observation.subject.reference"]),
    (patient('"managingOrganization":{"reference":"#p"}'), ["Patient.managingOrganization.reference"]),
    (patient('"managingOrganization":{"reference":"#p"},' + ORGANIZATION % ""),
     ["Patient.managingOrganization.reference", "Patient.contained[0]"]),
    (patient(ORGANIZATION % ""), ["Patient.contained[0]"]),
    (patient('"managingOrganization":{"reference":"#o"},' + ORGANIZATION % ',"meta":{"versionId":"1"}'),
     ["Patient.contained[0].meta.versionId"]),
    (patient('"managingOrganization":{"reference":"#o"},'
     + ORGANIZATION % ',"contained":[{"resourceType":"Basic","id":"b","code":{"text":"x"}}]'),
     ["Patient.contained[0].contained"]),
    (patient('"managingOrganization":{"reference":"#o"},"contained":[{"resourceType":"Organization","id":"o","name":"x"},'
     '{"resourceType":"Organization","id":"o","name":"y"}]'), ["Patient.contained[0].id", "Patient.contained[1].id"]),
    (patient('"contained":[{"resourceType":"Basic","code":{"text":"x"}}]'), ["Patient.contained[0].id"]),
    (patient('"name":[{"id":"a","text":"x"},{"id":"a","text":"x"}]'), ["Patient.name[1].id"]),
    # extensions
    (patient('"extension":[{"valueString":"x"}]'), ["Patient.extension[0].url"]),
    (patient('"extension":[{"url":"relative","valueString":"x"}]'), ["Patient.extension[0].url"]),
    (patient('"extension":[{"url":"http://x.org/e"}]'), ["Patient.extension[0]"]),
    (patient('"extension":[{"url":"http://x.org/e","valueCode":"x","extension":[{"url":"p","valueCode":"x"}]}]'),
     ["Patient.extension[0]"]),
    (patient('"extension":[{"url":"http://x.org/e","value":"x"}]'), ["Patient.extension[0].value",
     "Patient.extension[0]"]),
    # narrative
    (patient('"text":{"status":"generated"}'), ["Patient.text.div"]),
    (narrative("plain"), ["Patient.text.div"]),
    (narrative("<p>x</p>"), ["Patient.text.div"]),
    (narrative("<div><p>x</div>"), ["Patient.text.div"]),
    (narrative("<div>x</div><div>y</div>"), ["Patient.text.div"]),
    (narrative("<div>&madeup;</div>"), ["Patient.text.div"]),
    (narrative("<div><script>x</script></div>"), ["Patient.text.div"]),
    (narrative("<div><SCRIPT>x</SCRIPT></div>"), ["Patient.text.div"]),
    (narrative('<div><p onclick="x">x</p></div>'), ["Patient.text.div"]),
    (narrative('<div><a href=" java&#10;script:x">x</a></div>'), ["Patient.text.div"]),
    (narrative('<div><img src="data:text/html,x" alt="x"/></div>'), ["Patient.text.div"]),
    (narrative("<div><form><p>x</p></form></div>"), ["Patient.text.div"]),
    (narrative('<div xmlns="http://www.w3.org/2000/svg">x</div>'), ["Patient.text.div"]),
    (narrative('<!DOCTYPE div [<!ENTITY a "b">]><div>&a;</div>'), ["Patient.text.div"]),
    (narrative('<div><?php x ?></div>'), ["Patient.text.div"]),
    # invariants
    (observation('"valueString":"x","dataAbsentReason":{"text":"lost"}'), ["Observation"]),
    ('{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://s.org","code":"1"}]},'
     '"valueString":"x","component":[{"code":{"coding":[{"system":"http://s.org","code":"1"}]},"valueString":"y"}]}',
     ["Observation"]),
    (observation('"referenceRange":[{"appliesTo":[{"text":"x"}]}]'), ["Observation.referenceRange[0]"]),
    (observation('"effectivePeriod":{"start":"2020-05-11","end":"2020-05-10"}'), ["Observation.effectivePeriod"]),
    (observation('"effectivePeriod":{"start":"2020-05-10T12:00:00Z","end":"2020-05-10T13:00:00+02:00"}'),
     ["Observation.effectivePeriod"]),
    (observation('"valueQuantity":{"value":1,"code":"mg"}'), ["Observation.valueQuantity"]),
    (observation('"valueRange":{"low":{"value":2},"high":{"value":1}}'), ["Observation.valueRange"]),
    (observation('"valueRatio":{"numerator":{"value":2}}'), ["Observation.valueRatio"]),
    (patient('"photo":[{"data":"QUJD"}]'), ["Patient.photo[0]"]),
    (patient('"telecom":[{"value":"1"}]'), ["Patient.telecom[0]"]),
    (patient('"contact":[{"gender":"male"}]'), ["Patient.contact[0]"]),
    (condition('"abatementDateTime":"2020","clinicalStatus":' + status(CLINICAL, "active")), ["Condition"]),
    (condition('"clinicalStatus":' + status(CLINICAL, "active") + ',"verificationStatus":' + status(VERIFICATION,
     "entered-in-error")),
     ["Condition"]),
    (condition('"stage":[{"type":{"text":"x"}}]'), ["Condition.stage[0]"]),
    ('{"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/1"}}', ["AllergyIntolerance"]),
    ('{"resourceType":"Organization","active":true}', ["Organization"]),
    ('{"resourceType":"MedicationAdministration","status":"completed","subject":{"reference":"Patient/1"},'
     '"effectiveDateTime":"2020","medicationCodeableConcept":{"text":"x"},"dosage":{"text":"x"}}',
     ["MedicationAdministration.dosage"]),
    # bundles
    (bundle("collection", '{"fullUrl":"Patient/1","resource":' + patient('"id":"1"') + "}"), ["Bundle.entry[0]"]),
    (bundle("collection", '{"fullUrl":"http://h.org/Patient/1/_history/1","resource":' + patient('"id":"1"')
     + "}"), ["Bundle.entry[0]"]),
    (bundle("collection", ",".join(['{"fullUrl":"http://h.org/Patient/1","resource":' + patient('"id":"1"')
     + "}"] * 2)), ["Bundle"]),
    (bundle("collection", '{"link":[{"relation":"a","url":"x"}]}'), ["Bundle.entry[0]"]),
    (bundle("transaction", '{"resource":' + patient('"id":"1"') + "}"), ["Bundle"]),
    (bundle("transaction", '{"request":{"method":"FETCH","url":"Patient"}}'), ["Bundle.entry[0].request.method"]),
    (bundle("collection", '{"resource":' + patient('"id":"1"') + '}', '"total":1,'), ["Bundle"]),
    (bundle("collection", '{"resource":' + patient('"id":"1"') + '}',
     '"link":[{"relation":"self","url":"x"},{"relation":"self","url":"y"}],'),
     ["Bundle"]),
    (bundle("message", '{"fullUrl":"http://h.org/Patient/1","link":[{"relation":"a","url":"x"}]}'),
     ["Bundle.entry[0]", "Bundle"]),
    ('{"resourceType":"Bundle","type":"document","timestamp":"2020-01-01T00:00:00Z",'
     '"identifier":{"system":"s:s","value":"1"}}', ["Bundle"]),
    (bundle("message", '{"resource":' + patient('"id":"1"') + "}"), ["Bundle"]),
    (bundle("collection", '{"resource":' + patient('"id":"1"') + '},{"resource":'
     + patient('"birthDate":"1.1.2020"') + "}"),
     ["Bundle.entry[1].resource.birthDate"]),
]  # fmt: skip


def locate(text):
    return [issue.expression for issue in VALIDATOR.validate(parse(text.encode()))]


@pytest.mark.parametrize("text", GOOD)
def test_accepted(text):
    assert VALIDATOR.validate(parse(text.encode())) == []


@pytest.mark.parametrize(("text", "locations"), BAD)
def test_refused(text, locations):
    assert locate(text) == locations


def test_every_issue_is_complete():
    issues = [issue for text, _ in BAD for issue in VALIDATOR.validate(parse(text.encode()))]
    codes = {"structure", "required", "value", "invariant", "code-invalid", "not-found", "extension"}
    assert {i.code for i in issues} == codes  # https://hl7.org/fhir/R4/valueset-issue-type.html
    assert all(i.severity == "error" and i.message.startswith(i.expression + ": ") for i in issues)
    assert max(len(i.message) for i in issues) < 400


def test_long_strings():
    """https://hl7.org/fhir/R4/datatypes.html#string: not more than 1024*1024 characters."""
    assert locate(patient('"name":[{"text":"' + "a" * 1024 * 1024 + '"}]')) == []
    assert locate(patient('"name":[{"text":"' + "a" * (1024 * 1024 + 1) + '"}]')) == ["Patient.name[0].text"]


def test_path_replaces_the_root():
    (issue,) = VALIDATOR.validate(parse(patient('"gender":"M"').encode()), "Bundle.entry[6].resource")
    assert issue.expression == "Bundle.entry[6].resource.gender"


def test_depth_is_bounded():
    extension = {"url": "http://x.org/e", "valueCode": "x"}
    for _ in range(5000):
        extension = {"url": "http://x.org/e", "extension": [extension]}
    (issue,) = VALIDATOR.validate({"resourceType": "Patient", "extension": [extension]})
    assert (issue.expression, issue.code) == ("Patient", "too-costly")


def test_number_of_issues_is_bounded():
    assert len(locate(patient(",".join(f'"x{n}":1' for n in range(MAX_PROBLEMS + 1))))) == MAX_PROBLEMS
    assert len(locate(patient('"name":[' + ",".join(["{}"] * (MAX_PROBLEMS + 1)) + "]"))) == MAX_PROBLEMS


def test_ids_are_not_issues_by_their_number():
    names = [f'{{"id":"n{n}","text":"x"}}' for n in range(MAX_PROBLEMS)]
    assert locate(patient('"name":[' + ",".join(names) + "]")) == []
    assert locate(patient('"name":[' + ",".join([*names, "{}"]) + "]")) == [f"Patient.name[{MAX_PROBLEMS}]"]


def test_resources_made_here_are_accepted():
    """Not only what was parsed: Decimal and float are numbers too."""
    resource = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    assert VALIDATOR.validate(resource | {"valueQuantity": {"value": Decimal("1.5")}}) == []
    assert VALIDATOR.validate(resource | {"valueQuantity": {"value": 1.5}}) == []


JSON = st.recursive(
    st.sampled_from([None, True, 0, 1.5, "", "x", "#", "2020", {}, []]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "code", "value", "x"]), inner),
    max_leaves=4,
)


def places(value):
    """(owner, key) of every member and item in a JSON value."""
    if isinstance(value, (dict, list)):
        for key, member in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from places(member)


@pytest.mark.parametrize("entry", ['"entry":[]', '"entry":{}', '"entry":[null]', '"entry":1'])
@pytest.mark.parametrize("bundle_type", ["message", "document"])
def test_a_bundle_with_a_wrong_shape_is_told_so(bundle_type, entry):
    found = VALIDATOR.validate(parse(f'{{"resourceType":"Bundle","type":"{bundle_type}",{entry}}}'.encode()))
    assert any(issue.code == "structure" and issue.expression.startswith("Bundle.entry") for issue in found)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*GOOD, *(text for text, _ in BAD)]), st.data())
def test_never_raises(text, data):
    """Whatever stands where another value stood, the answer is a list of issues within the resource."""
    resource = copy.deepcopy(parse(text.encode()))
    if found := list(places(resource)):
        owner, key = data.draw(st.sampled_from(found))
        owner[key] = data.draw(JSON)
    assert all(issue.severity == "error" and issue.expression for issue in VALIDATOR.validate(resource))
