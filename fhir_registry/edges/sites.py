"""The site that a request asks: that of the client, or the one that the URL names (docs/security.md, https://hl7.org/fhir/R4/security.html)."""

import re

from flask import current_app, g, request

from fhir_registry.fhir.errors import error
from fhir_registry.ops.callers import OFFICE, as_authority
from fhir_registry.store.site import DEFAULT_NUMBER, EVERY_NUMBER, find_site, made_by, name_sites
from fhir_registry.store.wall import EVERYWHERE

from .config import PSEUDONYMISED
from .exchange import SITE, config, home_url

_NAMED = re.compile(r"(/site/([^/]+))(/fhir(?:/.*)?)", re.DOTALL)
# What is asked of all sites at once, and of the content, which is the same in all.
_POOLED = frozenset({"operations.evaluate_measure", "jobs.report_job", "jobs.cancel_job", "jobs.read_errors"})
_OF_TYPES = frozenset(
    {
        "resources.read_current",
        "resources.read_version",
        "resources.read_history",
        "searches.search_type",
        "searches.search_type_by_form",
    }
)


def with_sites(wsgi_app):
    """`/site/NAME/fhir/...` is `/fhir/...` of one site: the routes are the same, the name is in the environment."""

    def application(environ, start_response):
        match = _NAMED.fullmatch(environ["PATH_INFO"])
        if match:
            prefix, name, environ["PATH_INFO"] = match.groups()
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
            environ[SITE] = name.encode("latin1").decode(errors="replace")
        return wsgi_app(environ, start_response)

    return application


def choose_site():
    """Let `g.caller` be of the site that is asked. Raises not-found for one that is not his; required without any."""
    caller = g.caller
    if SITE in request.environ:
        g.caller = caller._replace(site=_find(caller.site, request.environ[SITE]))
    elif caller.site == EVERY_NUMBER and request.endpoint and request.endpoint not in _POOLED:
        types = {type for type, _ in _opened().owned}
        if request.endpoint not in _OF_TYPES or request.view_args.get("type") not in types:
            message = "This client is of all sites; here it can read content and evaluate measures over all of them"
            raise error("bad-request", "required", f"{message}. {_which()}")
        g.caller = caller._replace(site=DEFAULT_NUMBER, access=caller.access.narrowed(sorted(types)))
        return
    if config().registry_reads == PSEUDONYMISED and caller.role == OFFICE:
        opened = _opened()
        if not made_by(opened.store, g.caller.site):
            g.caller = as_authority(g.caller, opened.content.search_params)


def _find(own, name):
    """The number of the site with this name: `own`, or any for who is of all sites. Raises not-found.

    `g.elsewhere` says then that nothing was asked of a site of this client.
    """
    store = _opened().store
    with store.ask(EVERYWHERE) as connection:
        number = find_site(store, connection, name) if name.isprintable() else None
    if number is None or own not in (EVERY_NUMBER, number):
        g.elsewhere = True
        known = _which() if own == EVERY_NUMBER else f"The FHIR base of this client is {home_url()}"
        raise error("not-found", "not-found", f"There is no such site. {known}")
    return number


def _which():
    names = ", ".join(name_sites(_opened().store).values())
    return f"Name a site, as {home_url().rpartition('/')[0]}/site/NAME/fhir; sites are {names}"


def _opened():
    return current_app.extensions["fhir_registry"]
