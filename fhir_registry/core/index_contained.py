"""Index rows of contained resources, which stand for chains into them (https://hl7.org/fhir/R4/search.html#contained)."""

from functools import lru_cache

from ..content.searchparams import contained_param
from ..fhir.references import rewrite

DEPTH = 3  # contained resources one after the other in a chain
# Makes a reference `#x` one to a resource of its type, which `resolve() is Type` can tell; no resource has such an id.
_MARK = "contained-8f0c2b52-3f0e-4d0b-9f64-"


def add_contained(found, resource, search_params, rows_of):
    """Add to {kind: rows} those of the contained resources that a resource refers to, directly or through each other.

    rows_of: function (resource, search_params) -> {kind: rows} of a resource alone.
    """
    held, marks = {}, {}
    for number, contained in enumerate(resource["contained"]):
        marks[f"#{contained.get('id')}"] = mark = f"{contained['resourceType']}/{_MARK}{number}"
        held[mark] = contained
    marked = {mark: rewrite(contained, marks, frozenset(), []) for mark, contained in held.items()}

    def reached(sources):
        """{(reference parameter, type): {mark: None}} of what these resources of one type name."""
        named = {}
        for source in sources:
            for param in search_params[source["resourceType"]]:
                if param.type == "reference":
                    for type_name, value in param.get(source):
                        mark = value.get("reference") if type_name == "Reference" else None
                        if mark in held:
                            named.setdefault((param, held[mark]["resourceType"]), {})[mark] = None
        return named

    def add(sources, path):
        for (param, type_), names in reached(sources).items():
            steps = (*path, param)
            ids = _ids(steps, search_params[type_])
            for mark in names:
                for kind, rows in rows_of(held[mark], search_params).items():
                    found[kind] += [(ids[row[0]], *row[1:]) for row in rows]
            if len(steps) < DEPTH:
                add([marked[mark] for mark in names], steps)

    add([rewrite(resource, marks, frozenset(), [])], ())


@lru_cache(maxsize=1024)
def _ids(steps, params):
    """{id of what is indexed for a resource itself: id when the reference parameters `steps` lead to it}."""
    ids = {}
    for param in params:
        components = [each for alternative in param.alternatives for each in alternative.components]
        for each in (param, *param.derived.values(), *components):
            there = each
            for step in reversed(steps):
                there = contained_param(step, there)
            ids[each.id] = there.id
    return ids
