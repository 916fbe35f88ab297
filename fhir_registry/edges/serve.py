"""Run the WSGI application on granian (https://github.com/emmett-framework/granian)."""

import logging
import multiprocessing
import os
import shutil
import signal
import socket
import sys
from pathlib import Path

import fhir_registry
from fhir_registry.content.errors import ContentError
from fhir_registry.fhir.errors import FhirError

from .config import PREFIX, Config, ConfigError, is_loopback

# Requests that one worker handles at a time: Python runs one of them, the others wait for the database.
BLOCKING_THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
DRAIN_SECONDS = 30
NAME = "fhir-registry"


def serve(**settings):
    """Serve until SIGINT or SIGTERM; requests being handled are finished first.

    settings: config fields that take precedence over the environment, None where nothing was said.
    Raises ConfigError, ContentError or FhirError before anything listens.
    """
    from granian import Granian

    # The worker processes read the environment again.
    os.environ.update({PREFIX + name.upper(): str(value) for name, value in settings.items() if value is not None})
    config = Config.from_env()
    configure_logging(config.log_level)
    _require_free(config.host, config.port)
    _open_once(config)
    _announce(config)
    server = Granian(
        "server:app",  # a name only: load_app makes it
        address=config.host,
        port=config.port,
        interface="wsgi",
        workers=config.workers,
        blocking_threads=BLOCKING_THREADS,
        backpressure=256,
        workers_kill_timeout=DRAIN_SECONDS,
        respawn_failed_workers=True,
        websockets=False,
        log_level="warning",
    )
    server.serve(target_loader=_load_app)


def load_app():
    """The WSGI application that the environment describes, ready for a long life."""
    from fhir_registry.ops.open import spare_collector

    from .app import create_app

    config = Config.from_env()
    configure_logging(config.log_level)
    app = create_app(config)
    spare_collector()
    return app


def _load_app(_target):
    # A worker begins with the handlers of the process that it was forked from, which only note the signal: a stop
    # that comes while it loads would be lost.
    for signal_ in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_, signal.SIG_DFL)
    return load_app()


def _open_once(config):
    """Open the registry before any worker does: a mistake is one clear line, and tables are made once.

    In a process of its own, because this one only watches the workers and would keep all content in memory.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_open_and_close, args=(config, sender), daemon=True)
    process.start()
    sender.close()
    try:
        problem = receiver.recv()
    except EOFError:
        problem = ConfigError("the registry could not be opened; the lines above say why")
    process.join()
    if problem:
        raise problem


def _open_and_close(config, sender):
    from .app import open_configured

    try:
        open_configured(config).close()
    except (ConfigError, ContentError, FhirError, OSError) as problem:
        sender.send(problem)
    else:
        sender.send(None)


def configure_logging(level):
    """Log lines of the server on standard error, one line a request at level info."""
    log = logging.getLogger("fhir_registry")
    log.setLevel(level.upper())
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.propagate = False


def local_url(host, port):
    """The FHIR base as a program on this machine reaches it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/fhir"


def own_command():
    """What to type for this program: its name when the shell finds it, else the path it was started by."""
    typed = Path(sys.argv[0])
    if typed.name != NAME or shutil.which(NAME):
        return NAME
    return str(typed)


def _require_free(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as e:
            raise ConfigError(f"cannot listen on {host}:{port}: {e.strerror}; choose another with --port") from None


def _announce(config):
    base = config.base_url or local_url(config.host, config.port)
    if not is_loopback(config.host):
        logging.getLogger("fhir_registry").warning(
            "OPEN ACCESS on %s: everybody who reaches this port can read and change all data", config.host
        )
    print(f"FHIR Registry {fhir_registry.__version__}")
    print(f"  base URL  {base}")
    print(f"  database  {without_password(config.database)}")
    print("  access    open, no log-in" + (" (this machine only)" if is_loopback(config.host) else " (INSECURE)"))
    print(f"  next      {own_command()} push FOLDER --to {base}")
    print(f"            {own_command()} evaluate MEASURE --from {base}")
    print(f"            curl {base}/metadata", flush=True)


def without_password(url):
    """The URL of a database as it may be shown."""
    scheme, slashes, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    return f"{scheme}{slashes}{credentials.partition(':')[0]}{at}{place}"
