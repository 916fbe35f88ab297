"""Validation against base R4 and against profiles (https://hl7.org/fhir/R4/validation.html)."""

from collections import Counter

from ..fhir.errors import Issue
from .primitives import json_kind, shown
from .profiles import compile_profile
from .structure import MAX_PROBLEMS, compile_types


class Validator:
    """Checks resources as `fhir.json.parse` gives them; compiled once, free of state, safe for threads.

    definitions: content.definitions.Definitions. profiles: canonical -> StructureDefinition dict.
    value_sets: canonical -> frozenset of (system, code), or an object that has it as `codes`.
    """

    def __init__(self, definitions, profiles=None, value_sets=None):
        held = {url: getattr(v, "codes", v) for url, v in (value_sets or {}).items()}
        self._resource_types = definitions.resource_types
        self._checks = compile_types(definitions, definitions.value_sets, self._check_resource)
        profiles = profiles or {}
        self._profiles = {
            url: compile_profile(profile, profiles, definitions, definitions.value_sets | held)
            for url, profile in profiles.items()
        }

    def validate(self, resource, path=None):
        """All that is wrong with a resource by base R4: list of Issue, empty when nothing is.

        path: stands in the locations for the root, e.g. `Bundle.entry[6].resource`. Locations are FHIRPath but for
        choices, which have their JSON name (`Observation.valueQuantity.value`); what is missing is named as if it
        were there.
        """
        try:
            problems = self._check_resource(resource, None)
        except RecursionError:
            problems = [("", "too-costly", "is nested too deeply", None)]
        return self._issues(problems or (), path or _root(resource))

    def validate_profiles(self, resource, path=None):
        """All that is wrong with a valid resource by the profiles that it claims in meta.profile: list of Issue.

        A profile that is not held gives one Issue of severity `information`.
        """
        root = path or _root(resource)
        issues = []
        for position, claim in enumerate(resource.get("meta", {}).get("profile", ())):
            check = self._profiles.get(claim) or self._profiles.get((claim or "").partition("|")[0])
            if check:
                issues += self._issues(check(resource), root)
            elif claim:
                where = f"{root}.meta.profile[{position}]"
                issues.append(Issue("information", "not-found", f"{where}: profile {claim} is not known here", where))
        return issues

    def _issues(self, problems, root):
        return [Issue("error", code, f"{root}{where}: {text}", root + where) for where, code, text, _ in problems][
            :MAX_PROBLEMS
        ]

    def _check_resource(self, value, owner, contained=False):
        if type(value) is not dict:
            return [("", "structure", f"must be a resource, not {json_kind(value)}", None)]
        name = value.get("resourceType")
        if type(name) is not str or name not in self._resource_types:
            text = "is required" if name is None else f"{shown(name)} is not a resource type"
            return [(".resourceType", "structure", text, None)]
        problems = self._checks[name](value, owner)
        if contained:
            return _check_contained(value, problems)
        if problems or "contained" in value:
            return _settle(value, problems or ())
        return None


def _root(resource):
    name = resource.get("resourceType") if isinstance(resource, dict) else None
    return name if isinstance(name, str) else "Resource"


def _check_contained(resource, problems):
    """The problems of a contained resource; those of the container too are still pending."""
    found = list(problems or ())
    if "contained" in resource:
        found.append((".contained", "invariant", "dom-2: a contained resource SHALL NOT contain resources", None))
    meta = resource.get("meta")
    for name, key in (("versionId", "dom-4"), ("lastUpdated", "dom-4"), ("security", "dom-5")):
        if isinstance(meta, dict) and name in meta:
            found.append((f".meta.{name}", "invariant", f"{key}: a contained resource SHALL NOT have it", None))
    if "id" not in resource:
        found.append((".id", "required", "is required in a contained resource", None))
    return found


def _settle(resource, problems):
    """What is left of the problems once the whole resource is known, with those of the whole."""
    contained = resource.get("contained")
    contained = [c for c in contained if isinstance(c, dict)] if isinstance(contained, list) else []
    ids = Counter(c["id"] for c in contained if isinstance(c.get("id"), str))
    found = []
    seen = set()
    referred = set()
    for problem in problems:
        kind, value = problem[3] or (None, None)
        if kind == "fragment" and (not value or value in ids):
            referred.add(value)
            continue
        if kind == "id" and value not in seen:
            seen.add(value)
            continue
        found.append(problem)
    if ids and not (referred >= ids.keys() and len(ids) == len(contained)):
        # Something is contained that no Reference names: a look at every string, as a canonical may name it too.
        found += _check_containment(resource, contained, ids)
    return found


def _check_containment(resource, contained, ids):
    mentioned = _fragments(resource)
    for position, inner in enumerate(contained):
        name = inner.get("id")
        if not isinstance(name, str):
            continue
        where = f".contained[{position}]"
        if ids[name] > 1:
            yield (where + ".id", "invariant", f"{shown(name)} is the id of another contained resource too", None)
        elif "#" + name not in mentioned and "#" not in _fragments(inner):
            text = f"dom-3: nothing in the resource refers to the contained resource {shown(name)}"
            yield (where, "invariant", text, None)


def _fragments(value):
    """Every string that begins with `#` in a JSON value."""
    if isinstance(value, str):
        return {value} if value.startswith("#") else set()
    members = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return set().union(*map(_fragments, members))
