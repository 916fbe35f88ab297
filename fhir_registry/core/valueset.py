"""The codes of a ValueSet (https://hl7.org/fhir/R4/valueset.html#compositions).

A set of codes is a set of (system, code); (system, None) stands for every code of a system.
"""

from ..fhir.errors import FhirError, error

MAX_CODES = 20_000
MAX_DEPTH = 20  # ValueSets that name one another
_UNCLOSED = ("valueset-unclosed", "valueset-toocostly")


def expand(resource, find_value_set, find_code_system, path=()):
    """The codes of a ValueSet: a frozenset of (system, code), code None for all of a system.

    find_value_set(canonical) -> its codes, given `path` of the ValueSets on the way as a keyword.
    find_code_system(canonical) -> CodeSystem or None. Raises FhirError (400): not-supported for what cannot be worked
    out exactly, too-costly for more than MAX_CODES codes.
    """
    url = resource.get("url") or f"ValueSet/{resource.get('id')}"
    key = url, resource.get("version")
    if key in path:
        raise _refusal(url, "is part of itself")
    if len(path) == MAX_DEPTH:
        raise _refusal(url, f"is named by ValueSets more than {MAX_DEPTH} deep", "too-costly")
    if "compose" not in resource and "expansion" not in resource:
        raise _refusal(url, "has neither compose nor expansion")
    if "compose" not in resource:
        return _expansion(url, resource["expansion"])
    expander = _Expander(url, find_value_set, find_code_system, (*path, key))
    try:
        return expander.compose(resource["compose"])
    except FhirError as e:
        # What cannot be worked out here has perhaps been worked out elsewhere.
        if "expansion" not in resource or e.issues[0].code == "too-costly":
            raise
        return _expansion(url, resource["expansion"])


def _expansion(url, expansion):
    if any(each["url"].endswith(_UNCLOSED) for each in expansion.get("extension", ())):
        raise _refusal(url, "has an expansion that is not whole")
    found, listed, waiting = set(), 0, list(expansion.get("contains", ()))
    while waiting:
        entry = waiting.pop()
        listed += 1
        if "code" in entry and not entry.get("abstract"):
            found.add((entry.get("system", ""), entry["code"]))
        waiting.extend(entry.get("contains", ()))
    if expansion.get("offset") or expansion.get("total", listed) > listed:
        raise _refusal(url, "has an expansion that is not whole")
    return _bounded(url, frozenset(found))


class _Expander:
    """Works out the compose of one ValueSet."""

    def __init__(self, url, find_value_set, find_code_system, path):
        self._url = url
        self._find_value_set, self._find_code_system, self._path = find_value_set, find_code_system, path

    def compose(self, compose):
        if compose.get("inactive") is False:
            raise _refusal(self._url, "leaves out inactive codes, which are not known here")
        found = self._union(compose["include"])
        return _bounded(self._url, self._without(found, self._union(compose.get("exclude", ()))))

    def _union(self, parts):
        return frozenset().union(*(self._part(part) for part in parts))

    def _part(self, part):
        """The codes of an include or exclude: those of its system that all its ValueSets hold too."""
        sets = [self._find_value_set(canonical, path=self._path) for canonical in part.get("valueSet", ())]
        if "system" in part:
            sets.append(self._of_system(part))
        found = sets[0]
        for other in sets[1:]:
            found = frozenset(
                [t for t in found if _holds(other, t)] + [t for t in other if _holds(found, t)],
            )
        return found

    def _of_system(self, part):
        system = part["system"]
        if "concept" in part:
            return frozenset((system, concept["code"]) for concept in part["concept"])
        if "filter" not in part:
            return frozenset([(system, None)])
        code_system = self._system(system, part.get("version"))
        codes = code_system.codes()
        for each in part["filter"]:
            codes &= code_system.filter(each["property"], each["op"], each["value"])
        return frozenset((system, code) for code in codes)

    def _without(self, found, excluded):
        kept = set()
        for system, code in found:
            if code is None and (system, None) not in excluded and any(other == system for other, _ in excluded):
                whole = ((system, each) for each in self._system(system, None).codes())
                kept.update(token for token in whole if token not in excluded)
            elif not _holds(excluded, (system, code)):
                kept.add((system, code))
        return frozenset(kept)

    def _system(self, url, version):
        found = self._find_code_system(f"{url}|{version}" if version else url)
        if found is None:
            raise _refusal(self._url, f"needs the CodeSystem {url}, which is not known here")
        return found


def _holds(codes, token):
    return token in codes or (token[0], None) in codes


def _bounded(url, codes):
    if len(codes) > MAX_CODES:
        raise _refusal(url, f"has more than {MAX_CODES:,} codes", "too-costly")
    return codes


def _refusal(url, what, code="not-supported"):
    return error("bad-request", code, f"The ValueSet {url} {what}")
