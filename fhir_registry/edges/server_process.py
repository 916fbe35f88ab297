"""One process that serves: granian around the application (https://github.com/emmett-framework/granian)."""

import asyncio
import logging
import os
import resource
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path

import uvloop
from granian._granian import SocketHolder
from granian.http import HTTP1Settings
from granian.server.embed import Server

from fhir_registry.ops.open import spare_collector
from fhir_registry.ops.workers import end_with
from fhir_registry.stats.beside import stay_small

from .app import create_app, open_configured
from .audit import checkpoints_of
from .config import Config
from .front import Front
from .logs import configure_logging
from .rate import RateLimiter
from .serve import FAILURES, LIMITS
from .supervise import ended_in_one_line
from .work_memory import largest_body

log = logging.getLogger("fhir_registry")
CONNECTIONS = 1024  # that a process accepts at a time; more wait in the queue of the socket
BACKLOG = 1024
HEAD_SECONDS = 30  # that a connection may take for the head of a request, or be idle before it
HEAD_BYTES = 131_072
LOOK_SECONDS = 5  # between two looks at the rules that the database follows, and at what there is to sign


def run(descriptor, parent, folder, counts):
    """Serve until SIGTERM or SIGINT; requests being handled are finished first.

    descriptor: of the bound socket that all processes of a server share. parent: number of the process that started
    this one, and with which it ends. folder: of large answers, a Path. counts: of what all processes count in.
    """
    end_with(parent)
    config = Config.from_env()
    configure_logging(config.log_level, config.log_format)
    largest = largest_body(config.max_body_bytes, config.workers + config.job_workers)
    config = replace(config, max_body_bytes=largest)
    failures = None
    if config.max_failed_logins_per_minute:
        failures = RateLimiter(counts / FAILURES, config.max_failed_logins_per_minute, config.trusted_proxies)
    app = create_app(config, open_configured(config, may_rebuild=False), failures)
    spare_collector()
    stay_small(seconds=config.request_seconds)
    limiter = None
    if config.max_requests_per_minute:
        limiter = RateLimiter(counts / LIMITS, config.max_requests_per_minute, config.trusted_proxies)
    _allow_files()
    store, checkpoints = app.extensions["fhir_registry"].store, checkpoints_of(config)

    ending = False

    def end_when_outdated():
        # It works by older rules than the database by now; the one that is started in its place does not.
        nonlocal ending
        if store.outdated and not ending:
            ending = True
            log.info("the database follows newer rules; this process ends and is started anew")
            os.kill(os.getpid(), signal.SIGTERM)

    async def look_at_rules():
        # One that nobody asks for more than it can answer by its own rules would never notice.
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await asyncio.to_thread(store.look_at_rules)
            end_when_outdated()
            if checkpoints:
                await asyncio.to_thread(checkpoints.keep, store)

    front = Front(app, config, limiter, folder, end_when_outdated)
    uvloop.run(_serve(front, descriptor, config, look_at_rules))


async def _serve(front, descriptor, config, look_at_rules):
    server = _OnSocket(
        front,
        address=config.host,
        port=config.port,
        http="1",
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_SECONDS * 1000, max_buffer_size=HEAD_BYTES),
        backlog=BACKLOG,
        backpressure=CONNECTIONS,
        websockets=False,
        log_enabled=False,
    )
    server.descriptor = descriptor
    loop = asyncio.get_running_loop()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_, server.stop)
    looking = loop.create_task(look_at_rules())
    await server.serve()
    looking.cancel()


class _OnSocket(Server):
    """Accepts from a socket that is bound already, so that connections wait while a process is started anew.

    By what granian keeps to itself: setup.cfg allows the releases with which the tests of the processes have passed.
    """

    def _init_shared_socket(self):
        with socket.socket(fileno=os.dup(self.descriptor)) as bound:
            bound.listen(self.backlog)
        self._ssp, self._shd = None, SocketHolder(self.descriptor, False, self.backlog)


def _allow_files():
    """Let this process open as many files as the system lets it: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))


if __name__ == "__main__":
    with ended_in_one_line():
        run(int(sys.argv[1]), int(sys.argv[2]), *map(Path, sys.argv[3:]))
