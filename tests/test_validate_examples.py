"""Validation of what others made: the examples of the standard, of Synthea and of mCODE."""

import gzip
import json
import tarfile

from mcode import read_mcode

from fhir_registry.content.definitions import load_definitions
from fhir_registry.core.validate import Validator
from fhir_registry.fhir.errors import FhirError
from fhir_registry.fhir.json import parse

VALIDATOR = Validator(load_definitions())

# Faulty by the definitions of the standard: each refers to a type that is not among the targets of the element.
FAULTY_EXAMPLES = {
    "DeviceMetric-example.json": ["DeviceMetric.parent.reference"],
    "DeviceUseStatement-example.json": ["DeviceUseStatement.reasonReference[0].reference"],
    "Observation-clinical-gender.json": ["Observation.performer[0].reference"],
}
# Refused by the reference validator, accepted here: a document with two versions of one resource (which bdl-7 admits)
# and a reference to it that names no version. None of the invariants of R4 forbids that.
NOT_CAUGHT = {"bundle-document-versioned-references-bad.json"}


def read_archive(path):
    with tarfile.open(path) as members:
        return {m.name: members.extractfile(m).read() for m in members if m.isfile()}


def test_official_examples(cases):
    examples = read_archive(cases / "data" / "r4-examples" / "valid.tar.gz")
    assert len(examples) == 448
    refused = {name: [i.expression for i in VALIDATOR.validate(parse(data))] for name, data in examples.items()}
    assert {name: where for name, where in refused.items() if where} == FAULTY_EXAMPLES


def test_official_counter_examples(cases):
    folder = cases / "data" / "r4-examples"
    examples = read_archive(folder / "invalid.tar.gz")
    accepted = set()
    for case in json.loads((folder / "invalid.json").read_text()):
        try:
            if not VALIDATOR.validate(parse(examples[case["file"]])):
                accepted.add(case["file"])
        except FhirError as refusal:
            assert refusal.kind == "malformed"
    assert accepted == NOT_CAUGHT


def test_synthea_bundles(cases):
    bundles = sorted((cases / "data" / "synthea").glob("*.json.gz"))
    assert len(bundles) == 60
    for path in bundles:
        assert VALIDATOR.validate(parse(gzip.decompress(path.read_bytes()))) == [], path.name


def test_mcode_examples():
    """The 179 examples of mCODE, by base R4 and by the profiles of mCODE that they claim."""
    structures = {s["url"]: s for s in read_mcode("package/StructureDefinition").values()}
    validator = Validator(load_definitions(), structures)
    examples = read_mcode("package/example/")
    assert len(examples) == 179
    assert {n: i for n, r in examples.items() if (i := validator.validate(r))} == {}
    issues = {n: validator.validate_profiles(r) for n, r in examples.items()}
    assert {n: i for n, found in issues.items() for i in found if i.severity == "error"} == {}


def test_mcode_profiles_bite():
    structures = {s["url"]: s for s in read_mcode("package/StructureDefinition").values()}
    validator = Validator(load_definitions(), structures)
    example = read_mcode("package/example/")["Observation-tumor-marker-test-her2-jenny-m.json"]
    assert not [i for i in validator.validate_profiles(example) if i.severity == "error"]
    del example["subject"]
    assert [i.expression for i in validator.validate_profiles(example) if i.severity == "error"] == [
        "Observation.subject"
    ]
