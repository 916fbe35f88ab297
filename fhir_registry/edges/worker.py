"""A process that does jobs, by itself or kept by a server (docs/cli.md; https://hl7.org/fhir/R5/async-bundle.html)."""

import logging
import math
import signal
import sys
import time

from fhir_registry.ops.job_watch import Watch
from fhir_registry.ops.workers import end_with
from fhir_registry.store.jobs import open_jobs

from .config import PREFIX, ConfigError, read_config
from .logs import configure_logging
from .secret_files import warn_of_readable
from .supervise import ended_in_one_line

log = logging.getLogger("fhir_registry")
PATIENCE = 60  # seconds without a job, after which a process of a server ends, for one that holds no content


def run_worker(parent=None, database=None):
    """Do jobs until SIGINT or SIGTERM; what is done then is given back, for another to go on with.

    parent: number of the server that started this one, and with which it ends: content is read when there is a job,
    and after a while without one this process ends, for the server starts the next. database: URL or path, before the
    environment's. Raises ConfigError or ContentError.
    """
    stop = _Stop()
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_, stop.set)
    if parent is not None:
        end_with(parent)
    config = read_config(database)
    configure_logging(config.log_level, config.log_format)
    if parent is None:
        warn_of_readable(config)
        _work(config, stop, math.inf)
    elif _is_wanted(config, stop):
        _work(config, stop, PATIENCE)


def _is_wanted(config, stop):
    """Wait for a job; False when this process is stopped before there is one."""
    try:
        with open_jobs(config.database) as jobs:
            watch = Watch(jobs, stop)
            wanted = watch.wait()
            if not wanted:
                watch.end()
            return wanted
    except ValueError as problem:
        raise ConfigError(f"{PREFIX}DATABASE: {problem}") from None


def _work(config, stop, patience):
    from fhir_registry.ops.jobs import work
    from fhir_registry.ops.open import spare_collector

    from .app import open_configured

    registry = open_configured(config, may_rebuild=False)
    try:
        spare_collector()
        log.info("ready for jobs")
        work(registry, stop, patience=patience)
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
