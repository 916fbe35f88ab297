"""Tables as CSV and Parquet, and docs/tables.md against the columns of the code."""

import csv
import io
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from patient_facts import day
from pyarrow import parquet
from study_tables import MEASURES

from fhir_registry.endpoints.catalogue import ENDPOINTS
from fhir_registry.reports.tables import TABLES, adtte
from fhir_registry.reports.tables.formats import FORMATS, ROWS_IN_GROUP, write_csv, write_parquet
from fhir_registry.reports.tables.table import DATE, INTEGER, NUMBER, Column

DOCUMENT = (Path(__file__).resolve().parent.parent / "docs" / "tables.md").read_text()
COLUMNS = (
    Column("NAME", "Name"),
    Column("N", "Number of Things", INTEGER),
    Column("X", "Measured", NUMBER),
    Column("WHEN", "Day", DATE),
)


def written(write, rows):
    sink = io.BytesIO()
    write(COLUMNS, iter(rows), sink)
    return sink.getvalue()


def test_csv_is_that_of_rfc_4180():
    rows = [
        {"NAME": 'Müller, "Eva"', "N": -3, "X": 1826.25, "WHEN": day("2024-02-29")},
        {"NAME": "two\nlines", "N": 0, "X": 401.0},
        {"NAME": None, "X": 0.1 + 0.2, "WHEN": day("0001-01-01")},
    ]
    assert written(write_csv, rows).decode() == (
        "NAME,N,X,WHEN\r\n"
        '"Müller, ""Eva""",-3,1826.25,2024-02-29\r\n'
        '"two\nlines",0,401,\r\n'
        ",,0.30000000000000004,0001-01-01\r\n"
    )


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "'=1", "''@x"])
def test_no_text_of_a_csv_is_a_formula_and_none_is_lost(text):
    (_, (cell, *_)) = csv.reader(io.StringIO(written(write_csv, [{"NAME": text}]).decode(), newline=""))
    assert cell[0] == "'"
    assert cell[1:] == text


@pytest.mark.parametrize("text", ["'tis", "a=b", "5-FU", "'"])
def test_other_texts_of_a_csv_are_as_they_were_sent(text):
    (_, (cell, *_)) = csv.reader(io.StringIO(written(write_csv, [{"NAME": text}]).decode(), newline=""))
    assert cell == text


def test_parquet_holds_types_labels_and_texts_as_they_were_sent():
    rows = [{"NAME": "=1+1", "N": 2, "X": 0.5, "WHEN": day("2024-02-29")}, {"NAME": ""}]
    table = parquet.read_table(io.BytesIO(written(write_parquet, rows)))
    assert table.to_pylist() == [
        {"NAME": "=1+1", "N": 2, "X": 0.5, "WHEN": date(2024, 2, 29)},
        {"NAME": None, "N": None, "X": None, "WHEN": None},
    ]
    assert [str(field.type) for field in table.schema] == ["string", "int32", "double", "date32[day]"]
    assert table.schema.field("N").metadata[b"label"] == b"Number of Things"


@pytest.mark.parametrize("count", [1, 7, 8, 9, ROWS_IN_GROUP + 1])
def test_parquet_has_each_cell_in_its_place(count):
    rows = [
        {
            "NAME": None if number % 3 == 0 else "Müller 李" * (number % 5) or None,
            "N": None if number % 5 == 0 else -number,
            "X": None if number % 7 == 0 else number / 3,
            "WHEN": None if number % 2 == 0 else date(1969, 12, 1) + timedelta(number),
        }
        for number in range(count)
    ]
    days = [row | {"WHEN": row["WHEN"] and day(row["WHEN"].isoformat())} for row in rows]
    assert parquet.read_table(io.BytesIO(written(write_parquet, days))).to_pylist() == rows


def test_parquet_is_written_in_groups_and_the_same_again():
    rows = [{"N": number} for number in range(ROWS_IN_GROUP + 1)]
    first = written(write_parquet, rows)
    assert parquet.ParquetFile(io.BytesIO(first)).num_row_groups == 2
    assert parquet.read_table(io.BytesIO(first))["N"].to_pylist() == list(range(ROWS_IN_GROUP + 1))
    assert written(write_parquet, rows) == first


@pytest.mark.parametrize("write", FORMATS.values())
def test_a_table_of_nobody_has_its_columns(write):
    text = written(write, [])
    names = [column.name for column in COLUMNS]
    if write is write_csv:
        assert text.decode() == ",".join(names) + "\r\n"
    else:
        table = parquet.read_table(io.BytesIO(text))
        assert (table.num_rows, table.column_names) == (0, names)


def documented(heading):
    """[(column, label, type, derivation)] of the section of a table."""
    section = re.search(rf"^## {heading}:.*?(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)[0]
    return re.findall(r"^\| ([A-Z0-9]+) \| ([^|]+) \| (text|integer|number|date) \| ([^|]+) \|$", section, re.MULTILINE)


@pytest.mark.parametrize("name", TABLES)
def test_columns_are_documented(name):
    measures = [MEASURES["lipusu-her2-os"]]
    columns = [tuple(column) for column in TABLES[name].columns(measures)]
    if name == "adsl":  # those of measures and characteristics are described by their endings
        columns = [column for column in columns if not re.search("_(FL|GR)$", column[0])]
    if name == "trace":  # and those of the endpoint's answer altogether
        fields = [column[0] for column in columns].index("FLAGS")
        columns = columns[: [c[0] for c in columns].index("INDEXDT") + 1] + columns[fields:]
    told = documented(name)
    assert [column[:3] for column in told] == columns
    assert all(len(derivation) > 2 for *_, derivation in told)


def test_labels_are_short_as_cdisc_has_them():
    for table in TABLES.values():
        for column in table.columns([MEASURES["lipusu-her2-os"]]):
            assert column.name.endswith("_GR") or len(column.label) <= 40, column


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
@pytest.mark.parametrize("name", TABLES)
def test_columns_have_names_of_their_own(name, measure):
    names = [column.name for column in TABLES[name].columns([measure])]
    assert len(set(names)) == len(names)


def test_every_field_of_a_time_to_event_is_a_parameter():
    declared = {(endpoint, field) for endpoint in adtte.ENDPOINTS for field in ENDPOINTS[endpoint].row._fields}
    # The check of the line is in ADCM; times by other dates have another origin.
    untold = ("line", "earliest", "latest")
    declared -= {(endpoint, field) for endpoint in adtte.ENDPOINTS for field in untold}
    assert declared == set(adtte.PARAMETERS)
    codes = [parameter.code for parameter in adtte.PARAMETERS.values()]
    assert len(set(codes)) == len(codes)
    for (endpoint, field), parameter in adtte.PARAMETERS.items():
        assert len(parameter.code) <= 8
        assert f"| {parameter.code} | {parameter.text} | `{endpoint}`, `{field}` |" in DOCUMENT
