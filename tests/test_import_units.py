"""Files become units: whatever stands in them, each line is told by its number."""

import gzip
import io

import pytest

from fhir_registry.ops.import_keys import Keys
from fhir_registry.ops.import_units import read_units

LIMIT = 100
BOM = b"\xef\xbb\xbf"


def units(data, lines=True, at=(0, 0), limit=LIMIT):
    return list(read_units(io.BytesIO(data), 7, lines, limit, at))


def read(data, **options):
    """[(line, body or code of the error)]"""
    return [(u.line, u.error.issues[0].code if u.error else u.body) for u in units(data, **options)]


def test_lines_have_their_numbers_whatever_ends_them():
    assert read(b"") == []
    assert read(b"a\r\n\n  \t\r\nb\n\nc") == [(1, b"a\r\n"), (4, b"b\n"), (6, b"c")]
    assert read(BOM + b"\n" + BOM + b"a\n") == [(2, BOM + b"a\n")]
    assert [u.source for u in units(b"a\nb")] == [7, 7]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_reading_goes_on_after_any_unit(pack):
    data = pack(BOM + b"a\r\n\nbb\n" + b"x" * 1000 + b"\nc\n\nd")
    whole = units(data)
    assert len(whole) == 5
    for number, unit in enumerate(whole):
        rest = units(data, at=(unit.line, unit.end))
        assert [u[:3] for u in rest] == [u[:3] for u in whole[number + 1 :]]


def test_a_line_beyond_the_limit_is_refused_and_not_kept():  # IMP-05
    exact = b"y" * LIMIT
    for end in (b"\n", b"\r\n", b""):
        assert read(exact + end) == [(1, exact + end)]
        assert read(exact + b"y" + end) == [(1, "too-long")]
    assert read(b"x" * 10_000_000 + b"\n" + exact) == [(1, "too-long"), (2, exact)]
    assert read(exact + b"y", lines=False) == [(0, "too-long")]
    assert read(exact, lines=False) == [(0, exact)]


def test_gzip_that_ends_early_or_is_damaged_is_said_once():
    packed = gzip.compress(b"".join(b"%d\n" % n for n in range(10_000)))
    found = read(packed[:-20])
    assert found[0] == (1, b"0\n") and found[-1][1] == "incomplete"
    assert found[-1][0] == len(found)
    damaged = bytearray(packed)
    damaged[len(packed) // 2] ^= 0xFF
    assert read(bytes(damaged))[-1][1] == "structure"
    assert read(gzip.compress(b"a\n") + gzip.compress(b"b\n")) == [(1, b"a\n"), (2, b"b\n")]
    assert read(gzip.compress(b"a\n") + b"no gzip") == [(1, b"a\n"), (2, "structure")]
    assert read(packed[:15], lines=False) == [(0, "incomplete")]


def test_a_gzip_bomb_is_not_unpacked():  # IMP-05
    for bomb in (gzip.compress(bytes(50_000_000)), gzip.compress(b"\n" * 50_000_000)):
        packed = io.BytesIO(bomb)
        (unit,) = read_units(packed, 0, True, LIMIT)
        assert (unit.error.issues[0].code, unit.end) == ("too-costly", None)
        assert packed.tell() < len(bomb) / 2
    (unit,) = units(gzip.compress(bytes(50_000_000)), lines=False)
    assert unit.error.issues[0].code == "too-long"


def test_keys_are_a_set():
    keys, numbers = Keys(), [(n * 0x9E3779B97F4A7C15) % 2**64 or 1 for n in range(1, 5000)]
    for number in [*numbers[::2], *numbers[::2]]:
        keys.add(number)
    assert all(number in keys for number in numbers[::2])
    assert not any(number in keys for number in numbers[1::2])
