"""A searchset Bundle, spliced from stored text (https://hl7.org/fhir/R4/bundle.html#searchset)."""

from ..fhir import json
from ..fhir.errors import operation_outcome
from .read import splice


def write_searchset(total, links, entries):
    """The Bundle as bytes. total: None to leave it out; links: {relation: url}; entries: bytes each."""
    head = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        head["total"] = total
    head["link"] = [{"relation": relation, "url": url} for relation, url in links.items()]
    return splice(head, entries)


def write_entry(base, mode, type, id, body):
    """An entry; mode and body: bytes."""
    full_url = f"{base}/{type}/{id}".encode()
    return b'{"fullUrl":"%b","resource":%b,"search":{"mode":"%b"}}' % (full_url, body, mode)


def outcome_entry(issues):
    """The entry that says what was left out, in a list; an empty list when nothing was."""
    return [json.dumps({"resource": operation_outcome(issues), "search": {"mode": "outcome"}})] if issues else []


def page_links(cursors, client, site, path, shown, position, more):
    """{relation: url} of a page: itself, the first one when it is another, the next one when there is one.

    shown: the parameters that were understood. position, more: where this page and the next begin, None: the first,
    there is none.
    """
    links = {"self": cursors.link(client, site, path, shown, position)}
    if position is not None:
        links["first"] = cursors.link(client, site, path, shown)
    if more is not None:
        links["next"] = cursors.link(client, site, path, shown, more)
    return links
