"""`fhir-registry backup` and `restore` (docs/operations.md, https://click.palletsprojects.com/)."""

from contextlib import closing, contextmanager

from fhir_registry.ops import backup

from .app import open_configured
from .command_event import command_event
from .config import ConfigError, read_config
from .progress import moving_bar
from .serve import own_command, without_password


def run_backup(path, database, force, report):
    """Write a backup of a database to a file.

    database: URL or path, None: the configured one. Raises ConfigError when that cannot be done, FhirError when the
    database cannot be used.
    """
    config = read_config(database)
    event = command_event(config, "export", "backup")
    with moving_bar() as show, _explained(path):
        manifest = backup.back_up(config.database, path, force, lambda *done: show("backup", *done), event)
    if event and not backup.is_logged(manifest):
        report("the database is of an older release, which keeps no audit log: nothing in it tells of this backup")
    report(f"{_describe(path, manifest)}, {path.stat().st_size / 1e6:,.1f} MB")
    report(f"next: copy it to another place; {own_command()} restore {path} --database NEW brings it back")


def run_restore(path, database, report):
    """Load a backup into an empty database and make what is derived. As run_backup otherwise."""
    config = read_config(database, there=False)
    with moving_bar() as show:
        with _explained(path):
            manifest = backup.restore(config.database, path, show)
        with closing(open_configured(config, report=show)) as registry:
            event = command_event(config, "import", "restore", f"restored: backup as of {manifest['taken']}")
            registry.store.audit.record(event)
    report(f"{_describe(path, manifest)}, restored to {without_password(config.database)}")
    report(f"next: {own_command()} fsck --database {without_password(config.database)}")


def _describe(path, manifest):
    rows = manifest["tables"]["resource"]["rows"]
    return f"{path}: {rows:,} resources as of {manifest['taken']}"


@contextmanager
def _explained(path):
    try:
        yield
    except backup.BackupError as problem:
        raise ConfigError(f"{path}: {problem}") from None
    except OSError as problem:  # while it is written or read, the system does not say of which file
        if problem.filename is not None:
            raise
        raise ConfigError(f"{path}: {problem.strerror}; make room, or name a file on another disk") from None
