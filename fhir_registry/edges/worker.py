"""A process that does jobs, by itself or kept by a server (docs/cli.md; https://hl7.org/fhir/R5/async-bundle.html)."""

import logging
import os
import signal
import sys
import time

from fhir_registry.ops.jobs import work
from fhir_registry.ops.open import spare_collector
from fhir_registry.ops.workers import end_with

from .config import PREFIX, Config
from .logs import configure_logging
from .supervise import ended_in_one_line

log = logging.getLogger("fhir_registry")


def run_worker(parent=None, database=None):
    """Do jobs until SIGINT or SIGTERM; what is done then is given back, for another to go on with.

    parent: number of the process that started this one, and with which it ends. database: URL or path, before the
    environment's. Raises ConfigError or ContentError.
    """
    from .app import open_configured

    stop = _Stop()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_, stop.set)
    if parent is not None:
        end_with(parent)
    if database:
        os.environ[f"{PREFIX}DATABASE"] = database
    config = Config.from_env()
    configure_logging(config.log_level, config.log_format)
    registry = open_configured(config, may_rebuild=False)
    try:
        spare_collector()
        log.info("ready for jobs")
        work(registry, stop)
    finally:
        registry.close()


class _Stop:
    """What a signal sets. An Event holds a lock for a moment, for which its own signal handler would wait for ever."""

    def __init__(self):
        self._set = False

    def set(self, *_):
        self._set = True

    def is_set(self):
        return self._set

    def wait(self, seconds):
        """Until it is set, or so many seconds have passed."""
        end = time.monotonic() + seconds
        while not self._set and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))


if __name__ == "__main__":
    with ended_in_one_line():
        run_worker(int(sys.argv[1]))
