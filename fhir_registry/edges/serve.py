"""Start, watch and stop the processes of a server (docs/cli.md; https://12factor.net/processes)."""

import logging
import multiprocessing
import os
import shutil
import socket
import sys
from contextlib import contextmanager
from pathlib import Path

import fhir_registry
from fhir_registry.content.errors import ContentError
from fhir_registry.fhir.errors import FhirError

from .config import NONE, PREFIX, Config, ConfigError, is_loopback
from .logs import configure_logging
from .own_folder import own_folder
from .rate import RateLimiter
from .secret_files import warn_of_readable
from .supervise import Supervisor
from .work_memory import largest_body

log = logging.getLogger("fhir_registry")
NAME = "fhir-registry"
METRICS = "PROMETHEUS_MULTIPROC_DIR"  # https://prometheus.github.io/client_python/multiprocess/
LIMITS, FAILURES = "rate-limits", "failed-logins"  # files in the folder of counts
# Counts are in files that are mapped, which end a process when they grow on a full disk; these are in memory
# (https://man7.org/linux/man-pages/man7/shm_overview.7.html).
MEMORY = "/dev/shm"
# Milliseconds after which a client that takes nothing of its answer is given up (https://man7.org/linux/man-pages/man7/tcp.7.html).
STUCK = 60_000


def serve(**settings):
    """Serve until SIGINT or SIGTERM; requests being handled are finished first.

    settings: config fields that take precedence over the environment, None where nothing was said.
    Raises ConfigError, ContentError or FhirError before anything listens.
    """
    # The worker processes read the environment again.
    os.environ.update({PREFIX + name.upper(): str(value) for name, value in settings.items() if value is not None})
    config = Config.from_env()
    configure_logging(config.log_level, config.log_format)
    warn_of_readable(config)
    largest = largest_body(config.max_body_bytes, config.workers + config.job_workers)
    if largest < config.max_body_bytes:
        log.warning(
            "bodies may have %d bytes: %d processes have no memory for larger ones; fewer processes, or more memory, "
            "would allow the %d that are configured",
            *(largest, config.workers + config.job_workers, config.max_body_bytes),
        )
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with _bound(config.host, config.port) as bound, own_folder() as folder, own_folder(memory) as counts:
        _open_once(config)
        _announce(config)
        for name in (LIMITS, FAILURES):
            RateLimiter.make_table(counts / name)
        os.environ[METRICS] = str(counts)  # before the import: what metrics.py counts by, in all processes
        from prometheus_client.multiprocess import mark_process_dead

        shared = map(str, (bound.fileno(), os.getpid(), folder, counts))
        server = ["-m", "fhir_registry.edges.server_process", *shared]
        worker = ["-m", "fhir_registry.edges.worker", str(os.getpid())]
        Supervisor([server] * config.workers, [worker] * config.job_workers, bound, mark_process_dead).run()


def load_app():
    """The WSGI application that the environment describes, ready for a long life."""
    from fhir_registry.ops.open import spare_collector

    from .app import create_app

    config = Config.from_env()
    configure_logging(config.log_level, config.log_format)
    warn_of_readable(config)
    app = create_app(config)
    spare_collector()
    return app


def _open_once(config):
    """Open the registry before any worker does: a mistake is one clear line, and tables are made once.

    In a process of its own, because this one only watches the workers and would keep all content in memory.
    """
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_open_and_close, args=(config, sender, os.getpid()))
    process.start()
    sender.close()
    try:
        problem = receiver.recv()
    except EOFError:
        problem = ConfigError("the registry could not be opened; the lines above say why")
    process.join()
    if problem:
        raise problem


def _open_and_close(config, sender, parent):
    from fhir_registry.ops.workers import end_with

    from .app import open_configured
    from .audit import checkpoints_of
    from .gate import make_gate

    end_with(parent)
    try:
        checkpoints_of(config)
        registry = open_configured(config)
        make_gate(config, registry)
        registry.close()
    except (ConfigError, ContentError, FhirError, OSError) as problem:
        sender.send(problem)
    else:
        sender.send(None)


def own_command():
    """What to type for this program: its name when the shell finds it, else the path it was started by."""
    typed = Path(sys.argv[0])
    if typed.name != NAME or shutil.which(NAME):
        return NAME
    return str(typed)


@contextmanager
def _bound(host, port):
    """A socket that nobody listens on yet; raises ConfigError when another program has the port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # connections inherit it
            bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK)
        try:
            bound.bind((host, port))
        except OSError as e:
            raise ConfigError(f"cannot listen on {host}:{port}: {e.strerror}; choose another with --port") from None
        yield bound


def _announce(config):
    base = config.own_url
    if config.access == NONE and not is_loopback(config.host):
        log.warning("OPEN ACCESS on %s: everybody who reaches this port can read and change all data", config.host)
    print(f"FHIR Registry {fhir_registry.__version__}")
    print(f"  base URL  {base}")
    print(f"  database  {without_password(config.database)}")
    if config.access == NONE:
        print("  access    open, no log-in" + (" (this machine only)" if is_loopback(config.host) else " (INSECURE)"))
        print(f"  next      {own_command()} push FOLDER --to {base}")
        print(f"            {own_command()} evaluate MEASURE --from {base}")
    else:
        print(f"  access    {config.access}: clients log in by tokens")
        print(f"  next      curl {base}/.well-known/smart-configuration")
    print(f"            curl {base}/metadata", flush=True)


def without_password(url):
    """The URL of a database as it may be shown."""
    scheme, slashes, rest = url.partition("://")
    credentials, at, place = rest.rpartition("@")
    return f"{scheme}{slashes}{credentials.partition(':')[0]}{at}{place}"
