"""`fhir-registry fsck`: whether all that is stored agrees (docs/operations.md, https://click.palletsprojects.com/)."""

from contextlib import closing

from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import fsck
from fhir_registry.ops.fsck_analyses import comparable

from .app import open_configured
from .command_event import command_event
from .config import read_config
from .progress import moving_bar


def run_fsck(database, repair, analyses, report):
    """Check a database and `report` each finding, a line; returns how many are left after repairs.

    database: URL or path, None: the configured one. Raises ConfigError when it cannot be opened, FhirError when it
    cannot be used.
    """
    config = read_config(database)
    bases = (None, config.own_url)
    found = left = resources = 0
    with closing(open_configured(config, may_rebuild=False, sites=())) as registry, moving_bar() as show:
        if analyses:
            compared, kept = comparable(registry, bases)
            report(f"analyses: {compared} of {kept} are of the present content and of {bases[1]}, and are compared")

        def progress(what, done, total):
            nonlocal resources
            resources = done if what == fsck.RESOURCES else resources
            show(what, done, total)

        for finding in fsck.check(registry, repair=repair, analyses=analyses, bases=bases, progress=progress):
            found, left = found + 1, left + (not finding.repaired)
            report(str(finding))
        done = f"{resources} resources, {found} findings, {found - left} repaired"
        try:
            registry.store.audit.record(command_event(config, "operation", "fsck", f"fsck: {done}"))
        except FhirError as problem:  # the log may be what is damaged
            found, left = found + 1, left + 1
            report(f"audit: this is not in the audit log: {problem}")
    report(f"{found} findings, {found - left} repaired, {left} left" if found else f"{resources} resources, all agrees")
    return left
