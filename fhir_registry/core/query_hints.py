"""What a search does not know is refused with what may have been meant (https://hl7.org/fhir/R4/search.html#errors)."""

from ..fhir.errors import nearest
from .query_params import OF_THE_RESOURCE, find_param
from .query_values import bad

# Search parameter type -> its modifiers, beside :missing.
MODIFIERS = {
    "reference": ("[type]", "above", "below", "identifier"),
    "string": ("contains", "exact"),
    "token": ("above", "below", "in", "not", "not-in", "of-type", "text"),
    "uri": ("above", "below"),
}
_OF_THE_RESULT = ("_count", "_elements", "_include", "_revinclude", "_sort", "_summary", "_total")
_PAGES = ("_getpages", "_getpagesoffset", "_offset", "_page", "_skip", "offset", "page")


def unknown_parameter(search_params, types, name, code):
    """The FhirError (400) for `name`, whose `code` is no parameter that all of the types have."""
    lacking = [type for type in types if find_param(search_params, type, code) is None]
    if types and not lacking:
        return bad(f"'{name}': '{code}' is of another kind in each of {', '.join(types)}", "not-supported")
    known = [param.code for param in search_params[lacking[0] if types else "Basic"]]
    hint = nearest(code, (*known, *OF_THE_RESOURCE, *_OF_THE_RESULT))
    if code in _PAGES:
        hint = "; the link 'next' of a Bundle leads to its next page"
    if code == "_sort":
        hint = "; _sort=-date sorts the other way round"
    if not types:
        message = f"not every type has a search parameter '{code}'; name the types with _type"
        return bad(f"'{name}': {message}{hint}", "not-supported")
    return bad(f"'{name}': {lacking[0]} has no search parameter '{code}'{hint}", "not-supported")


def unknown_modifier(name, modifier, kind):
    """The FhirError (400) for a modifier that parameters of this type (kind) do not have."""
    if kind in ("date", "number", "quantity"):
        hint = "; it has :missing, and prefixes before the value such as ge"
    elif kind == "composite":
        hint = ""
    else:
        # Some values only can have :of-type and the like.
        hint = "; it has " + " ".join(f":{known}" for known in (*MODIFIERS[kind], "missing") if known != modifier)
    return bad(f"'{name}': the modifier :{modifier} is not supported for type {kind}{hint}", "not-supported")
