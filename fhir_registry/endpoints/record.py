"""An answer and a Tally as they are kept: JSON texts (https://www.rfc-editor.org/rfc/rfc8259)."""

from functools import lru_cache, partial
from types import UnionType
from typing import NamedTuple, get_args, get_type_hints

import orjson

from .outcome import Analysed, Excluded, Items, Tally

ANALYSED, EXCLUDED, OUTSIDE = "analysed", "excluded", "outside"


class Record(NamedTuple):
    """One patient's answer for one measure.

    answer: JSON [row, flags, characteristics, unread], the first three empty unless `state` is ANALYSED. Evidence is
    not kept: who asks for it asks of one patient, who is soon derived again.
    """

    state: str  # ANALYSED, EXCLUDED or OUTSIDE
    reason: str | None  # of exclusion
    index: int | None  # day
    answer: str


def record_answer(answer, unread=frozenset()):
    """The Record of an Analysed, Excluded or None; None for somebody outside of whom there is nothing to say."""
    match answer:
        case Analysed(index, row, flags, _, characteristics):
            return Record(ANALYSED, None, index, _dump([row, sorted(flags), characteristics, sorted(unread)]))
        case Excluded(reason):
            return Record(EXCLUDED, reason, None, _dump([None, (), (), sorted(unread)]))
        case None if unread:
            return Record(OUTSIDE, None, None, _dump([None, (), (), sorted(unread)]))
    return None


def read_answer(record, row_type):
    """(Analysed without evidence, Excluded or None; unread) of a Record. row_type: the NamedTuple of the rows."""
    row, flags, characteristics, unread = orjson.loads(record.answer)
    if record.state == EXCLUDED:
        return Excluded(record.reason), frozenset(unread)
    if record.state == OUTSIDE:
        return None, frozenset(unread)
    analysed = Analysed(
        record.index,
        _reader(row_type)(row),
        frozenset(flags),
        characteristics=tuple((code, value) for code, value in characteristics),
    )
    return analysed, frozenset(unread)


def answer_columns(row_type, characteristics):
    """[(name, path, type)]: what the `answer` of a Record holds as single values; None where nothing is at the path.

    A Time `primary` is primary_days, primary_event, primary_label; lists of items are left out. row_type: the
    NamedTuple of the endpoint's rows. characteristics: codes, as the Measure declares them; `age` is
    characteristic_age. type: str, int, float or bool.
    """
    told = [(f"characteristic_{code.replace('-', '_')}", (2, n, 1), str) for n, code in enumerate(characteristics)]
    return [*_single_values(row_type, "", (0,)), *told]


def _single_values(row_type, prefix, path):
    for position, (name, hint) in enumerate(get_type_hints(row_type).items()):
        if isinstance(hint, UnionType):
            (hint,) = (part for part in get_args(hint) if part is not type(None))
        if hasattr(hint, "_fields"):
            yield from _single_values(hint, f"{prefix}{name}_", (*path, position))
        elif hint in (str, int, float, bool):
            yield f"{prefix}{name}", (*path, position), hint


def dump_tally(tally):
    """A Tally as JSON."""
    return _dump(
        {
            **_counts(tally),
            "exclusions": tally.exclusions,
            "unread": tally.unread,
            "unread_outside": tally.unread_outside,
            # Those who changed may leave counts behind in which nobody is.
            "supplemental": {code: counts for code, counts in tally.supplemental.items() if counts},
            "strata": {
                code: {value: _counts(stratum) for value, stratum in strata.items() if stratum.denominator}
                for code, strata in tally.strata.items()
            },
        }
    )


def load_tally(text, row_type, stratifiers=(), stratified=()):
    """The Tally of a JSON text; row_type: the NamedTuple of the endpoint's rows."""
    kept = orjson.loads(text)
    tally = Tally(stratifiers, stratified)
    _fill(tally, kept, row_type)
    for name in ("exclusions", "unread", "unread_outside"):
        getattr(tally, name).update(kept[name])
    for code, counts in kept["supplemental"].items():
        tally.supplemental[code].update(counts)
    for code, strata in kept["strata"].items():
        for value, stratum in strata.items():
            _fill(tally.strata[code][value], stratum, row_type)
    return tally


def _counts(tally):
    return {
        "denominator": tally.denominator,
        "flags": tally.flags,
        "indexes": _pack(tally.indexes),
        "fields": {field: _pack(counts) for field, counts in tally.fields.items() if counts},
    }


def _pack(counts):
    """Counts as lists: times of many patients are thousands of tuples, read several times as fast by column."""
    kinds = {type(value) for value in counts}
    if len(kinds) == 1 and hasattr(next(iter(kinds)), "_fields"):
        return {"columns": list(zip(*counts, strict=True)), "n": list(counts.values())}
    return {"values": list(counts), "n": list(counts.values())}


def _unpack(packed, hint):
    if "columns" in packed:
        # As the constructor of a NamedTuple does, which is Python.
        values = map(partial(tuple.__new__, _named_tuple(hint)), zip(*packed["columns"], strict=True))
    else:
        values = map(_items_reader if hint is Items else _reader(hint), packed["values"])
    return dict(zip(values, packed["n"], strict=True))


def _fill(tally, kept, row_type):
    tally.denominator = kept["denominator"]
    tally.flags.update(kept["flags"])
    tally.indexes.update(_unpack(kept["indexes"], int))
    hints = _hints(row_type)
    for field, counts in kept["fields"].items():
        tally.fields[field].update(_unpack(counts, hints[field]))


def _dump(value):
    return orjson.dumps(value, default=tuple).decode()  # a NamedTuple is an array


def _named_tuple(hint):
    """The NamedTuple of a type that may be None too."""
    return next(part for part in (hint, *get_args(hint)) if hasattr(part, "_fields"))


_hints = lru_cache(maxsize=64)(get_type_hints)


@lru_cache(maxsize=256)
def _reader(hint):
    """A function from the JSON of a value of this type to the value."""
    if isinstance(hint, UnionType):
        (hint,) = (part for part in get_args(hint) if part is not type(None))
        read = _reader(hint)
        return lambda value: None if value is None else read(value)
    if hint is Items:
        return lambda value: Items(map(_items_reader, value))
    if isinstance(hint, type) and issubclass(hint, tuple):
        if not hasattr(hint, "_fields"):
            return _items_reader
        readers = [_reader(part) for part in get_type_hints(hint).values()]
        return lambda value: hint(*(read(part) for read, part in zip(readers, value, strict=True)))
    return lambda value: value


def _items_reader(value):
    return tuple(map(_items_reader, value)) if isinstance(value, list) else value
