"""ConceptMaps and ValueSets compiled to look-ups (https://hl7.org/fhir/R4/conceptmap.html).

How a ConceptMap of ours is read (docs/mappings.md has the words for authors):
- a code that already is of a group's target system stands for itself;
- groups are tried in their order, so a text group in front refines what a code behind it says;
- neighbouring groups of code systems are one step: an exact code of any coding beats a prefix, then the
  order of the codings counts, then the longest prefix;
- a group without source matches a code whatever its system;
- a group with source TEXT matches texts and displays, lower-cased and with single spaces: whole, their beginning
  or a part;
- a group with the extension VIA first translates by another map, then looks the result up.
"""

import re
from functools import lru_cache

from .errors import ContentError

TEXT = "https://registry.example/CodeSystem/text"
MATCH = "https://registry.example/StructureDefinition/concept-map-match"
ALIAS = "https://registry.example/StructureDefinition/concept-map-source-alias"
VIA = "https://registry.example/StructureDefinition/concept-map-via"
EXTENDS = "https://registry.example/StructureDefinition/concept-map-extends"
_REMEMBERED_TEXTS = 8192


class ConceptMap:
    """A compiled ConceptMap: `url`, `translate`, and `pairs`, the frozenset of its (code, target code)."""

    __slots__ = ("_steps", "_systems", "_unmapped", "pairs", "url")

    def __init__(self, url, steps, unmapped, pairs, systems):
        self.url = url
        self.pairs = pairs
        self._steps = steps
        self._systems = systems  # {target code: its system}
        self._unmapped = unmapped

    @classmethod
    def from_resource(cls, resource, maps=None):
        """Compile an R4 ConceptMap; `maps` (url -> ConceptMap) holds those it may go through.

        Raises ContentError for what cannot be compiled.
        """
        url = resource["url"]
        builder = _Builder(url, maps or {})
        for number, group in enumerate(resource.get("group", ())):
            builder.add(group, f"ConceptMap.group[{number}]")
        systems = {code: system for system, code in builder.own}
        return cls(url, tuple(builder.steps), builder.unmapped, frozenset(builder.pairs), systems)

    def translate(self, value):
        """The target code for a CodeableConcept, Coding, string, code or a list of them; None when unknown.

        In a list the first item that the map knows wins. What an item's `unmapped` gives counts last.
        """
        items = value if isinstance(value, (list, tuple)) else (value,)
        for item in items:
            found = self.look_up(*_read(item))
            if found is not None:
                return found
        if self._unmapped:
            mode, fixed = self._unmapped
            for item in items:
                codings, texts = _read(item)
                if mode == "provided" and codings and codings[0][0]:
                    return codings[0][1]
                if mode == "fixed" and (codings or texts):
                    return fixed
        return None

    def find(self, value):
        """(system, code) of the target for one value as `translate` takes it; None when no group knows it."""
        found = self.look_up(*_read(value))
        return None if found is None else (self._systems[found], found)

    def look_up(self, codings, texts):
        """The target code for [(system, code)] and [text]; None when unknown."""
        for step in self._steps:
            found = step.find(codings, texts)
            if found is not None:
                return found
        return None


class ValueSet:
    """The codes of a ValueSet that lists them: `url` and `codes`, a frozenset of (system, code)."""

    __slots__ = ("codes", "url")

    def __init__(self, url, codes):
        self.url = url
        self.codes = codes

    @classmethod
    def from_resource(cls, resource, code_systems=None, value_sets=None):
        """Expand compose by the listed concepts, held CodeSystems (url -> codes) and held ValueSets (url -> ValueSet).

        Raises ContentError for filters and for systems and sets that are not held: this server has no terminologies.
        """
        url = resource["url"]
        compose = resource.get("compose", {})

        def expand(kind):
            codes = set()
            for number, part in enumerate(compose.get(kind, ())):
                codes |= _expand(part, url, f"ValueSet.compose.{kind}[{number}]", code_systems or {}, value_sets or {})
            return codes

        return cls(url, frozenset(expand("include") - expand("exclude")))


def extended_map(resource):
    """The canonical of the map that this ConceptMap adds its groups to (in front), or None."""
    return _extension(resource, EXTENDS)


def needed_maps(resource):
    """[(canonical, location)] of the maps that a ConceptMap goes through."""
    return [
        (_extension(group, VIA), f"ConceptMap.group[{number}]")
        for number, group in enumerate(resource.get("group", ()))
        if _extension(group, VIA)
    ]


def _expand(part, url, where, code_systems, value_sets):
    if "filter" in part:
        raise ContentError(url, f"{where}.filter", "filters are not supported: list the concepts")
    codes = None
    if "concept" in part:
        codes = {(part["system"], concept["code"]) for concept in part["concept"]}
    elif "system" in part:
        if part["system"] not in code_systems:
            raise ContentError(
                url, f"{where}.system", f"the CodeSystem {part['system']} is not held: list the concepts"
            )
        codes = {(part["system"], code) for code in code_systems[part["system"]]}
    for canonical in part.get("valueSet", ()):
        if canonical not in value_sets:
            raise ContentError(url, f"{where}.valueSet", f"the ValueSet {canonical} is not held")
        held = value_sets[canonical].codes
        codes = set(held) if codes is None else codes & held
    return codes or set()


class _Builder:
    """Collects the steps of one map."""

    def __init__(self, url, maps):
        self.url = url
        self.maps = maps
        self.own = {}  # (target system, code) -> code
        self.steps = [_Codes(self.own)]
        self.pairs = []  # (code, target code)
        self.unmapped = None

    def add(self, group, where):
        system = group.get("source", "")
        match = _extension(group, MATCH)
        via = _extension(group, VIA)
        if via:
            if via not in self.maps:
                raise ContentError(self.url, f"{where}.extension", f"the ConceptMap {via} is not held")
            step = _Via(self.maps[via])
            self.steps.append(step)
            add = step.add
        elif system == TEXT:
            step = self._last(_Texts)
            add = step.add
        else:
            step = self._last(_Codes)
            systems = (system, *_extensions(group, ALIAS))

            def add(code, match, target):
                for each in systems:
                    step.add(each, code, match, target)

        for number, element in enumerate(group.get("element", ())):
            self._add_element(add, element, match, group.get("target"), f"{where}.element[{number}]")
        if "unmapped" in group:
            self.unmapped = self._unmapped(group["unmapped"], f"{where}.unmapped")

    def _add_element(self, add, element, match, target_system, where):
        code = element.get("code")
        targets = [target["code"] for target in element.get("target", ()) if "code" in target]
        self.pairs += [(code, target) for target in targets]
        if code and len(targets) > 1 and all(target["equivalence"] == "narrower" for target in element["target"]):
            return  # the parts of a whole; none of them translates it
        if not code or len(targets) != 1:
            raise ContentError(self.url, where, "an element needs a code and one target with a code")
        try:
            add(code, match, targets[0])
        except ValueError as e:
            raise ContentError(self.url, where, str(e)) from None
        self.own[target_system, targets[0]] = targets[0]

    def _last(self, kind):
        if len(self.steps) == 1 or not isinstance(self.steps[-1], kind):
            self.steps.append(kind())
        return self.steps[-1]

    def _unmapped(self, unmapped, where):
        if unmapped["mode"] not in ("fixed", "provided"):
            raise ContentError(self.url, where, f"mode {unmapped['mode']} is not supported")
        return unmapped["mode"], unmapped.get("code")


class _Codes:
    """Exact codes and prefixes of code systems; system '' is any."""

    __slots__ = ("any", "exact", "prefixes")

    def __init__(self, exact=None):
        self.exact = {} if exact is None else exact
        self.any = {}
        self.prefixes = {}  # system -> {length: {prefix: target}}, longest first

    def add(self, system, code, match, target):
        if match not in (None, "prefix"):
            raise ValueError(f"match {match} is not for codes")
        if match == "prefix":
            by_length = self.prefixes.setdefault(system, {})
            by_length.setdefault(len(code), {}).setdefault(code, target)
            self.prefixes[system] = dict(sorted(by_length.items(), reverse=True))
        elif system:
            self.exact.setdefault((system, code), target)
        else:
            self.any.setdefault(code, target)

    def find(self, codings, texts):
        for coding in codings:
            if coding in self.exact:
                return self.exact[coding]
        if self.any:
            for _, code in codings:
                if code in self.any:
                    return self.any[code]
        if self.prefixes:
            for system, code in codings:
                for length, targets in self.prefixes.get(system, {}).items():
                    found = targets.get(code[:length])
                    if found is not None:
                        return found
        return None


class _Texts:
    """Whole texts, beginnings and parts of texts; what is longest wins."""

    __slots__ = ("_match", "_pattern", "parts", "whole")

    def __init__(self):
        self.whole = {}
        self.parts = {}  # text -> (target, match)
        self._pattern = None
        self._match = lru_cache(_REMEMBERED_TEXTS)(self._search)

    def add(self, code, match, target):
        if match not in (None, "prefix", "contains"):
            raise ValueError(f"match {match} is not for texts")
        if match:
            self.parts.setdefault(_normal(code), (target, match))
        else:
            self.whole.setdefault(_normal(code), target)

    def find(self, codings, texts):
        for text in texts:
            found = self._match(text)
            if found is not None:
                return found
        return None

    def _search(self, text):
        text = _normal(text)
        if text in self.whole or not self.parts:
            return self.whole.get(text)
        if self._pattern is None:
            self._pattern = self._compile()
        longest = max(self._pattern.findall(text), key=len, default=None)
        return self.parts[longest][0] if longest else None

    def _compile(self):
        def expression(part):
            if self.parts[part][1] == "prefix":
                return r"\A" + re.escape(part)
            # A part that begins with a Latin letter begins a word: "pr" is not found in "improved".
            return ("(?<![a-z])" if part[0].isascii() and part[0].isalpha() else "") + re.escape(part)

        return re.compile("|".join(map(expression, sorted(self.parts, key=len, reverse=True))))


class _Via:
    """Another map's result, looked up."""

    __slots__ = ("map", "targets")

    def __init__(self, concept_map):
        self.map = concept_map
        self.targets = {}

    def add(self, code, match, target):
        if match:
            raise ValueError(f"match {match} is not for a group that goes through another map")
        self.targets.setdefault(code, target)

    def find(self, codings, texts):
        return self.targets.get(self.map.look_up(codings, texts))


def _normal(text):
    return " ".join(text.lower().split())


def _read(value):
    """([(system, code)], [text]) of a CodeableConcept, Coding, string, number or boolean."""
    if isinstance(value, dict):
        codings = value.get("coding")
        if codings is None:
            codings = [value] if "code" in value else ()
        texts = [value["text"]] if "text" in value else []
        pairs = []
        for coding in codings:
            if "code" in coding:
                pairs.append((coding.get("system", ""), coding["code"]))
            if "display" in coding:
                texts.append(coding["display"])
        return pairs, texts
    if value is None:
        return (), ()
    if isinstance(value, bool):
        value = "true" if value else "false"
    return [("", str(value))], [str(value)]


def _extensions(element, url):
    return [
        next(value for key, value in extension.items() if key.startswith("value"))
        for extension in element.get("extension", ())
        if extension["url"] == url
    ]


def _extension(element, url):
    return next(iter(_extensions(element, url)), None)
