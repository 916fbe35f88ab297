"""Search: parameters in, a searchset Bundle out (https://hl7.org/fhir/R4/search.html)."""

from ..core.access import ANY, LETTERS
from ..core.paging import go_on, resume
from ..core.query import parse_filter, parse_pairs
from ..core.subset import subset
from ..fhir import json
from ..fhir.errors import FhirError, Issue, error
from .explain import explain
from .includes import follow_includes
from .search_place import Place, permitted_anywhere, permitted_types
from .search_request import parse_request
from .searchset import outcome_entry, page_links, write_entry, write_searchset
from .terminology import Terminology


def search(registry, site, path, pairs, client):
    """Search below a path; returns the searchset Bundle as bytes, or with `_explain` a Parameters resource.

    path: empty for all types, `Type`, or in a compartment `Type/id/Type` or `Type/id/*`. pairs: (name, value),
    percent-decoded. client: core.paging.Client. What cannot be honoured is refused with a FhirError (400, 404), never
    ignored; only when the client is not strict, what is not known is left out, of the self link too, and an
    OperationOutcome entry says so.
    """
    with registry.store.read(site) as connection:
        return search_in(registry, connection, site, path, pairs, client)


def search_in(registry, connection, site, path, pairs, client):
    """search inside a transaction."""
    request = parse_request(registry, connection, site, path, pairs, client)
    query = registry.store.search.prepare(connection, site, request.filter, request.order)
    if request.explain and not registry.access.is_whole:  # it tells of what he may not see
        raise registry.access.refusal(ANY, LETTERS, "see how a search is done")
    if request.explain:
        return explain(query, request.count + 1, (request.position or [None])[0])
    after, total = resume(request.position, registry.access, lambda: _total(query, request))
    rows = query.page(request.count + 1, after) if request.count else []
    page = rows[: request.count]
    more = go_on(page[-1].keys, total, registry.access) if len(rows) > len(page) else None
    matches = [row.rid for row in page]
    permitted = permitted_anywhere(registry, connection, site) if request.includes else None
    others, cut = follow_includes(registry.store.search, connection, site, request.includes, matches, permitted)
    issues = [*request.issues, *([Issue("warning", "incomplete", cut)] if cut else [])]
    entries = _entries(registry, connection, request, matches, others)
    links = page_links(registry.cursors, request.client, site, path, request.shown, request.position, more)
    return write_searchset(total, links, entries + outcome_entry(issues))


def find(registry, connection, site, type, criteria):
    """Ids (at most two) of the resources that the criteria of a conditional interaction select.

    criteria: `identifier=s|v`, percent-encoded or not. Raises FhirError: 400 when they would select every resource, 403
    when the client may not search the type.
    """
    terminology = Terminology(registry, connection, site, None)
    _, permitted = permitted_types(registry, Place((type,)), (type,), True)
    known = {"terminology": terminology, "access": registry.access, "served": registry.types}
    filter = parse_filter((type,), parse_pairs(criteria), registry.content.search_params, None, **known)
    if not filter.criteria:
        message = f"The condition '{criteria}' would match every {type}; give an id in the path, or search criteria"
        raise error("bad-request", "invalid", message)
    return registry.store.search.find(connection, site, filter._replace(criteria=(*permitted, *filter.criteria)))


def find_one(registry, writer, type, criteria, path=None):
    """The id of the one resource that criteria select, None when there is none.

    path: where the condition stands in the request. Raises FhirError: 400 for criteria that cannot be judged, 412 for
    several matches.
    """
    try:
        ids = find(registry, writer.connection, writer.site, type, criteria)
    except FhirError as problem:
        raise problem.located(path) from None
    if len(ids) > 1:
        raise error("precondition-failed", "multiple-matches", f"More than one {type} matches {criteria}", path)
    return ids[0] if ids else None


def _total(query, request):
    return None if request.total == "none" else query.total(exact=request.total == "accurate")


def _entries(registry, connection, request, matches, others):
    """The entries of matches and of what is included. `_elements` is about matches, `_summary` about all."""
    bodies = registry.store.reader.current(connection, [*matches, *others]) if matches else {}
    if registry.trail:
        of = "search-type" if request.filter.types else "search-system"
        registry.trail.note_found((body for _, _, body in bodies.values()), of)
    entries = []
    for mode, rids in ((b"match", matches), (b"include", others)):
        elements = request.elements if mode == b"match" else ()
        for rid in rids:
            type_, id_, body = bodies[rid]
            if elements or request.summary:
                body = json.dumps(subset(json.parse(body), registry.content.definitions, request.summary, elements))
            entries.append(write_entry(request.client.base, mode, type_, id_, body))
    return entries
