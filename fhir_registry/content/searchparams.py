"""Search parameters, compiled when a resource type is first needed (https://hl7.org/fhir/R4/searchparameter.html)."""

from collections.abc import Mapping
from dataclasses import replace

from ..fhir.fhirpath import FhirPathError, compile_path
from .composites import Composites, split_union
from .errors import ContentError
from .searchparam import SearchParam, contained_param, derived_id, derived_params, param_id, possible_ids

__all__ = ["INDEXED_TYPES", "SearchParam", "SearchParams", "contained_param", "derived_id", "param_id"]

INDEXED_TYPES = frozenset({"string", "token", "date", "number", "quantity", "reference", "uri"})
_COMMON = ("Resource", "DomainResource")


class SearchParams(Mapping):
    """{resource type: tuple of SearchParam}, the composites last; compiled at the first use of a type.

    definitions: Definitions. extra: SearchParameter dicts of the registry; the same base and code replaces a
    definition of R4. Raises ContentError for an `extra` that cannot be used and for two parameters with one id.
    """

    def __init__(self, definitions, extra=()):
        self._definitions = definitions
        self._declared = {}  # base -> {code: SearchParameter}
        self._compiled = {}
        self._implied = {}  # canonical of a required binding -> {code: system}
        for parameter in extra:
            _check_members(parameter)
        for parameter in [*definitions.search_parameters, *extra]:
            for base in parameter["base"]:
                self._declared.setdefault(base, {})[parameter["code"]] = parameter
        self._check_ids()
        for parameter in extra:
            self._check(parameter)

    def __getitem__(self, resource_type):
        if resource_type not in self._compiled:
            if resource_type not in self._definitions.resource_types:
                raise KeyError(resource_type)
            self._compiled[resource_type] = self._compile_type(resource_type)
        return self._compiled[resource_type]

    def __contains__(self, resource_type):
        return resource_type in self._definitions.resource_types

    def __iter__(self):
        return iter(sorted(self._definitions.resource_types))

    def __len__(self):
        return len(self._definitions.resource_types)

    def unindexed(self, resource_type):
        """{code: type} of the parameters that exist but are not indexed: special, or without expression."""
        return {p["code"]: p["type"] for _, p in self._of(resource_type) if not (_indexed(p) or _composite(p))}

    def _of(self, resource_type):
        """(base, SearchParameter) of a concrete type; its own come last and win over the common ones."""
        found = {
            code: (base, parameter)
            for base in (*self._bases(resource_type), resource_type)
            for code, parameter in self._declared.get(base, {}).items()
        }
        return found.values()

    def _bases(self, resource_type):
        types = self._definitions.types
        return _COMMON if types[resource_type].base == "DomainResource" else _COMMON[:1]

    def _compile_type(self, resource_type):
        declared = list(self._of(resource_type))
        indexed = [(base, each) for base, each in declared if _indexed(each)]
        params = tuple(self._compile(each, base, resource_type) for base, each in indexed)
        others = self._definitions.resource_types - {resource_type}
        params = _with_parts(params, [_terms(each, others) for _, each in indexed])
        composites = Composites(resource_type, params, self._definitions, self._systems)
        return params + tuple(composites.compile(each, base) for base, each in declared if _composite(each))

    def _compile(self, parameter, base, resource_type):
        path = compile_path(parameter["expression"], resource_type, self._definitions)
        param = SearchParam(
            code=parameter["code"],
            type=parameter["type"],
            base=base,
            url=parameter["url"],
            targets=tuple(parameter.get("target", ())),
            id=param_id(base, parameter["code"]),
            get=path.typed,
            roots=path.roots,
            systems=self._systems(path.binding),
            asks_type=self._asks_type(parameter["expression"], resource_type),
            types=path.types,
        )
        return replace(param, derived=derived_params(param))

    def _asks_type(self, expression, resource_type):
        terms = (term for term in split_union(expression) if "resolve()" in term) if "resolve()" in expression else ()
        return any(compile_path(term, resource_type, self._definitions).types for term in terms)

    def _systems(self, binding):
        if binding not in self._implied:
            codes = self._definitions.value_sets.get(binding, ())
            self._implied[binding] = {code: system for system, code in codes}
        return self._implied[binding]

    def _check(self, parameter):
        for base in parameter["base"]:
            if _composite(parameter):
                if base not in self:
                    raise ContentError(
                        parameter["url"], "SearchParameter.base", f"'{base}' is no concrete resource type"
                    )
                self[base]  # raises what is wrong with it
                continue
            try:
                path = compile_path(parameter["expression"], base, self._definitions)
            except FhirPathError as e:
                raise ContentError(parameter["url"], "SearchParameter.expression", str(e)) from None
            if not path.types:
                raise ContentError(
                    parameter["url"], "SearchParameter.expression", f"can never have a value in a {base}"
                )

    def _check_ids(self):
        taken = {}
        for base, parameters in self._declared.items():
            for code, parameter in parameters.items():
                for number in possible_ids(parameter["type"], base, code):
                    other = taken.setdefault(number, (base, code))
                    if other != (base, code):
                        raise ContentError(
                            parameter["url"], "SearchParameter.code", f"{base}.{code} has the id of {'.'.join(other)}"
                        )


def _terms(parameter, others):
    """The sides of `|` in an expression but those that are of other resource types."""
    terms = split_union(parameter["expression"])
    terms = (term[1:-1] if term[0] == "(" and term[-1] == ")" else term for term in terms)
    return frozenset(term for term in terms if term.split(".")[0] not in others)


def _with_parts(params, terms):
    """The SearchParams with their parts; terms: the sides of each one's expression.

    Of two that are the same the first in the alphabet keeps its rows. References and URLs keep them all: they are
    followed by the id of one parameter.
    """
    found = []
    for param, whole in zip(params, terms, strict=True):
        parts = [
            other
            for other, some in zip(params, terms, strict=True)
            if other.type == param.type and some and (some < whole or (some == whole and other.code < param.code))
        ]
        covered = frozenset().union(*(some for other, some in zip(params, terms, strict=True) if other in parts))
        split = param.type not in ("reference", "uri") and parts and covered == whole
        found.append(replace(param, parts=tuple(parts)) if split else param)
    return tuple(found)


def _check_members(parameter):
    for element in ("code", "type", "base", "expression"):
        if element not in parameter:
            raise ContentError(parameter["url"], f"SearchParameter.{element}", "is missing")
    if parameter["type"] not in (*INDEXED_TYPES, "composite"):
        raise ContentError(parameter["url"], "SearchParameter.type", f"'{parameter['type']}' cannot be searched")


def _indexed(parameter):
    return parameter["type"] in INDEXED_TYPES and "expression" in parameter


def _composite(parameter):
    return parameter["type"] == "composite" and "expression" in parameter
