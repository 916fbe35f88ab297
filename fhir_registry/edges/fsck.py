"""`fhir-registry fsck`: whether all that is stored agrees (docs/operations.md, https://click.palletsprojects.com/)."""

from contextlib import closing

from tqdm import tqdm

from fhir_registry.ops import fsck
from fhir_registry.ops.fsck_analyses import comparable

from .app import open_configured
from .config import read_config
from .serve import local_url


def run_fsck(database, repair, analyses, report):
    """Check a database and `report` each finding, a line; returns how many are left after repairs.

    database: URL or path, None: the configured one. Raises ConfigError when it cannot be opened, FhirError when it
    cannot be used.
    """
    config = read_config(database)
    bases = (None, config.base_url or local_url(config.host, config.port))
    found = left = 0
    tqdm.monitor_interval = 0  # its thread: a process with threads must not fork
    with closing(open_configured(config, may_rebuild=False)) as registry:
        if analyses:
            compared, kept = comparable(registry, bases)
            report(f"analyses: {compared} of {kept} are of the present content and of {bases[1]}, and are compared")
        with tqdm(unit=" resources", delay=1, leave=False) as bar:
            for finding in fsck.check(registry, repair=repair, analyses=analyses, bases=bases, progress=show(bar)):
                found, left = found + 1, left + (not finding.repaired)
                bar.clear()
                report(str(finding))
    report(f"{found} findings, {found - left} repaired, {left} left" if found else f"{bar.n} resources, all agrees")
    return left


def show(bar):
    """A function of (done, all) that moves a bar."""

    def move(done, total):
        bar.total = total
        bar.update(done - bar.n)

    return move
