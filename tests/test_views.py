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


# --- beyond the standard ----------------------------------------------------------------------------


class Reversing:
    """Stands where a ConceptMap does: gives the first code, reversed."""

    def translate(self, values):
        return values[0]["coding"][0]["code"][::-1]


def _view(*columns, **more):
    select = [{"column": [{"name": name, "path": path, "type": type_} for name, path, type_ in columns]}]
    return {"name": "v", "resource": "Patient", "select": select, **more}


def test_a_concept_map_column_holds_the_code_of_the_map():
    view = _view(("id", "id", "id"), ("drug", "maritalStatus", "code"))
    view["select"][0]["column"][1]["tag"] = [{"name": "concept-map", "value": "http://map"}]
    compiled = compile_view(view, load_definitions(), {"http://map": Reversing()})
    assert compiled.columns[1] == ("drug", "code", False)
    married = {"resourceType": "Patient", "id": "1", "maritalStatus": {"coding": [{"code": "AB"}]}}
    assert compiled.rows(married) == [("1", "BA")]
    assert compiled.rows({"resourceType": "Patient", "id": "2"}) == [("2", None)]
    with pytest.raises(ContentError, match="'http://map' is not known"):
        compile_view(view, load_definitions(), {})


def test_a_concept_map_column_of_numbers_or_of_all_codes():
    view = _view(("grade", "maritalStatus", "integer"), ("all", "communication.language", "code"))
    for column in view["select"][0]["column"]:
        column["tag"] = [{"name": "concept-map", "value": "http://map"}]
    view["select"][0]["column"][1]["collection"] = True
    compiled = compile_view(view, load_definitions(), {"http://map": Reversing()})
    assert compiled.columns == (("grade", "integer", False), ("all", "code", True))

    def row(status, *languages):
        communication = [{"language": {"coding": [{"code": code}]}} for code in languages]
        patient = {"resourceType": "Patient", "maritalStatus": {"coding": [{"code": status}]}}
        return compiled.rows(patient | {"communication": communication} if languages else patient)

    assert row("21", "ed", "rf", "ed") == [(12, ["de", "fr"])]
    assert row("x1") == [(None, [])]  # the code is no number


def test_several_values_are_an_error_or_none():
    view = _view(("id", "id", "id"), ("family", "name.family", "string"))
    view["where"] = [{"path": "name.exists(use = 'official') or name.use = 'usual'"}]
    compiled = compile_view(view, load_definitions(), {})
    patient = {"resourceType": "Patient", "id": "1", "name": [{"use": "official", "family": f} for f in "ab"]}
    with pytest.raises(FhirPathError):
        compiled.rows(patient)
    assert compiled.readable().rows(patient) == [("1", None)]
    assert compiled.readable() is compiled.readable()


def test_row_index_comes_back_after_an_inner_iteration():
    view = {
        "name": "v",
        "resource": "Patient",
        "select": [
            {
                "forEach": "name",
                "select": [
                    {"forEach": "given", "column": [{"name": "given", "path": "%rowIndex"}]},
                    {"column": [{"name": "name", "path": "%rowIndex"}]},
                ],
            }
        ],
    }
    compiled = compile_view(view, load_definitions(), {})
    assert [column.type for column in compiled.columns] == ["integer", "integer"]
    patient = {"resourceType": "Patient", "name": [{"given": ["a", "b"]}, {"given": ["c"]}]}
    assert compiled.rows(patient) == [(0, 0), (1, 0), (0, 1)]


@pytest.mark.parametrize(
    ("view", "element", "message"),
    [
        (_view(("id", "identifer", "id")), "select[0].column[0].path", "no element 'identifer'"),
        (_view(("1d", "id", "id")), "select[0].column[0].name", "not a column name"),
        (_view(("a", "name", "HumanName")), "select[0].column[0].type", "primitive values"),
        (_view(("a", "name", "string")), "select[0].column[0].path", "is HumanName, not string"),
        (_view(("a", "birthDate", "integer")), "select[0].column[0].path", "is date, not integer"),
        (_view(("a", "deceased", "dateTime")), "select[0].column[0].path", "is boolean, not dateTime"),
        (_view(("a", "Observation.status", "code")), "select[0].column[0].path", "always empty"),
        (_view(("a", "id", "id"), ("a", "id", "id")), "select", "'a' occurs twice"),
        (_view(("a", "id", "id"), where=[{"path": "id"}]), "where[0].path", "is id, not boolean"),
        (_view(("a", "id", "id"), constant=[{"name": "x"}]), "constant[0]", "one value"),
        (_view(("a", "id", "id"), resource="Patience"), "resource", "not a resource type"),
        (_view(("a", "id", "id"), select=[{}]), "select[0]", "has no column"),
        (_view(select=[{"foreach": "name"}]), "select[0]", "does not know 'foreach'"),
        (_view(select=[{"forEach": "name", "repeat": ["link"]}]), "select[0]", "both forEach and repeat"),
        (_view(select=[{"forEach": "deceased", "column": []}]), "select[0].forEach", "use ofType"),
        (_view(select=[{"repeat": ["name", "contact"], "column": []}]), "select[0].repeat", "another type"),
    ],
)
def test_a_bad_view_is_refused(view, element, message):
    with pytest.raises(ContentError, match=message.replace("(", r"\(")) as caught:
        compile_view(view, load_definitions(), {})
    assert caught.value.file == "v"
    assert caught.value.element == f"ViewDefinition.{element}"
