"""The official SQL-on-FHIR v2 tests, and what our views add to them (https://sql-on-fhir.org/ig/latest/)."""

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from fhir_registry.content.definitions import load_definitions
from fhir_registry.content.errors import ContentError
from fhir_registry.content.views import compile_view
from fhir_registry.fhir.fhirpath import FhirPathError
from fhir_registry.fhir.json import parse

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("FHIR_REGISTRY_CASES", ROOT.parent / "shared")) / "cases" / "sql-on-fhir"

# Not passed, with the reason.
DEVIATIONS = {
    "repeat/empty expression": "repeats an element that QuestionnaireResponse does not have; we refuse unknown names",
}


def _official():
    for file in sorted(FOLDER.glob("*.json")):
        suite = parse(file.read_bytes())
        for test in suite["tests"]:
            yield pytest.param(suite["resources"], test, id=f"{file.stem}/{test['title']}")


OFFICIAL = list(_official())


def _comparable(value):
    if isinstance(value, list):
        return tuple(_comparable(item) for item in value)
    # True is not 1 here
    return (
        (type(value), value)
        if isinstance(value, bool)
        else Decimal(value)
        if isinstance(value, (int, Decimal))
        else value
    )


def _run(view, resources):
    compiled = compile_view(view, load_definitions(), {})
    rows = [row for r in resources if r["resourceType"] == compiled.resource for row in compiled.rows(r)]
    return [column.name for column in compiled.columns], rows


@pytest.mark.parametrize(("resources", "test"), OFFICIAL)
def test_official(request, resources, test):
    title = request.node.callspec.id
    if title in DEVIATIONS:
        request.applymarker(pytest.mark.xfail(reason=DEVIATIONS[title], strict=True))
    if "expectError" in test:
        with pytest.raises((ContentError, FhirPathError)):
            _run(test["view"], resources)
        return
    names, rows = _run(test["view"], resources)
    if "expectColumns" in test:
        assert names == test["expectColumns"]
    found = Counter(frozenset(zip(names, map(_comparable, row), strict=True)) for row in rows)
    assert found == Counter(frozenset((k, _comparable(v)) for k, v in row.items()) for row in test["expect"])


def test_official_files_are_all_there(cases):
    assert len(list((cases / "cases" / "sql-on-fhir").glob("*.json"))) == 22
    assert len(OFFICIAL) == 134
    assert {case.id for case in OFFICIAL} >= DEVIATIONS.keys()
