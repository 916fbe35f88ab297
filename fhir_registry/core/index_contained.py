"""Index rows of contained resources, which stand for chains into them (https://hl7.org/fhir/R4/search.html#contained)."""

from functools import lru_cache

from ..content.searchparams import contained_param
from ..fhir.references import rewrite

DEPTH = 3  # contained resources one after the other in a chain
# Makes a reference `#x` one to a resource of its type, for what asks of which type it is; no resource has such an id.
_MARK = "contained-8f0c2b52-3f0e-4d0b-9f64-"


def add_contained(found, resource, search_params, rows_of):
    """Add to {kind: rows} those of the contained resources that a resource refers to, directly or through each other.

    rows_of: function (resource, search_params) -> {kind: rows} of a resource alone.
    """
    held, marks = {}, {}
    for number, contained in enumerate(resource["contained"]):
        if "id" in contained:
            reference, mark = f"#{contained['id']}", f"{contained['resourceType']}/{_MARK}{number}"
            marks[reference] = mark
            held[reference] = held[mark] = contained

    def named_by(sources):
        """{(reference parameter, type): what of it these resources name}; the sources are of one type."""
        named = {}
        for source in sources:
            marked = None
            for param in _references(search_params[source["resourceType"]], tuple(source)):
                if param.asks_type and marked is None:
                    marked = rewrite(source, marks, frozenset(), [])
                for type_name, value in param.get(marked if param.asks_type else source):
                    there = held.get(value.get("reference")) if type_name == "Reference" else None
                    if there is not None:
                        named.setdefault((param, there["resourceType"]), {})[id(there)] = there
        return named

    def add(sources, path):
        for (param, type_), named in named_by(sources).items():
            steps = (*path, param)
            ids = _ids(steps, search_params[type_])
            if param.asks_type and not path:
                # It names something of the type that it asks for, which cannot be seen without the container.
                found["reference"] += [(param.id, 0, "", f"#{there['id']}") for there in named.values()]
            for there in named.values():
                for kind, rows in rows_of(there, search_params).items():
                    found[kind] += [(ids[row[0]], *row[1:]) for row in rows]
            if len(steps) < DEPTH:
                add(named.values(), steps)

    add([resource], ())


@lru_cache(maxsize=8192)
def _references(params, members):
    """The reference parameters that may find something in a resource with these members."""
    references = (param for param in params if param.type == "reference")
    return [param for param in references if param.roots is None or not param.roots.isdisjoint(members)]


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
