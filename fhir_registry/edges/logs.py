"""Lines of the log, on standard error: as text or as JSON (https://12factor.net/logs).

A line about a request has its id, method, route, status, milliseconds and bytes: no path, query, header or body, which
may name a patient.
"""

import logging
import re
import sys
import time

from fhir_registry.fhir import json

LEVELS = ("debug", "info", "warning", "error")
FORMATS = ("text", "json")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def configure_logging(level, format="text"):
    """Write the server's log lines from this level on. level: one of LEVELS; format: one of FORMATS."""
    log = logging.getLogger("fhir_registry")
    log.setLevel(level.upper())
    if not log.handlers:
        log.addHandler(logging.StreamHandler(sys.stderr))
        log.propagate = False
    for handler in log.handlers:
        handler.setFormatter(_Json() if format == "json" else _Text("%(asctime)s %(levelname)s %(message)s"))


class _Text(logging.Formatter):
    def format(self, record):
        return _CONTROL.sub(" ", super().format(record))  # one line, whatever a message quotes


class _Json(logging.Formatter):
    def format(self, record):
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{seconds}.{int(record.msecs):03}Z",
            "level": record.levelname.lower(),
            "process": record.process,
        }
        # A line about a request is its fields, see app.py.
        return json.dumps(line | getattr(record, "request", {"message": record.getMessage()})).decode()
