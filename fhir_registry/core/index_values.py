"""Index rows of one value, by search type and type of value (https://hl7.org/fhir/R4/search.html#ptypes).

A function takes a SearchParam, a value and the list that it appends rows to; see `index_rows` for the rows.
"""

from functools import lru_cache

from ..fhir.references import split_reference
from .index_ranges import DATES, NUMBERS, QUANTITIES
from .index_texts import IDENTIFIERS, IDENTIFIERS_OF_TYPE, STRINGS, TEXTS, TOKENS

_split = lru_cache(maxsize=4096)(split_reference)  # those of one Bundle repeat each other


def _reference(param, value, rows):
    literal = value.get("reference")
    if literal is not None:
        _url(param, literal, rows)


def _url(param, literal, rows):
    parts = _split(literal)
    if parts and parts[0] is None:
        rows.append((param.id, 0, parts[1], parts[2]))
    else:
        rows.append((param.id, 0, "", literal))


def _canonical(param, value, rows):
    _url(param, value, rows)
    url, bar, _ = value.partition("|")
    if url and bar:  # found with its version and without
        _url(param, url, rows)


def _resource(param, value, rows):
    if "id" in value:
        rows.append((param.id, 0, value["resourceType"], value["id"]))


def _uri(param, value, rows):
    rows.append((param.id, 0, value))


def _versioned_uri(param, value, rows):
    rows.append((param.id, 0, value))
    url, bar, _ = value.partition("|")
    if url and bar:
        rows.append((param.id, 0, url))


def _extension(emitters):
    def emit(param, value, rows):
        for key, inner in value.items():
            if key.startswith("value"):
                name = key[5:]
                of_type = emitters.get(name) or emitters.get(name[0].lower() + name[1:])
                if of_type is not None:
                    of_type(param, inner, rows)

    return emit


# search type, or suffix of what is derived -> value type -> function (param, value, rows) that appends rows
EMITTERS = {
    "string": STRINGS,
    "token": TOKENS,
    ":text": TEXTS,
    ":of-type": IDENTIFIERS_OF_TYPE,
    "date": DATES,
    "number": NUMBERS,
    "quantity": QUANTITIES,
    "reference": {
        "Reference": _reference,
        **dict.fromkeys(("canonical", "uri"), _canonical),
        "Resource": _resource,
    },
    ":identifier": IDENTIFIERS,
    "uri": {**dict.fromkeys(("uri", "url"), _uri), "canonical": _versioned_uri},
}
for _emitters in EMITTERS.values():
    _emitters["Extension"] = _extension(_emitters)
