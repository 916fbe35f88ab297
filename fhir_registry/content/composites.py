"""Composite search parameters: values of one element together (https://hl7.org/fhir/R4/search.html#composite)."""

import re

from ..fhir.fhirpath import FhirPathError, compile_path
from .errors import ContentError
from .searchparam import Alternative, Element, SearchParam, param_id

_OF_RESOURCE = "%resource."
_PIECE = re.compile(r"'(?:\\.|[^'\\])*'|[()|]|[^'()|]+")


class Composites:
    """Compiles the composite parameters of one resource type, which share elements and components.

    params: the other SearchParams of the type. implied: function binding -> {code: system}.
    """

    def __init__(self, resource_type, params, definitions, implied):
        self._type, self._params = resource_type, params
        self._definitions, self._implied = definitions, implied
        self._elements = {}  # expression -> (its type, Element)
        self._components = {}  # code -> SearchParam

    def compile(self, parameter, base):
        """The SearchParam of a composite SearchParameter dict. Raises ContentError."""
        components = parameter.get("component", ())
        if len(components) < 2 or not all({"definition", "expression"} <= each.keys() for each in components):
            message = "a composite has two or more, each with definition and expression"
            raise ContentError(parameter["url"], "SearchParameter.component", message)
        terms = split_union(parameter["expression"])
        elements = {term: found for term in terms if term != self._type and (found := self._element(parameter, term))}
        alternatives = []
        if self._type in terms:
            elsewhere = frozenset().union(*(element.roots or () for _, element in elements.values()))
            found = [self._of_resource(parameter, each, elsewhere) for each in components]
            alternatives.append(Alternative(tuple(found), None))
        for term, (type_, element) in elements.items():
            found = [self._of_element(parameter, each, term, type_) for each in components]
            alternatives.append(Alternative(tuple(found), element))
        if not alternatives:
            raise ContentError(parameter["url"], "SearchParameter.expression", f"has no value in a {self._type}")
        code = parameter["code"]
        number, url = param_id(base, code), parameter["url"]
        return SearchParam(
            code, "composite", base, url, (), number, get=lambda resource: (), alternatives=tuple(alternatives)
        )

    def _element(self, parameter, term):
        """(type, Element) of an expression, None when it belongs to another resource type."""
        if term not in self._elements:
            path = _compiled(parameter, "expression", term, self._type, self._definitions)
            if len(path.types) > 1:
                raise ContentError(parameter["url"], "SearchParameter.expression", f"'{term}' has no single type")
            self._elements[term] = (path.types[0], Element(path.typed, path.roots)) if path.types else None
        return self._elements[term]

    def _of_resource(self, parameter, component, elsewhere):
        """The ordinary parameter that a component is in the resource itself.

        The one that the definition names may look into the elements too, whose members are `elsewhere`; then it is the
        parameter that looks everywhere else.
        """
        named = self._named(parameter, component)
        roots = named.roots - elsewhere if named.roots else None
        for param in (named, *self._params):
            if param.type == named.type and param.roots == roots and not param.parts:
                return param
        message = f"no parameter of {self._type} has only the values of {named.code} outside elements"
        raise ContentError(parameter["url"], "SearchParameter.component.definition", message)

    def _named(self, parameter, component):
        for param in self._params:
            if param.url == component["definition"]:
                return param
        message = f"'{component['definition']}' is no indexed parameter of {self._type}"
        raise ContentError(parameter["url"], "SearchParameter.component.definition", message)

    def _of_element(self, parameter, component, term, type_):
        named, expression = self._named(parameter, component), component["expression"]
        code = f"{term}#{expression} {named.type}"
        if code not in self._components:
            self._components[code] = self._compile_component(parameter, named, code, expression, type_)
        return self._components[code]

    def _compile_component(self, parameter, named, code, expression, type_):
        outer = expression.startswith(_OF_RESOURCE)
        root, text = (self._type, expression.removeprefix(_OF_RESOURCE)) if outer else (type_, expression)
        path = _compiled(parameter, "component.expression", text, root, self._definitions)
        if not path.types:
            raise ContentError(parameter["url"], "SearchParameter.component.expression", f"'{expression}' has no value")
        typed = path.typed
        return SearchParam(
            code=code,
            type=named.type,
            base=self._type,
            url=named.url,
            targets=named.targets,
            id=param_id(self._type, code),
            get=(lambda resource, element: typed(resource)) if outer else (lambda resource, element: typed(element)),
            systems=self._implied(path.binding),
            types=path.types,
        )


def split_union(expression):
    """The sides of `|` outside parentheses and texts: `A.b | (C | D)` -> ["A.b", "(C | D)"]."""
    terms, depth = [""], 0
    for piece in _PIECE.findall(expression):
        if piece == "|" and depth == 0:
            terms.append("")
            continue
        depth += (piece == "(") - (piece == ")")
        terms[-1] += piece
    return [term.strip() for term in terms]


def _compiled(parameter, element, text, type_, definitions):
    try:
        return compile_path(text, type_, definitions)
    except FhirPathError as e:
        raise ContentError(parameter["url"], f"SearchParameter.{element}", str(e)) from None
