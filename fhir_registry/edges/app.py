"""The WSGI application: FHIR's RESTful API over one open registry (https://hl7.org/fhir/R4/http.html)."""

import logging
import re
import time
import uuid

from flask import Flask, g, request

from fhir_registry.content.registry import load_content
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.import_places import Places
from fhir_registry.ops.open import open_registry
from fhir_registry.store.failures import advise

from . import (
    exchange,
    http_erase,
    http_everything,
    http_findings,
    http_health,
    http_import,
    http_jobs,
    http_metadata,
    http_operations,
    http_patch,
    http_resources,
    http_search,
    http_smart,
    http_tables,
)
from .audited import keep_audit
from .config import BUILTIN, NONE, PREFIX, ConfigError
from .cors import allow_origins
from .errors import render_errors
from .gate import identify, make_gate
from .headers import protect_answers
from .metrics import CONNECTIONS, IN_FLIGHT, METHODS, count_request, watch_writes
from .origin import note_origin
from .sites import with_sites

log = logging.getLogger("fhir_registry")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LINE = ("id", "method", "route", "status", "ms", "bytes")  # of the log, about a request


class _Application(Flask):
    def make_default_options_response(self):
        """`Allow` with the methods of the route; routes without OPTIONS are there to say why they do nothing."""
        response = self.response_class()
        for rule in self.url_map.iter_rules():
            if rule.rule == request.url_rule.rule and "OPTIONS" in rule.methods:
                response.allow.update(rule.methods)
        del response.headers["Content-Type"]
        return response


def create_app(config, registry=None, failures=None):
    """Build the application.

    config: Config. registry: an open Registry; by default the one of the configuration is opened. failures: as in
    make_gate. Raises what open_configured and make_gate raise.
    """
    app = _Application("fhir_registry", static_folder=None)
    registry = _fit_log(config, registry or open_configured(config))
    registry.store.limit(config.request_seconds)  # commands and jobs take the time they need
    watch_writes(registry.store)
    app.extensions["fhir_registry"] = registry
    app.extensions["fhir_registry_config"] = config
    app.extensions["fhir_registry_gate"] = make_gate(config, registry, failures)
    app.url_map.merge_slashes = False
    app.url_map.converters["default"] = http_resources.Segment
    app.wsgi_app = _with_plain_paths(with_sites(app.wsgi_app))
    app.before_request(_begin)
    app.after_request(_end)
    protect_answers(app, config)
    allow_origins(app, config.cors_origins)
    app.before_request(identify)
    keep_audit(app, config, registry)
    app.before_request(note_origin)
    app.register_blueprint(http_health.watching)
    app.register_blueprint(http_operations.operations)
    app.register_blueprint(http_metadata.metadata)
    app.register_blueprint(http_smart.smart)
    if config.access == BUILTIN:
        from .http_auth import auth

        app.register_blueprint(auth)
    app.register_blueprint(http_jobs.jobs)
    app.register_blueprint(http_import.imports)
    app.register_blueprint(http_findings.findings)
    app.register_blueprint(http_tables.tables)
    app.register_blueprint(http_everything.compartments)
    app.register_blueprint(http_erase.erasures)
    if config.access != NONE:  # else AuditEvents are resources like all others
        from .http_audit import audit

        app.register_blueprint(audit)
    app.register_blueprint(http_search.searches)
    app.register_blueprint(http_resources.resources)
    app.register_blueprint(http_patch.patches)
    render_errors(app)
    return app


def open_configured(config, **options):
    """Open the registry that a Config describes; creates the data folder. options: more of those of open_registry.

    Raises ConfigError when the database cannot be opened, ContentError for bad content.
    """
    if config.database.startswith("sqlite"):
        config.data_dir.mkdir(parents=True, exist_ok=True)
    content = load_content(*config.content)
    try:
        registry = open_registry(
            config.database,
            content,
            max_entries=config.max_bundle_entries,
            small_cell=config.small_cell,
            insecure_durability=config.insecure_durability,
            require_reason=config.require_reason,
            places=Places(config.import_folder, config.import_hosts, config.import_max_bytes, config.access != NONE),
            **options,
        )
        return _fit_log(config, registry)
    except ValueError as e:
        raise ConfigError(f"{PREFIX}DATABASE: {e}") from None
    except FhirError as e:
        reason = str(getattr(e.__cause__, "orig", None) or e).splitlines()[0]
        raise ConfigError(f"{PREFIX}DATABASE: the database cannot be opened: {reason}{advise(reason)}") from None


def _fit_log(config, registry):
    """The Registry, with AuditEvents as the Config has them."""
    return registry if config.access == NONE else registry.with_audit_log()


def _with_plain_paths(wsgi_app):
    # `/fhir//Patient/` means `/fhir/Patient`; a redirect would lose the body of a POST.
    def application(environ, start_response):
        path = environ["PATH_INFO"]
        if "//" in path or path.endswith("/"):
            environ["PATH_INFO"] = re.sub("//+", "/", path).rstrip("/") or "/"
        return wsgi_app(environ, start_response)

    return application


def _begin():
    g.started = time.perf_counter()
    IN_FLIGHT.inc()
    sent = request.headers.get("X-Request-Id", "")
    g.request_id = sent if _REQUEST_ID.fullmatch(sent) else uuid.uuid4().hex
    if refusal := request.environ.get("fhir_registry.refusal"):  # of front.py
        raise refusal


def _end(response):
    response.headers["X-Request-Id"] = g.request_id
    seconds = time.perf_counter() - g.started
    # The route, not the path or the query: those may hold a patient's identifiers.
    route, size = str(request.url_rule or "-"), response.content_length or 0
    IN_FLIGHT.dec()
    if response.status_code == 503 and not request.environ.get("fhir_registry.refusal"):
        exchange.registry().store.look_at_rules()
    CONNECTIONS.set(exchange.registry().store.database.in_use)
    count_request(request.method, route, response.status_code, seconds)
    method = request.method if request.method in METHODS else "other"
    line = (g.request_id, method, route, response.status_code, round(seconds * 1000, 1), size)
    log.info("%s %s %s %d %.1f ms %d bytes", *line, extra={"request": dict(zip(_LINE, line, strict=True))})
    return response
