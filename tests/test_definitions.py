"""What the standard's pages say about its own types, asked of the extract."""

import gzip
import importlib.util
from pathlib import Path

import pytest

from fhir_registry.content.definitions import load_definitions

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def definitions():
    return load_definitions()


def test_sizes_of_the_standard(definitions):
    """https://hl7.org/fhir/R4/resourcelist.html lists 146 concrete resources with Parameters, Binary and Bundle."""
    assert definitions.version == "4.0.1"
    assert len(definitions.resource_types) == 146
    assert {"Patient", "Bundle", "MeasureReport", "ResearchSubject"} <= definitions.resource_types
    assert not {"Resource", "DomainResource", "MetadataResource"} & definitions.resource_types


@pytest.mark.parametrize(
    ("type_name", "element", "low", "high", "types"),
    [
        ("Patient", "id", 0, 1, ("id",)),
        ("Patient", "name", 0, None, ("HumanName",)),
        ("Patient", "deceased", 0, 1, ("boolean", "dateTime")),
        ("Patient", "contact", 0, None, ("Patient.contact",)),
        ("Patient.contact", "period", 0, 1, ("Period",)),
        ("Patient.contact", "modifierExtension", 0, None, ("Extension",)),
        ("Patient", "contained", 0, None, ("Resource",)),
        ("HumanName", "given", 0, None, ("string",)),
        ("Extension", "url", 1, 1, ("uri",)),
        ("Element", "id", 0, 1, ("string",)),
        ("Questionnaire.item", "item", 0, None, ("Questionnaire.item",)),
        ("Observation.component", "referenceRange", 0, None, ("Observation.referenceRange",)),
        ("Bundle.entry", "resource", 0, 1, ("Resource",)),
        ("Age", "value", 0, 1, ("decimal",)),
    ],
)
def test_element(definitions, type_name, element, low, high, types):
    found = definitions.types[type_name].elements[element]
    assert (found.name, found.min, found.max, found.types) == (element, low, high, types)
    assert found.choice == (element == "deceased")


def test_open_choice_has_fifty_types(definitions):
    """https://hl7.org/fhir/R4/datatypes.html#open lists 50."""
    assert len(definitions.types["Extension"].elements["value"].types) == 50


def test_reference_targets(definitions):
    patient = definitions.types["Patient"].elements
    assert set(patient["generalPractitioner"].targets) == {"Organization", "Practitioner", "PractitionerRole"}
    assert definitions.types["Observation"].elements["focus"].targets == ()  # Reference(Any)


def test_every_type_and_target_is_defined(definitions):
    elements = [e for t in definitions.types.values() for e in t.elements.values()]
    assert {name for e in elements for name in (*e.types, *e.targets)} <= definitions.types.keys()


def test_required_bindings_that_are_held(definitions):
    url = definitions.types["Patient"].elements["gender"].binding
    assert {code for _, code in definitions.value_sets[url]} == {"male", "female", "other", "unknown"}
    status = definitions.types["Condition"].elements["clinicalStatus"].binding
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    codes = {"active", "recurrence", "relapse", "inactive", "remission", "resolved"}
    assert definitions.value_sets[status] == {(system, code) for code in codes}
    assert definitions.types["Attachment"].elements["contentType"].binding is None  # mime types are not HL7's


def test_only_codes_of_hl7(definitions):
    systems = {system for codes in definitions.value_sets.values() for system, _ in codes}
    assert all(s.startswith(("http://hl7.org/fhir/", "http://terminology.hl7.org/CodeSystem/")) for s in systems)


def test_constraints(definitions):
    keys = {c.key: c for c in definitions.types["Observation"].constraints}
    assert keys["obs-6"].expression == "dataAbsentReason.empty() or value.empty()"
    (contact,) = definitions.types["Patient"].elements["contact"].constraints
    assert contact.key == "pat-1"


def test_search_parameters(definitions):
    by_base = {(base, p["code"]): p for p in definitions.search_parameters for base in p["base"]}
    assert by_base["Patient", "birthdate"]["type"] == "date"
    assert set(by_base["Observation", "subject"]["target"]) == {"Group", "Device", "Patient", "Location"}
    composite = by_base["Observation", "code-value-quantity"]["component"]
    assert [c["expression"] for c in composite] == ["code", "value.as(Quantity)"]
    # The package has examples of the same base and code, and one that gives Patient a parameter.
    for base, code in (("Resource", "_id"), ("Condition", "subject")):
        assert by_base[base, code]["url"] == f"http://hl7.org/fhir/SearchParameter/{base}-{code.removeprefix('_')}"
    assert ("Patient", "part-agree") not in by_base


def test_compartments(definitions):
    """https://hl7.org/fhir/R4/compartmentdefinition-patient.html and those beside it"""
    assert definitions.compartments.keys() == {"Device", "Encounter", "Patient", "Practitioner", "RelatedPerson"}
    patient = definitions.compartments["Patient"]
    assert patient["Observation"] == ("subject", "performer")
    assert patient["Patient"] == ("link",)
    assert "Medication" not in patient
    assert definitions.compartments["Encounter"]["Encounter"] == ("_id",)
    assert definitions.compartments["Device"]["Observation"] == ("subject", "device")
    assert definitions.compartments["Practitioner"]["Encounter"] == ("practitioner", "participant")
    assert definitions.compartments["RelatedPerson"]["Patient"] == ("link",)


def test_components_are_corrected(definitions):
    by_url = {p["url"].rpartition("/")[2]: p for p in definitions.search_parameters}
    relationship = by_url["DocumentReference-relationship"]["component"]
    assert [(c["definition"].rpartition("-")[2], c["expression"]) for c in relationship] == [
        ("relatesto", "target"),
        ("relation", "code"),
    ]
    assert by_url["Observation-code-value-date"]["component"][1]["expression"].startswith("value.as(dateTime)")


def test_the_builder_writes_what_is_read():
    """The builder on the least package that has each thing once."""
    spec = importlib.util.spec_from_file_location("build_definitions", ROOT / "tools" / "build_definitions.py")
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    element = {"resourceType": "StructureDefinition", "name": "Element", "kind": "complex-type", "abstract": True}
    element["snapshot"] = {"element": [{"path": "Element", "min": 0, "max": "*"}]}
    name = {"path": "Thing.name[x]", "min": 1, "max": "1", "base": {"path": "Thing.name[x]"}}
    name |= {"type": [{"code": "code"}], "binding": {"strength": "required", "valueSet": "http://hl7.org/fhir/v|4.0.1"}}
    thing = {"resourceType": "StructureDefinition", "name": "Thing", "kind": "complex-type", "abstract": False}
    thing |= {"baseDefinition": "http://hl7.org/fhir/StructureDefinition/Element"}
    thing["snapshot"] = {"element": [{"path": "Thing", "min": 0, "max": "*"}, name]}
    system = {"resourceType": "CodeSystem", "url": "http://hl7.org/fhir/s", "content": "complete"}
    system["concept"] = [{"code": "b", "concept": [{"code": "a"}]}]
    value_set = {"resourceType": "ValueSet", "url": "http://hl7.org/fhir/v"}
    value_set["compose"] = {"include": [{"system": "http://hl7.org/fhir/s"}]}
    parameter = {"resourceType": "SearchParameter", "url": "u", "code": "c", "type": "token", "base": ["Thing"]}
    compartment = {"resourceType": "CompartmentDefinition", "url": "http://x/patient", "code": "Thing"}
    compartment["resource"] = [{"code": "Thing", "param": ["{def}", "c"]}, {"code": "Other"}]
    data = builder.build([thing, element, system, value_set, parameter, compartment])
    assert data == (
        b'{"version":"4.0.1","types":{"Element":[null,"complex-type",true,[],{}],'
        b'"Thing":["Element","complex-type",false,[],'
        b'{"name":[1,1,["code"],[],"http://hl7.org/fhir/v",true,[],0]}]},"constraints":[],'
        b'"value_sets":{"http://hl7.org/fhir/v":{"http://hl7.org/fhir/s":["a","b"]}},'
        b'"search_parameters":[{"url":"u","code":"c","type":"token","base":["Thing"]}],'
        b'"compartments":{"Thing":{"Thing":["_id","c"]}}}'
    )


def test_the_artefact_has_no_time_stamp():
    path = ROOT / "fhir_registry" / "content" / "r4.json.gz"
    assert path.read_bytes()[4:8] == bytes(4)  # RFC 1952, MTIME
    assert gzip.decompress(path.read_bytes()).startswith(b'{"version":"4.0.1"')


@pytest.mark.parametrize(
    ("type_name", "element", "summary"),
    [
        ("Patient", "birthDate", True),  # https://hl7.org/fhir/R4/patient.html: flag Σ
        ("Patient", "photo", False),
        ("Observation", "component", True),
        ("Observation.component", "interpretation", False),
        ("Attachment", "data", False),
        ("DomainResource", "text", False),
    ],
)
def test_elements_of_a_summary(definitions, type_name, element, summary):
    assert definitions.types[type_name].elements[element].summary is summary
