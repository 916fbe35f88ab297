"""References, and their rewriting inside a bundle (https://hl7.org/fhir/R4/bundle.html#references)."""

import re

ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_REST = re.compile(
    r"(?:(?P<base>https?://.+)/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[^/]+)?"
)
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)
_LINK = re.compile(r"""(\b(?:href|src)\s*=\s*)(["'])([^"']*)\2""")


def split_reference(value):
    """`[base/]Type/id[/_history/v]` -> (base or None, type, id); None for anything else."""
    match = _REST.fullmatch(value)
    return (match["base"], match["type"], match["id"]) if match else None


def split_conditional(value):
    """`Patient?identifier=s|v` -> ("Patient", "identifier=s|v"); None for anything else."""
    match = _CONDITIONAL.fullmatch(value)
    return match.groups() if match else None


def base_of(full_url):
    """The service base of a RESTful full URL, None for urn:uuid and the like."""
    parts = split_reference(full_url) if full_url else None
    return parts[0] if parts else None


def is_open(value):
    """Whether a reference means something only inside a bundle: a urn:uuid, or a search (`Patient?identifier=x`)."""
    return value.startswith("urn:uuid:") or (_CONDITIONAL.fullmatch(value) is not None if "?" in value else False)


def rewrite(node, targets, uri_names, unresolved):
    """A copy of a resource (or part of one) in which what `targets` knows points to its new place.

    targets: full URL or relative reference -> `Type/id`. Rewritten are Reference.reference, elements whose
    name is in uri_names, and href and src of the narrative; never a canonical. Parts without a change are shared
    with the original, and without any change the original itself is returned. Open references that `targets` does
    not know are appended to the list `unresolved`.
    """
    changed = None
    for key, value in node.items():
        kind = type(value)
        if kind is str:
            if key == "reference":
                new = targets.get(value) or _rewrite_fragment(value, targets)
                if new is value and is_open(value):
                    unresolved.append(value)
            elif key in uri_names and value in targets:
                new = targets[value]
            elif key == "div":
                new = _rewrite_narrative(value, targets)
            else:
                continue
        elif kind is dict:
            new = rewrite(value, targets, uri_names, unresolved)
        elif kind is list:
            new = _rewrite_list(key, value, targets, uri_names, unresolved)
        else:
            continue
        if new is not value:
            if changed is None:
                changed = dict(node)
            changed[key] = new
    return node if changed is None else changed


def _rewrite_fragment(value, targets):
    start, mark, fragment = value.partition("#")
    return f"{targets[start]}#{fragment}" if mark and start in targets else value


def _rewrite_list(key, items, targets, uri_names, unresolved):
    changed = None
    for position, value in enumerate(items):
        kind = type(value)
        if kind is dict:
            new = rewrite(value, targets, uri_names, unresolved)
        elif kind is str and key in uri_names and value in targets:
            new = targets[value]
        else:
            continue
        if new is not value:
            if changed is None:
                changed = list(items)
            changed[position] = new
    return items if changed is None else changed


def _rewrite_narrative(div, targets):
    if "href" not in div and "src" not in div:
        return div
    new = _LINK.sub(lambda m: f"{m[1]}{m[2]}{targets.get(m[3], m[3])}{m[2]}", div)
    return div if new == div else new


def locate(node, wanted, path):
    """Yield (location, value) of each reference whose value is in `wanted`; `path` is where node stands."""
    for key, value in node.items():
        if key == "reference" and type(value) is str:
            if value in wanted:
                yield f"{path}.{key}", value
        elif type(value) is dict:
            yield from locate(value, wanted, f"{path}.{key}")
        elif type(value) is list:
            for position, item in enumerate(value):
                if type(item) is dict:
                    yield from locate(item, wanted, f"{path}.{key}[{position}]")
