"""Codes of value sets, and codes below and above others, for searches (https://hl7.org/fhir/R4/search.html#token)."""

import re

from ..core.codesystem import CodeSystem
from ..core.query import parse_filter
from ..core.valueset import MAX_CODES, expand
from ..fhir import json
from ..fhir.errors import error

MAX_RESOURCES = 500  # ValueSets and CodeSystems read for one search


class Terminology:
    """What one search asks of the ValueSets and CodeSystems that a site stores, the registry's own among them.

    base: URL of this server. Values are tuples of (system, code), sorted; code None stands for every code of a system.
    All raise FhirError (400) for what is not known (not-found), cannot be worked out (not-supported) or is too large
    (too-costly): an answer is exact or none.
    """

    def __init__(self, registry, connection, site, base):
        self._registry, self._connection, self._site = registry, connection, site
        self._base = base and base.rstrip("/") + "/"
        self._expanded = {}  # canonical -> codes
        self._systems = {}  # canonical -> CodeSystem or None
        self._codes = 0  # given so far
        self._resources = 0  # looked up so far

    def expand(self, url):
        """The codes of a ValueSet, named by canonical (`url` or `url|version`) or as `ValueSet/id`."""
        return self._give(self._value_set(url))

    def below(self, system, code):
        """A code with all that it subsumes."""
        return self._give((system, each) for each in self._hierarchy(system, code).below(code))

    def above(self, system, code):
        """A code with all that subsume it."""
        return self._give((system, each) for each in self._hierarchy(system, code).above(code))

    def _give(self, tokens):
        found = tuple(sorted(tokens, key=lambda token: (token[0], token[1] or "")))
        self._codes += len(found)
        if self._codes > MAX_CODES:
            raise error("bad-request", "too-costly", f"The value sets of the search have more than {MAX_CODES:,} codes")
        return found

    def _hierarchy(self, system, code):
        if not system or not code:
            raise error(
                "bad-request", "invalid", f":above and :below need system|code, not '{system or ''}|{code or ''}'"
            )
        found = self._code_system(system)
        if found is None:
            raise error(
                "bad-request", "not-supported", f"The CodeSystem {system} is not stored: its hierarchy is unknown"
            )
        return found

    def _value_set(self, canonical, path=()):
        if canonical not in self._expanded:
            resource = self._find("ValueSet", canonical)
            if resource is not None:
                self._expanded[canonical] = expand(resource, self._value_set, self._code_system, path)
            else:
                self._expanded[canonical] = self._of_standard(canonical)
        return self._expanded[canonical]

    def _of_standard(self, canonical):
        """The codes of a ValueSet of R4 itself."""
        definitions = self._registry.content.definitions
        url, _, version = canonical.partition("|")
        if url not in definitions.value_sets or version not in ("", definitions.version):
            raise error("bad-request", "not-found", f"The ValueSet {canonical} is not known")
        return definitions.value_sets[url]

    def _code_system(self, canonical):
        if canonical not in self._systems:
            resource = self._find("CodeSystem", canonical)
            self._systems[canonical] = resource and CodeSystem(resource)
        return self._systems[canonical]

    def _find(self, type, canonical):
        """The stored resource that a canonical or `Type/id` names, or None."""
        self._resources += 1
        if self._resources > MAX_RESOURCES:
            message = f"The value sets of the search are made of more than {MAX_RESOURCES} resources"
            raise error("bad-request", "too-costly", message)
        if self._base and canonical.startswith(self._base):
            canonical = canonical[len(self._base) :]
        kind, slash, id_ = canonical.partition("/")
        ids = [id_] if slash and kind == type else self._ids(type, canonical)
        if self._registry.access.permits(type, "r") != ():  # those of the content may be used by all
            ids = [each for each in ids if (type, each) in self._registry.owned]
        if len(ids) > 1:
            raise error("bad-request", "multiple-matches", f"Several {type}s are {canonical}; name one as {type}/id")
        stored = ids and self._registry.store.reader.read(self._connection, self._site, type, ids[0])
        return json.parse(stored.body) if stored and not stored.deleted else None

    def _ids(self, type, canonical):
        url, bar, version = canonical.partition("|")
        pairs = [("url", _escaped(url))] + ([("version", _escaped(version))] if bar else [])
        filter = parse_filter((type,), pairs, self._registry.content.search_params, None)
        return self._registry.store.search.find(self._connection, self._site, filter)


def _escaped(value):
    r"""A value in which no , | $ \ separates."""
    return re.sub(r"([,|$\\])", r"\\\1", value)
