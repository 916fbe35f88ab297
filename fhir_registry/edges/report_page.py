"""MeasureReports for people: a page where a browser asks for one (docs/http.md)."""

from base64 import b64encode
from hashlib import sha256

from flask import Response, g

from fhir_registry.fhir import json
from fhir_registry.reports.groups import POPULATION
from fhir_registry.reports.page import STYLE, render_page

from .exchange import registry, respond

_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
# The page needs nothing but itself and its one style sheet; whatever the data hold, nothing else is loaded or run.
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def respond_report(report):
    """A report (dict) just made, as JSON or, where it is asked for, as a page."""
    if g.page:
        return respond_page(report)
    response = respond(json.dumps(report))
    response.vary.add("Accept")
    return response


def respond_page(report):
    """The page of a MeasureReport (dict). It has no entity tag: it changes with the server's version too."""
    response = Response(render_page(report, _find_measure(report), _population_words()), mimetype="text/html")
    response.headers["Content-Security-Policy"] = _POLICY
    response.vary.add("Accept")
    return response


def _find_measure(report):
    """The Measure (dict) here that has the report's canonical; None when it is somebody else's."""
    canonical = report.get("measure", "").partition("|")[0]
    content = registry().content
    measures = (*content.measures.values(), *content.custom_measures.values())
    return next((measure.resource for measure in measures if measure.url == canonical), None)


def _population_words():
    """{code: definition} of our populations."""
    systems = (resource for resource in registry().content.resources if resource.get("url") == POPULATION)
    return {concept["code"]: concept["definition"] for system in systems for concept in system["concept"]}
