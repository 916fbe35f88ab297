"""How the server is, for those who watch it (https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/)."""

from flask import Blueprint, Response

from fhir_registry import __version__
from fhir_registry.fhir import json
from fhir_registry.ops.health import health

from .exchange import config, registry
from .metrics import render_metrics

watching = Blueprint("watching", __name__)


@watching.get("/health/live")
def report_life():
    """That this process answers; asks nobody."""
    return _state({"status": "ok", "version": __version__})


@watching.get("/health")
@watching.get("/health/ready")
def report_readiness():
    """Whether requests can be served, check by check."""
    return _state(health(registry(), config().data_dir, config().job_workers))


@watching.get("/metrics")
def report_metrics():
    return Response(render_metrics(registry()), content_type="text/plain; version=0.0.4; charset=utf-8")


def _state(state):
    return Response(json.dumps(state), 200 if state["status"] == "ok" else 503, mimetype="application/json")
