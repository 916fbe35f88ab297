"""A profile as a list of rules over resources (https://hl7.org/fhir/R4/profiling.html).

Rules come from the snapshot, else from the differential and from those of its base profiles that are held:
cardinality, fixed[x], pattern[x], required bindings to value sets that are held, types of a choice. Slices and their
content are skipped, and so are the invariants of a profile.
"""

from .primitives import shown


def compile_profile(profile, profiles, definitions, value_sets):
    """`check(resource) -> list[Problem]` (see structure.py) for a StructureDefinition dict.

    profiles: canonical -> StructureDefinition, where base profiles are looked up. value_sets: canonical ->
    frozenset of (system, code). The check expects a resource that is valid base R4.
    """
    name = profile["type"]
    rules = [
        (path[:-1], rule)
        for element in _unsliced(_elements(profile, profiles))
        if len(path := tuple(element["path"].split(".")[1:]))
        for rule in _rules(element, path[-1], _base_element(definitions, name, path), value_sets)
    ]

    def check(resource):
        if resource["resourceType"] != name:
            return [("", "structure", f"{profile['url']} is a profile of {name}", None)]
        return [
            (where + below, code, f"{message} ({profile['url']})", None)
            for path, rule in rules
            for where, parent in _reach(resource, path)
            for below, code, message in rule(parent)
        ]

    return check


def _elements(profile, profiles):
    """ElementDefinitions, those of base profiles first."""
    chain = []
    while profile and profile not in chain:
        chain.insert(0, profile)
        if "snapshot" in profile:
            break
        profile = profiles.get(profile.get("baseDefinition", ""))
    return [e for p in chain for e in p.get("snapshot", p.get("differential", {})).get("element", ())]


def _unsliced(elements):
    """Those elements that are neither a slice nor below one."""
    slice_path = None
    for element in elements:
        path = element["path"]
        if "sliceName" in element or ":" in element.get("id", ""):
            slice_path = path
        elif slice_path is None or not path.startswith(slice_path + "."):
            slice_path = None
            yield element


def _base_element(definitions, type_name, path):
    """The base definition's Element at a path, None when it leads through a choice."""
    element = None
    for step in path:
        type_def = definitions.types.get(type_name)
        element = type_def and type_def.elements.get(step.removesuffix("[x]"))
        if element is None:
            return None
        type_name = element.types[0]
    return element


def _rules(element, name, base, value_sets):
    """The rules of one ElementDefinition, each `rule(parent) -> list[(where, code, message)]`."""
    low = element.get("min", 0)
    high = element.get("max", "*")
    if low > (base.min if base else 0):
        yield _at_least(name, low)
    if high != "*" and not (base and base.max == int(high)):
        yield _at_most(name, int(high))
    if name.endswith("[x]") and "type" in element:
        types = {t["code"] for t in element["type"]}
        if base is None or not types >= set(base.types):
            yield _only_types(name, types)
    for key, value in element.items():
        if key.startswith("fixed"):
            yield _each(name, lambda v, fixed=value: v == fixed, "value", f"must be {shown(value)}")
        elif key.startswith("pattern"):
            yield _each(name, lambda v, pattern=value: _fits(v, pattern), "value", f"must fit {shown(value)}")
    binding = element.get("binding", {})
    url = binding.get("valueSet", "").partition("|")[0]
    if binding.get("strength") == "required" and url in value_sets and not (base and base.binding == url):
        yield _each(name, _membership(value_sets[url]), "code-invalid", f"is not in the value set {url}")


def _members(parent, name):
    """(JSON name, value) of an element of an object; a choice `value[x]` has the names valueQuantity ..."""
    stem = name.removesuffix("[x]")
    if stem == name:
        return [(name, parent[name])] if name in parent else []
    return [(key, v) for key, v in parent.items() if key.startswith(stem) and key[len(stem) : len(stem) + 1].isupper()]


def _children(parent, name):
    """(where, value) of each item of an element, nulls left out."""
    for key, value in _members(parent, name):
        if isinstance(value, list):
            yield from ((f".{key}[{n}]", item) for n, item in enumerate(value) if item is not None)
        else:
            yield f".{key}", value


def _reach(value, path, where=""):
    """(where, object) of every object at a path."""
    if not path:
        yield where, value
        return
    for step, child in _children(value, path[0]):
        if isinstance(child, dict):
            yield from _reach(child, path[1:], where + step)


def _count(parent, name):
    # A value may be there by its extensions only (`_birthDate`).
    members = _members(parent, name) + _members(parent, "_" + name)
    return max((len(v) if isinstance(v, list) else 1 for _, v in members), default=0)


def _at_least(name, low):
    def rule(parent):
        if _count(parent, name) >= low:
            return []
        return [("." + name.removesuffix("[x]"), "required", f"must occur at least {low} times")]

    return rule


def _at_most(name, high):
    def rule(parent):
        if _count(parent, name) <= high:
            return []
        return [("." + name.removesuffix("[x]"), "structure", f"must occur at most {high} times")]

    return rule


def _only_types(name, types):
    stem = name.removesuffix("[x]")
    admitted = {stem + t[0].upper() + t[1:] for t in types}

    def rule(parent):
        return [
            (f".{key}", "structure", f"must be {' or '.join(sorted(admitted))}")
            for key, _ in _members(parent, name) + [(k[1:], v) for k, v in _members(parent, "_" + name)]
            if key not in admitted
        ]

    return rule


def _each(name, holds, code, message):
    def rule(parent):
        return [(where, code, message) for where, value in _children(parent, name) if not holds(value)]

    return rule


def _fits(value, pattern):
    """Whether a value has at least what a pattern has (https://hl7.org/fhir/R4/elementdefinition.html#pattern)."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(k in value and _fits(value[k], p) for k, p in pattern.items())
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(_fits(v, p) for v in value) for p in pattern)
    return value == pattern


def _membership(codings):
    """Whether a code, Coding or CodeableConcept is of a value set; one by extensions only passes."""
    codes = {code for _, code in codings}

    def holds(value):
        if isinstance(value, str):
            return value in codes
        if value.keys() <= {"id", "extension"}:
            return True
        return any((c.get("system"), c.get("code")) in codings for c in value.get("coding", (value,)))

    return holds
