"""Index rows of texts and codes (https://hl7.org/fhir/R4/search.html#string, #token).

A function takes a SearchParam, a value and the list that it appends rows to; see `index_rows` for the rows.
"""

import re
import unicodedata
from functools import lru_cache

# Punctuation, symbols and the marks that NFKD splits off letters; % and _ stay: they are no wildcards here.
_IGNORED = re.compile(r"[^\w\s%]")
_WORD = re.compile(r"(?<=[\s-])[^\s-]")  # the first letter of a word that is not the first
REMEMBERED = 100  # characters of a text of which the normal form is kept: names and displays come again and again
LONGEST_NAME = 1000  # characters of a family name whose words are looked for; each makes a row


def normalize(text):
    """What a string search compares: no case, accents or punctuation, single spaces."""
    return _normalize_short(text) if len(text) <= REMEMBERED else _normalize(text)


def _normalize(text):
    folded = _IGNORED.sub("", unicodedata.normalize("NFKD", text).casefold())
    return " ".join(folded.split())


_normalize_short = lru_cache(maxsize=8192)(_normalize)


# --- string -----------------------------------------------------------------------------------------


def _string(param, value, rows):
    if param.code == "family":
        _family(param, value, rows)
    else:
        rows.append((param.id, 0, normalize(value), value))


def _family(param, value, rows):
    rows.append((param.id, 0, normalize(value), value))
    # `de Quiñones` is also found by `quinones`; such a row is never the exact text.
    for word in _WORD.finditer(value) if len(value) <= LONGEST_NAME else ():
        rows.append((param.id, 0, normalize(value[word.start() :]), ""))


def _parts(*names):
    def emit(param, value, rows):
        for name in names:
            part = value.get(name)
            if part is None:
                continue
            if name == "family":
                _family(param, part, rows)
            elif isinstance(part, list):
                rows.extend((param.id, 0, normalize(text), text) for text in part if text is not None)
            else:
                rows.append((param.id, 0, normalize(part), part))

    return emit


# --- token ------------------------------------------------------------------------------------------


def _coding(param, value, rows):
    code = value.get("code")
    if code is not None:
        rows.append((param.id, 0, value.get("system", ""), code))


def _concept(param, value, rows):
    for coding in value.get("coding", ()):
        code = coding.get("code")
        if code is not None:
            rows.append((param.id, 0, coding.get("system", ""), code))


def _identifier(param, value, rows):
    text = value.get("value")
    if text is not None:
        rows.append((param.id, 0, value.get("system", ""), text))


def _code(param, value, rows):
    rows.append((param.id, 0, param.systems.get(value, ""), value))


def _boolean(param, value, rows):
    rows.append((param.id, 0, "", "true" if value else "false"))


def _plain(param, value, rows):
    rows.append((param.id, 0, "", value))


def _plain_text(param, value, rows):
    rows.append((param.id, 0, "", value.casefold() if param.folds_case else value))


def _contact_point(param, value, rows):
    text = value.get("value")
    if text is not None:
        _plain_text(param, text, rows)


# --- what modifiers of tokens and references compare --------------------------------------------------


def _coding_text(param, value, rows):
    display = value.get("display")
    if display is not None:
        rows.append((param.id, 0, normalize(display), ""))


def _concept_text(param, value, rows):
    text = value.get("text")
    if text is not None:
        rows.append((param.id, 0, normalize(text), ""))
    for coding in value.get("coding", ()):
        _coding_text(param, coding, rows)


def _identifier_text(param, value, rows):
    _concept_text(param, value.get("type", {}), rows)


def _identifier_of_type(param, value, rows):
    text = value.get("value")
    if text is not None:
        for coding in value.get("type", {}).get("coding", ()):
            code = coding.get("code")
            if code is not None:
                rows.append((param.id, 0, coding.get("system", ""), f"{code}|{text}"))


def _reference_identifier(param, value, rows):
    _identifier(param, value.get("identifier", {}), rows)


# value type -> function
STRINGS = {
    **dict.fromkeys(("string", "markdown", "code"), _string),
    "HumanName": _parts("text", "family", "given", "prefix", "suffix"),
    "Address": _parts("text", "line", "city", "district", "state", "postalCode", "country"),
}
TOKENS = {
    **dict.fromkeys(("id", "uri"), _plain),
    "string": _plain_text,
    "CodeableConcept": _concept,
    "Coding": _coding,
    "Identifier": _identifier,
    "code": _code,
    "boolean": _boolean,
    "ContactPoint": _contact_point,
}
TEXTS = {"CodeableConcept": _concept_text, "Coding": _coding_text, "Identifier": _identifier_text}
IDENTIFIERS_OF_TYPE = {"Identifier": _identifier_of_type}
IDENTIFIERS = {"Reference": _reference_identifier}
