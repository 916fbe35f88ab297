"""`fhir-registry audit`: verify the audit log, sign where it ends, make a key (docs/audit.md, https://click.palletsprojects.com/)."""

import os
from contextlib import closing
from pathlib import Path

from fhir_registry.core.audit import WRITES
from fhir_registry.ops.audit_checkpoints import (
    CheckpointError,
    Checkpoints,
    new_key,
    read_checkpoints,
    read_private_key,
    read_public_key,
)
from fhir_registry.ops.audit_verify import verify
from fhir_registry.store.site import name_sites

from .app import open_configured
from .config import PREFIX, ConfigError, read_config
from .progress import moving_bar


def checkpoints_of(config):
    """The Checkpoints that a Config tells of, None when it tells of none. Raises ConfigError for a bad key."""
    if config.audit_checkpoints is None:
        return None
    return Checkpoints(config.audit_checkpoints, _read_key(config.audit_key, read_private_key, f"{PREFIX}AUDIT_KEY"))


def run_verify(database, checkpoints, key, report):
    """Verify the audit log of a database and `report` a line for each chain; returns how many problems there are.

    database: URL or path, None: the configured one. checkpoints, key: paths, None: the configured ones. Raises
    ConfigError, FhirError when the database cannot be used.
    """
    config = read_config(database)
    known, problems = _known_checkpoints(checkpoints or config.audit_checkpoints, key or config.audit_key, report)
    with closing(open_configured(config, may_rebuild=False, sites=())) as registry, moving_bar() as show:
        names = name_sites(registry.store)
        for walked in verify(registry.store, known, lambda *done: show("audit", *done)):
            site = f"site {walked.site} ({names.get(walked.site, 'unknown')})"
            name = f"{site}, {'writes' if walked.chain == WRITES else 'reads'} (chain {walked.chain})"
            if walked.broken:
                problems += 1
                report(f"{name}: BROKEN at seq {walked.broken.seq}: {walked.broken.problem}")
            else:
                report(f"{name}: {walked.seq} events, {walked.hash}")
    report(f"{problems} problems" if problems else "the audit log is what was written")
    return problems


def run_checkpoint(database, report):
    """Sign where the chains of a database end. Raises ConfigError when that cannot be done."""
    config = read_config(database)
    checkpoints = checkpoints_of(config)
    if checkpoints is None:
        raise ConfigError(
            f"set {PREFIX}AUDIT_CHECKPOINTS and {PREFIX}AUDIT_KEY; fhir-registry audit key FILE makes one"
        )
    with closing(open_configured(config, may_rebuild=False, sites=())) as registry:
        try:
            number = checkpoints.add(registry.store, at_once=True)
        except CheckpointError as problem:
            raise ConfigError(str(problem)) from None
    report(f"{number} checkpoints written to {config.audit_checkpoints}" if number else "nothing is new")


def make_key(path, report):
    """Write a new key to a file that only its owner may read, and its public half beside it. Raises ConfigError."""
    public = path.with_name(f"{path.name}.pub")
    for each, text, mode in zip((path, public), new_key(), (0o600, 0o644), strict=True):
        try:
            descriptor = os.open(each, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            raise ConfigError(f"{each} is there already; name another file") from None
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
    report(f"{path} signs checkpoints: set {PREFIX}AUDIT_KEY to it")
    report(f"{public} verifies them: keep a copy where the server cannot write")


def _known_checkpoints(path, key, report):
    """({(site, chain): [Checkpoint]}, how many problems there were with the file)."""
    if path is None:
        report("no checkpoints: nobody knows whether the end of a chain was cut; name the file with --checkpoints")
        return {}, 0
    if key is None:
        raise ConfigError("name the key that verifies the checkpoints with --key")
    with open(path, "rb") as file:
        known, wrong = read_checkpoints(file, _read_key(Path(key), read_public_key, "--key"))
    for problem in wrong:
        report(f"{path}: {problem}")
    report(f"{path}: {sum(map(len, known.values()))} checkpoints are signed")
    return known, len(wrong)


def _read_key(path, read, name):
    try:
        return read(path.read_bytes())
    except OSError as problem:
        raise ConfigError(f"{name}={path} cannot be read: {problem.strerror}") from None
    except ValueError as problem:
        raise ConfigError(f"{name}={path}: {problem}") from None
