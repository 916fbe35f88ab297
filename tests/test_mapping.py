"""Mapped rows (https://sql-on-fhir.org/ig/latest/)."""

import gzip

from fhir_registry.content.definitions import load_definitions
from fhir_registry.content.registry import load_content
from fhir_registry.content.views import compile_view
from fhir_registry.core.mapping import map_resource, table_columns
from fhir_registry.fhir.json import parse

VIEW = {
    "name": "observation",
    "resource": "Observation",
    "select": [
        {
            "column": [
                {"name": "id", "path": "id", "type": "id"},
                {"name": "effective", "path": "effective.ofType(dateTime)", "type": "dateTime"},
                {"name": "number", "path": "value.ofType(Quantity).value", "type": "decimal"},
                {"name": "count", "path": "component.count()", "type": "integer"},
                {"name": "coded", "path": "code.coding.exists()", "type": "boolean"},
                {"name": "codes", "path": "code.coding.code", "type": "code", "collection": True},
                {"name": "code", "path": "code.coding.code", "type": "code"},
            ]
        }
    ],
}


def _compiled(**change):
    return compile_view(VIEW | change, load_definitions(), {})


def _observation(text):
    return parse(b'{"resourceType": "Observation", "id": "1", ' + text + b"}")


def test_table_columns():
    assert table_columns(_compiled()) == [
        ("id", "text"),
        ("effective", "text"),
        ("effective_lo", "integer"),
        ("effective_hi", "integer"),
        ("number", "real"),
        ("count", "integer"),
        ("coded", "boolean"),
        ("codes", "text"),
        ("code", "text"),
    ]


def test_cells_are_what_the_columns_say():
    observation = _observation(
        b'"effectiveDateTime": "1970-02", "valueQuantity": {"value": 5.40}, "code": {"coding": [{"code": "a"}]}'
    )
    view = _compiled()
    # February 1970: days 31 to 58 since 1970-01-01.
    assert map_resource(observation, (view,)) == {"observation": [("1", "1970-02", 31, 58, 5.4, 0, True, '["a"]', "a")]}
    ((*_, number, _, coded, _, _),) = map_resource(observation, (view,))["observation"]
    assert type(number) is float
    assert coded is True


def test_what_is_absent_or_unreadable_is_none():
    view = _compiled()
    assert map_resource(_observation(b'"code": {}'), (view,)) == {
        "observation": [("1", None, None, None, None, 0, False, "[]", None)]
    }
    several = _observation(b'"effectiveDateTime": "soon", "code": {"coding": [{"code": "a"}, {"code": "b"}]}')
    assert map_resource(several, (view,)) == {
        "observation": [("1", "soon", None, None, None, 0, True, '["a","b"]', None)]
    }


def test_each_view_has_its_rows():
    components = _compiled(
        name="component",
        select=[{"forEach": "component", "column": [{"name": "code", "path": "code.text", "type": "string"}]}],
    )
    nothing = _compiled(name="nothing", where=[{"path": "status = 'final'"}])
    observation = _observation(b'"component": [{"code": {"text": "a"}}, {"code": {"text": "b"}}]')
    assert map_resource(observation, (components, nothing)) == {"component": [("a",), ("b",)], "nothing": []}


def test_no_resource_of_real_data_breaks_the_mappings(cases):
    views = {}
    for view in load_content().views:
        views.setdefault(view.resource, []).append(view)
    kinds = {"text": str, "integer": int, "real": float, "boolean": bool}
    count = 0
    for file in sorted((cases / "data" / "synthea").glob("*.gz"))[:3]:
        for entry in parse(gzip.decompress(file.read_bytes()))["entry"]:
            found = views.get(entry["resource"]["resourceType"], ())
            for view, rows in zip(found, map_resource(entry["resource"], found).values(), strict=True):
                columns = table_columns(view)
                for row in rows:
                    for (_, kind), cell in zip(columns, row, strict=True):
                        assert cell is None or type(cell) is kinds[kind]
                    count += 1
    assert count > 200
