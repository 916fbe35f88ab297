"""Rows as CSV (https://www.rfc-editor.org/rfc/rfc4180) and as Parquet (https://parquet.apache.org/docs/file-format)."""

import csv
import io
from array import array
from itertools import accumulate, islice

from ...fhir.dates import from_day
from .table import DATE, INTEGER, NUMBER, TEXT

ROWS_IN_GROUP = 5_000  # of Parquet: what is held in memory
# A spreadsheet would read such a text as a formula (https://owasp.org/www-community/attacks/CSV_Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_csv(columns, rows, sink):
    """Write a head line and rows (dicts) to a binary file. What is missing is empty, a date is YYYY-MM-DD.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, also behind apostrophes of its own:
    without the first one it is what was sent.
    """
    text = io.TextIOWrapper(sink, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow([column.name for column in columns])
    cells = [(column.name, _CELLS[column.type]) for column in columns]
    writer.writerows([_cell(row.get(name), cell) for name, cell in cells] for row in rows)
    text.flush()
    text.detach()


def write_parquet(columns, rows, sink):
    """Write rows (dicts) to a binary file. What is missing is null; the label of a column is in its metadata."""
    # 55 MB that a server needs only when somebody asks.
    import pyarrow
    from pyarrow import parquet

    pyarrow.set_memory_pool(pyarrow.system_memory_pool())  # it gives back what it does not need; the default keeps it
    types = {TEXT: pyarrow.string(), INTEGER: pyarrow.int32(), NUMBER: pyarrow.float64(), DATE: pyarrow.date32()}
    schema = pyarrow.schema(
        [pyarrow.field(column.name, types[column.type], metadata={"label": column.label}) for column in columns]
    )
    names = [column.name for column in columns]
    told = ([_known(row.get(name)) for name in names] for row in rows)
    with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        while group := list(islice(told, ROWS_IN_GROUP)):
            values = zip(columns, zip(*group, strict=True), strict=True)
            arrays = [_arrow(types[column.type], column.type, cells) for column, cells in values]
            writer.write_batch(pyarrow.record_batch(arrays, schema=schema))


def _arrow(type, name, cells):
    """The pyarrow.Array of a column. pyarrow.array would load pandas, 40 MB more (https://arrow.apache.org/docs/format/Columnar.html)."""
    import pyarrow

    bits = "".join("0" if cell is None else "1" for cell in reversed(cells))
    buffers = [int(bits, 2).to_bytes((len(cells) + 7) // 8, "little")]
    if name == TEXT:
        texts = [(cell or "").encode() for cell in cells]
        buffers += [array("i", accumulate(map(len, texts), initial=0)), b"".join(texts)]
    else:
        buffers += [array(_NUMBERS[name], [0 if cell is None else cell for cell in cells])]
    return pyarrow.Array.from_buffers(type, len(cells), [pyarrow.py_buffer(buffer) for buffer in buffers])


def _known(value):
    """None for an empty text: it is missing."""
    return None if value == "" else value


def _cell(value, cell):
    return "" if value is None else cell(value)


def _text(value):
    return f"'{value}" if value.lstrip("'").startswith(_FORMULA) else value


def _number(value):
    return repr(float(value)).removesuffix(".0")


_NUMBERS = {INTEGER: "i", NUMBER: "d", DATE: "i"}  # as array has them: 32 bits, 64 bits
_CELLS = {TEXT: _text, INTEGER: str, NUMBER: _number, DATE: lambda day: from_day(day).isoformat()}
FORMATS = {"csv": write_csv, "parquet": write_parquet}
