"""The query of a search becomes criteria (https://hl7.org/fhir/R4/search.html)."""

import itertools
import math
import re
from urllib.parse import parse_qsl

from ..content.searchparam import contained_param
from ..fhir.errors import FhirError, at_parameter
from ..fhir.references import split_reference
from .access import AUDIT, OPEN
from .criteria import AnyOf, Chain, Composite, Criterion, Filter, Has, Hierarchy, Ids, LastUpdated, Not, Present
from .query_hints import unknown_modifier, unknown_parameter
from .query_params import OF_AUDIT, OF_THE_RESOURCE, REFUSED, find_param, find_params, find_urls, knows
from .query_values import (
    PARSERS,
    Target,
    Token,
    bad,
    parse_below,
    parse_date,
    parse_of_type,
    parse_string,
    parse_token,
    split,
    unescape,
)

MAX_PARAMETERS = 1000
MAX_CRITERIA = 100
MAX_VALUES = 500  # alternatives in one query
MAX_CHAIN = 5
_PARSE_DERIVED = {"text": parse_string, "of-type": parse_of_type, "identifier": parse_token}


def parse_pairs(query):
    """`a=1&b=%C3%A9` -> [("a", "1"), ("b", "é")].

    Raises FhirError (400) for escapes that are not UTF-8, for control characters and for too many parameters.
    """
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise bad("The parameters are not percent-encoded UTF-8") from None
    except ValueError:
        raise bad(f"More than {MAX_PARAMETERS} parameters", "too-costly") from None
    for name, value in pairs:
        if not (name + value).isprintable() and any(c < " " for c in name + value):
            raise bad("A parameter holds a control character")
    return pairs


def parse_filter(
    types, pairs, search_params, base, strict=True, terminology=None, access=OPEN, alias=None, served=None
):
    """Parse the parameters that select resources.

    types: names of the types that are searched, () for every type; a parameter must exist in all of them. pairs: (name,
    value), percent-decoded once. search_params: SearchParams. base: URL of this server, for references to itself.
    terminology: what knows value sets and hierarchies of codes, with `expand(url)`, `above(system, code)` and
    `below(system, code)`, each giving (system, code or None for all) pairs. access: who asks; resources by which others
    are found (chains, _has) must be such that he may search them. alias: another URL of this server, by which a value
    may give a reference. served: the types over which a chain may lead, None: all. Raises FhirError: 400 for whatever
    it cannot honour, 403; parameters with an empty value are ignored, as are (when not strict) those whose name is
    unknown.
    """
    types = tuple(types)
    parser = _Parser(search_params, base, terminology, access, alias, served)
    criteria, used, unknown = [], [], []
    for name, value in pairs:
        if value == "":
            continue
        if not strict and not knows(search_params, types, name):
            unknown.append(name)
            continue
        with at_parameter(name):
            criteria.append(parser.criterion(types, name, value))
        used.append((name, value))
    if len(criteria) > MAX_CRITERIA:
        raise bad(f"A search has at most {MAX_CRITERIA} parameters", "too-costly")
    return Filter(types, tuple(criteria), tuple(used), tuple(unknown))


class _Parser:
    def __init__(self, search_params, base, terminology, access, alias, served):
        self._access = access
        self._served = search_params if served is None else served
        self._params = search_params
        self._base = base and base.rstrip("/") + "/"
        self._own = tuple(f"{each.rstrip('/')}/" for each in (base, alias) if each)
        self._terminology = terminology
        self._values = 0

    def criterion(self, types, name, value, depth=0):
        """The criterion that `name=value` puts to resources of the types."""
        if depth > MAX_CHAIN:
            raise bad(f"'{name}' is chained more than {MAX_CHAIN} times", "too-costly")
        if name.startswith("_has:"):
            return self._has(types, name, value, depth)
        head, dot, rest = name.partition(".")
        code, colon, modifier = head.partition(":")
        modifier = modifier if colon else None
        if code in REFUSED and not find_params(self._params, types, code):
            raise bad(f"'{name}' is not supported: {REFUSED[code]}", "not-supported")
        if code in OF_THE_RESOURCE and not dot:
            return self._of_the_resource(code, modifier, name, value)
        if code == "_list" and not dot and modifier is None:
            return self._list(name, value)
        params = self._find(types, code, name)
        if dot:
            return self._chain(params, modifier, rest, value, depth, name)
        if modifier == "missing" and params[0].type != "composite":
            present = Present(params)
            return Not(present) if _is_missing(name, value) else present
        return self._simple(params, modifier, name, value)

    def _find(self, types, code, name):
        params = find_params(self._params, types, code)
        if not params:
            raise unknown_parameter(self._params, types, name, code)
        return params

    def _of_the_resource(self, code, modifier, name, value):
        if modifier == "missing":
            none = Ids(())
            return none if _is_missing(name, value) else Not(none)
        if modifier is not None and (code, modifier) != ("_id", "not"):
            raise bad(f"'{name}': the modifier :{modifier} is not supported for {code}", "not-supported")
        parts = self._split(name, value)
        if code == "_lastUpdated":
            return LastUpdated(tuple(parse_date(name, part) for part in parts))
        ids = Ids(tuple(unescape(part) for part in parts))
        return Not(ids) if modifier else ids

    def _list(self, name, value):
        ids = [unescape(part).removeprefix("List/") for part in self._split(name, value)]
        if any(id.startswith("$") for id in ids):
            raise bad(f"'{name}': lists that the server would make, as '{value}', are not supported", "not-supported")
        self._access.require("List", "s")
        seen = self._access.permitted(("List",), "s")
        return Has("List", find_param(self._params, "List", "item"), Ids(tuple(ids)), permitted=seen)

    # --- one parameter ------------------------------------------------------------------------------

    def _simple(self, params, modifier, name, value):
        kind, parts = params[0].type, self._split(name, value)

        def parsed(function):
            return tuple(function(name, part) for part in parts)

        match kind, modifier:
            case "composite", None:
                return self._composite(params, name, parts)
            case "token" | "reference", "text" | "of-type" | "identifier" if derived := _derived(params, modifier):
                return Criterion(derived, None, parsed(_PARSE_DERIVED[modifier]))
            case "token", None:
                return _tokens(params, parsed(parse_token))
            case "token", "in" | "not-in" | "above" | "below" if self._terminology:
                return self._terms(params, modifier, name, parts)
            case "reference", "above" | "below":
                return self._hierarchy(params, modifier, name, parts)
            case "reference", _ if modifier is None or modifier in self._params:
                return Criterion(params, None, tuple(self._reference(name, part, modifier) for part in parts))
        if modifier not in PARSERS.get(kind, ()):
            raise unknown_modifier(name, modifier, kind)
        values = parsed(PARSERS[kind][modifier])
        return Not(_tokens(params, values)) if modifier == "not" else Criterion(params, modifier, values)

    def _split(self, name, value):
        parts = [part for part in split(value, ",") if part]
        self._values += len(parts)
        if self._values > MAX_VALUES:
            raise bad(f"A search has at most {MAX_VALUES} values", "too-costly")
        if not parts:
            raise bad(f"'{name}' has no value")
        return parts

    def _terms(self, params, modifier, name, parts):
        terms = {}
        for part in parts:
            if modifier in ("in", "not-in"):
                terms.update(dict.fromkeys(self._terminology.expand(unescape(part))))
                continue
            token = parse_token(name, part)
            if not token.system or token.code is None:
                raise bad(f"'{name}': '{part}' must be of the form system|code")
            find = self._terminology.above if modifier == "above" else self._terminology.below
            terms.update(dict.fromkeys(find(*token)))
        # A ValueSet may have no code at all: then nothing meets the criterion.
        criterion = _tokens(params, tuple(Token(system, code) for system, code in terms)) if terms else Ids(())
        return Not(criterion) if modifier == "not-in" else criterion

    def _composite(self, params, name, parts):
        alternatives = tuple(each.components for param in params for each in param.alternatives)
        if not alternatives:
            raise bad(f"'{name}' is not supported", "not-supported")
        kinds = [component.type for component in alternatives[0]]
        values = [
            tuple(self._component(kind, name, literal) for kind, literal in zip(kinds, literals, strict=True))
            for literals in self._sequences(name, parts, len(kinds))
        ]
        return Composite(alternatives, tuple(values))

    def _sequences(self, name, parts, length):
        """Literals of composite values: `a$1,b$2`, or when not each part is whole, `a,b$1` for `a$1,b$1`."""
        sequences = [split(part, "$") for part in parts]
        if any(len(literals) != length for literals in sequences):
            lists = [split(literals, ",") for literals in split(",".join(parts), "$")]
            if len(lists) != length:
                raise bad(f"'{name}': '{','.join(parts)}' is not made of {length} parts with $ between them")
            if math.prod(map(len, lists)) > MAX_VALUES:
                raise bad(f"A search has at most {MAX_VALUES} values", "too-costly")
            sequences = list(itertools.product(*lists))
        if any("" in literals for literals in sequences):
            raise bad(f"'{name}': a part of '{','.join(parts)}' is empty")
        return sequences

    def _component(self, kind, name, literal):
        return self._reference(name, literal, None) if kind == "reference" else PARSERS[kind][None](name, literal)

    # --- references ---------------------------------------------------------------------------------

    def _reference(self, name, part, type):
        value = unescape(part)
        value = value[next((len(each) for each in self._own if value.startswith(each)), 0) :]
        if "://" in value or value.startswith("urn:"):
            return Target("", value)
        if "/" not in value:
            return Target(type, value, self._base and type and f"{self._base}{type}/{value}")
        _, head, id_ = split_reference(value) or (None, None, None)
        if head not in self._params:
            raise bad(f"'{name}': '{value}' is not a reference")
        if type is not None and head != type:
            return Target(type, value)  # no id has a slash: nothing matches
        return Target(head, id_, self._base and f"{self._base}{head}/{id_}")

    def _hierarchy(self, params, modifier, name, parts):
        """References to what is above or below others of its own type, or to versions of a canonical URL."""
        targets = [self._reference(name, part, None) for part in parts]
        if modifier == "below" and all(target.type == "" for target in targets):
            return Criterion(params, "below", tuple(parse_below(name, part) for part in parts))
        possible = self._targets(params)
        # An id alone says what it is an id of where only one type is possible.
        types = {target.type or (possible[0] if len(possible) == 1 else None) for target in targets}
        type = types.pop() if len(types) == 1 else None
        along = self._part_of(type) if type in possible else None
        if along is None:
            raise bad(f"'{name}': the modifier :{modifier} is not supported for '{parts[0]}'", "not-supported")
        if self._access.require(type, "s"):  # the way leads over resources that he may not see
            raise self._access.refusal(type, "s", f"search all of {type}, over which '{name}' leads")
        return Hierarchy(params, along, type, tuple(target.id for target in targets), modifier == "above")

    def _part_of(self, type):
        """The parameter by which a resource of the type is part of another of it, such as Location.partof."""
        found = (find_param(self._params, type, code) for code in ("partof", "part-of"))
        return next((param for param in found if param and type in param.targets), None)

    def _targets(self, params):
        """The types that the references may name."""
        named = {type for param in params for type in param.targets or self._params}
        return sorted(type for type in named if type in self._served)

    def _chain(self, params, type, rest, value, depth, name):
        code = params[0].code
        if params[0].type != "reference":
            raise bad(f"'{name}': '{code}' is not a reference and cannot be chained")
        if type is not None and type not in self._params:
            raise bad(f"'{name}': the modifier :{type} is not a resource type", "not-supported")
        self._refuse_audit(type, name)
        inner = re.split(r"[:.]", rest, maxsplit=1)[0]
        chains, problem, counted = [], None, self._values
        alike = self._alike([type] if type else self._targets(params), inner)
        for types in self._seen(alike):
            self._values = counted  # alternatives of one value, not values of their own
            try:
                criterion = self.criterion(types, rest, value, depth + 1)
            except FhirError as found:
                problem = found  # another kind may be meant
                continue
            urls = find_urls(self._params, params, types)
            chains.append(Chain(params, types, criterion, urls, self._access.permitted(types, "s")))
            inside = _contained(params, criterion)
            if inside:
                chains.append(inside)
        if not chains:
            no_type = f"'{name}': no target of '{code}' has a search parameter '{inner}'"
            raise problem or bad(no_type, "not-supported")
        return AnyOf(tuple(chains)) if len(chains) > 1 else chains[0]

    def _seen(self, alike):
        """Groups of types without those that the client may not search; raises forbidden when none is left."""
        seen = [tuple(type for type in types if self._access.allows(type, "s")) for types in alike]
        if alike and not any(seen):
            self._access.require(alike[0][0], "s")
        return [types for types in seen if types]

    def _alike(self, types, code):
        """Those of the types that know the parameter, those together where it is of one kind."""
        groups = {}
        for type in types:
            if knows(self._params, (type,), code):
                param = find_param(self._params, type, code)
                groups.setdefault(param and param.type, []).append(type)
        return [tuple(group) for group in groups.values()]

    def _has(self, types, name, value, depth):
        parts = name.split(":", 3)
        if len(parts) != 4 or parts[1] not in self._params:
            raise bad(f"'{name}' is not of the form _has:Type:reference:parameter")
        _, type_, code, rest = parts
        self._refuse_audit(type_, name)
        params = self._find((type_,), code, name)
        if params[0].type != "reference":  # only such a parameter is one of several, as combo-code is
            raise bad(f"'{name}': '{code}' is not a reference")
        (param,) = params
        self._access.require(type_, "s")
        criterion = self.criterion((type_,), rest, value, depth + 1)
        seen = self._access.permitted((type_,), "s")
        return Has(type_, param, criterion, find_urls(self._params, (param,), types), seen)

    def _refuse_audit(self, type, name):
        if type == AUDIT and AUDIT not in self._served:
            raise bad(f"'{name}' {OF_AUDIT}", "not-supported")


def _is_missing(name, value):
    if value not in ("true", "false"):
        raise bad(f"'{name}' must be true or false, not '{value}'")
    return value == "true"


def _derived(params, modifier):
    """The parameters of what is indexed for a modifier of others, () when nothing is."""
    return tuple(param.derived[f":{modifier}"] for param in params if f":{modifier}" in param.derived)


def _tokens(params, tokens):
    """The Criterion of tokens; those that are plain texts are found in any case, by the lower one."""
    folding = tuple(param for param in params if param.folds_case)
    exact = tuple(param for param in params if not param.folds_case)
    folded = tuple(token._replace(code=token.code and token.code.casefold()) for token in tokens)
    found = [Criterion(some, None, values) for some, values in ((folding, folded), (exact, tokens)) if some]
    return AnyOf(tuple(found)) if len(found) > 1 else found[0]


def _contained(references, criterion):
    """What a chain's criterion asks of the resources that its references name inside their own one; None for nothing.

    What they have stands in the index under their container, so that only what they have can be asked.
    """
    match criterion:
        case Criterion(params) | Present(params) | Chain(params) if params[0].base != "Resource":
            inside = tuple(contained_param(reference, param) for reference in references for param in params)
            return criterion._replace(params=inside)
        case AnyOf(criteria):
            inside = tuple(found for each in criteria if (found := _contained(references, each)))
            return AnyOf(inside) if inside else None
    return None
