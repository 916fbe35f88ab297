"""What the server counts, for Prometheus (https://prometheus.github.io/client_python/multiprocess/).

Each process counts in files of its own, in the folder that `serve` names in PROMETHEUS_MULTIPROC_DIR before this module
is imported; whichever process is asked adds them up.
"""

import os
import platform

from prometheus_client import REGISTRY, CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

import fhir_registry
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.health import tallies

_BUCKETS = (0.005, 0.02, 0.1, 0.5, 2, 10, 60)
REQUESTS = Histogram(
    "fhir_registry_request_seconds",
    "From the whole request to the whole answer, by route",
    ("method", "route", "status"),
    buckets=_BUCKETS,
)
IN_FLIGHT = Gauge("fhir_registry_requests_in_flight", "Requests being worked on", multiprocess_mode="livesum")
CONNECTIONS = Gauge("fhir_registry_database_connections", "Database connections in use", multiprocess_mode="livesum")
WAITED = Histogram("fhir_registry_write_wait_seconds", "Wait for other writers of the site", buckets=_BUCKETS)
HELD = Histogram("fhir_registry_write_hold_seconds", "Write transactions, without the wait", buckets=_BUCKETS)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count_request(method, route, status, seconds):
    """Count a request that was answered. method: other words than METHODS are one, clients make them up."""
    REQUESTS.labels(method if method in METHODS else "other", route, str(status)).observe(seconds)


def watch_writes(store):
    """Count how long the writes of a Store wait and take."""

    def count(waited, held):
        WAITED.observe(waited)
        HELD.observe(held)

    store.on_write = count


def render_metrics(registry):
    """The metrics of all processes, and what the database counts, as bytes of Prometheus' text format."""
    collected = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(collected)
    else:
        collected.register(REGISTRY)
    collected.register(_Database(registry))
    return generate_latest(collected)


class _Database:
    def __init__(self, registry):
        self._registry = registry

    def collect(self):
        info = GaugeMetricFamily("fhir_registry_build_info", "The software", labels=("version", "python", "database"))
        kind = self._registry.store.database.engine.dialect.name
        info.add_metric((fhir_registry.__version__, platform.python_version(), kind), 1)
        yield info
        up = GaugeMetricFamily("fhir_registry_database_up", "Whether the database answers")
        try:
            counts = tallies(self._registry)
        except FhirError:
            up.add_metric((), 0)
            yield up
            return
        up.add_metric((), 1)
        yield up
        yield GaugeMetricFamily("fhir_registry_resources_created", "Resources ever created", value=counts["resources"])
        yield GaugeMetricFamily("fhir_registry_write_transactions", "Ever committed", value=counts["transactions"])
        jobs = GaugeMetricFamily("fhir_registry_jobs", "Jobs that are kept, by state", labels=("state",))
        for state, number in counts["jobs"].items():
            jobs.add_metric((state,), number)
        yield jobs
        what = "How long the oldest job has waited for a process; 0 when none waits"
        yield GaugeMetricFamily("fhir_registry_job_oldest_waiting_seconds", what, value=counts["oldest_waiting"])
