"""Each request leaves its events in the audit log, or is not answered (docs/audit.md, https://profiles.ihe.net/ITI/BALP/)."""

import ipaddress
import logging

from flask import current_app, g, request

from fhir_registry.core.audit import MINOR, SERIOUS, Event, Part
from fhir_registry.core.compartment import PATIENT
from fhir_registry.fhir.errors import FhirError
from fhir_registry.fhir.references import split_reference
from fhir_registry.ops.audit_log import AuditLog
from fhir_registry.ops.callers import NOBODY
from fhir_registry.ops.trail import Trail
from fhir_registry.store.site import DEFAULT_NUMBER, EVERY_NUMBER

from .config import NONE
from .errors import render_fhir_error
from .exchange import config, home_url
from .gate import METRICS, PUBLIC, TOKENS
from .rate import caller_address

log = logging.getLogger("fhir_registry")
_LOG = "fhir_registry_audit"
ERASED = ("deleted", "erased")  # kinds of errors: what was asked for was, or may have been, and is not named again
# What tells of the server only, to everybody.
_SILENT = PUBLIC - TOKENS
# Interactions (core.audit_event.KINDS) of routes; what is not here is an operation.
_INTERACTIONS = {
    "resources.read_current": "read",
    "resources.read_version": "vread",
    "resources.create": "create",
    "resources.update": "update",
    "resources.update_conditionally": "update",
    "resources.delete": "delete",
    "resources.delete_conditionally": "delete",
    "patches.patch": "patch",
    "patches.patch_conditionally": "patch",
    "searches.search_all": "search-system",
    "searches.search_all_by_form": "search-system",
    "searches.search_type": "search-type",
    "searches.search_type_by_form": "search-type",
    "searches.search_compartment": "search-type",
    "searches.search_compartment_by_form": "search-type",
    "operations.submit_bundle": "transaction",
    "imports.import_many": "import",
    "tables.read_table": "export",
    "audit.read": "read",
    "audit.search": "search-type",
    "audit.search_by_form": "search-type",
    "auth.grant_token": "login",
    "auth.revoke_token": "configure",
}


def keep_audit(app, config, registry):
    """Record what an application is asked, where it is known who asks."""
    if config.access == NONE:
        return
    app.extensions[_LOG] = AuditLog(registry.store)
    app.before_request(_begin)
    app.after_request(_record)


def name_client(registration, reason=""):
    """Say which client a request without a token is of. reason: why it is refused."""
    g.caller = NOBODY._replace(client=registration.id, site=registration.site, role=registration.role)
    g.reason = reason


def _begin():
    if "registry" in g:
        raise RuntimeError("a Registry was handed out before there was anything to note what is done with it")
    store = current_app.extensions["fhir_registry"].store
    g.trail = Trail(_event(), store, home_url())


def _record(response):
    """The response, when its events are stored; else another one that says so."""
    site = g.get("caller", NOBODY).site or DEFAULT_NUMBER
    try:
        for event in _events(response.status_code):
            current_app.extensions[_LOG].record(site, event)
    except FhirError as problem:
        if response.status_code >= 500:  # nothing was given, and why is worth more
            log.error("%s a failure is not in the audit log", g.request_id)
            return response
        response.close()
        return render_fhir_error(problem)
    return response


def _events(status):
    """The Events of this request that are not stored yet."""
    known = g.get("caller", NOBODY).client is not None
    if status >= 400:
        # Who sends too much would fill the log; what nobody may ask for was asked by nobody.
        refused = status == 429 or request.environ.get("fhir_registry.refusal")
        if not refused and (known or status in (401, 403) or request.endpoint in TOKENS):
            yield _failure(status)
        return
    if not known or request.method == "OPTIONS" or request.endpoint in _SILENT or request.endpoint == METRICS:
        return
    trail = g.trail
    if not (trail.stored and trail.is_empty):
        event = trail.take()
        of_one = event.interaction in ("read", "vread") or request.endpoint in TOKENS  # nothing is to be added
        yield _told(event, status, query="" if of_one else _query(g.get("form", b"")))
    if trail.refused:
        first = trail.refused[0].error.status
        named = [entry for entry in trail.refused if entry.error.kind not in ERASED]
        told = {"outcome": _outcome(first), "count": len(trail.refused), "parts": _parts(entry.url for entry in named)}
        told["query"] = "\n".join(f"{entry.method} {entry.url}" for entry in named)
        yield _told(trail.take(), first, **told)


def _failure(status):
    """The Event of what was refused or went wrong.

    Nothing of what somebody sent of whom nothing is known, or who has named no site: it may be of any. No patient
    where the site that was named is not the client's.
    """
    caller = g.get("caller", NOBODY)
    known = caller.client is not None and caller.site != EVERY_NUMBER
    event = g.trail.event if "trail" in g else _event()
    told = {"outcome": _outcome(status), "reason": g.get("reason", "")}
    if known and g.get("refused") not in ERASED and request.endpoint not in TOKENS:
        place = "/".join(request.path.split("/")[2:4])  # below /fhir
        told |= {"query": _query(), "parts": () if g.get("elsewhere") else _parts([place])}
    return _told(event, status, **told)


def _parts(urls):
    """The Parts of the patients whom relative URLs name."""
    places = (split_reference(url) for url in urls)
    return tuple(map(Part, sorted({place[2] for place in places if place and place[:2] == (None, PATIENT)})))


def _told(event, status, **members):
    caller = g.get("caller", NOBODY)
    who = {"client": caller.client or "", "role": caller.role or "", "user": caller.user}
    return event._replace(status=status, **who, **members)


def _outcome(status):
    return SERIOUS if status >= 500 else MINOR


def _event():
    """The Event of this request, as far as it is known before it is carried out."""
    caller = g.get("caller", NOBODY)
    return Event(
        _interaction(),
        caller.client or "",
        caller.role or "",
        caller.user,
        address=_address(),
        purpose=caller.purpose,
        request=g.request_id,
        method=request.method,
        route=str(request.url_rule or "-"),
    )


def _interaction():
    if request.endpoint == "resources.read_history":
        place = request.view_args
        return f"history-{'instance' if 'id' in place else 'type' if 'type' in place else 'system'}"
    return _INTERACTIONS.get(request.endpoint, "operation")


def _address():
    found = caller_address(request.remote_addr or "", request.headers.get("X-Forwarded-For"), config().trusted_proxies)
    try:
        return str(ipaddress.ip_address(found))
    except ValueError:  # a proxy says what is none
        return ""


def _query(form=b""):
    """What was asked for, as it was sent. form: one that was understood; any other may hold anything, a token too."""
    asked = b"&".join(filter(None, (request.query_string, form)))
    path = request.script_root + request.path  # with the name of the site
    return f"{path}?{asked.decode(errors='replace')}" if asked else path
