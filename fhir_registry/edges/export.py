"""`fhir-registry export` and its key (docs/deidentification.md, https://click.palletsprojects.com/)."""

import os
import re
import secrets
from contextlib import closing

from fhir_registry.core.pseudonyms import KEY_BYTES
from fhir_registry.ops.export import MANIFEST, ExportError, export

from .app import open_configured
from .command_event import command_event
from .config import PREFIX, ConfigError, read_config
from .own_folder import own_folder
from .progress import moving_bar
from .serve import own_command

_PURPOSE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TOLD = 20  # small classes that are told one by one


def run_export(folder, database, site, types, identified, purpose, key, linked, report):
    """Write a site's resources to a folder, which is there when it is complete.

    database: URL or path, None: the configured one. purpose, key (Path), linked: as in docs/deidentification.md; None,
    None and () when `identified`. Raises ConfigError when that cannot be done, FhirError when the database cannot be
    used.
    """
    config = read_config(database)
    if identified == bool(purpose and key):
        raise ConfigError("name --purpose and --key, or say --identified: then it tells who everybody is")
    if identified and linked:
        raise ConfigError("--link is for pseudonyms; leave it out with --identified")
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise ConfigError(f"{folder} is there already; name another folder")
    disguise = None if identified else (read_secret(key), check_purpose(purpose), linked, config.own_url)
    try:
        with own_folder(folder.parent) as own, moving_bar() as show:
            part = own / "export"
            part.mkdir(mode=0o700)
            with closing(open_configured(config, may_rebuild=False, sites=())) as registry:
                event = command_event(config, "export", "export")
                done = export(registry, part, site, types, disguise, config.small_cell, event, show, config.own_url)
            part.rename(folder)
    except ExportError as problem:
        raise ConfigError(str(problem)) from None
    for each in done.manifest["output"]:
        report(f"{folder / each['url']}  {each['count']:,} resources")
    if not identified:
        report_left_out(done.manifest["leftOut"], report)
        report_classes(done.classes, config.small_cell, report)
    report(f"{folder / MANIFEST} has counts and digests")
    report(f"next: {own_command()} import {folder} --database NEW")


def make_secret(path, report):
    """Write a new key for pseudonyms to a file that only its owner may read. Raises ConfigError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise ConfigError(f"{path} is there already; name another file") from None
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{secrets.token_hex(KEY_BYTES)}\n")
    report(
        f"{path} makes pseudonyms; keep it apart from what is exported, a copy too: without it they never come again"
    )


def read_secret(path):
    """The key of a file, bytes. Raises ConfigError, which does not quote it."""
    try:
        key = bytes.fromhex(path.read_text("ascii"))
    except OSError as problem:
        raise ConfigError(f"--key {path} cannot be read: {problem.strerror}") from None
    except ValueError:
        key = b""
    if len(key) < KEY_BYTES:
        message = f"--key {path} holds no key of {KEY_BYTES} bytes in hexadecimal"
        raise ConfigError(f"{message}; fhir-registry key {path}.new --secret makes one")
    return key


def check_purpose(purpose):
    """The purpose, when it can stand in a manifest. Raises ConfigError."""
    if not _PURPOSE.fullmatch(purpose):
        raise ConfigError("--purpose has 1 to 64 characters out of A-Z a-z 0-9 . _ -; it stands in the manifest")
    return purpose


def report_left_out(left_out, report):
    """Say what is not told: {type: {reason: number}}."""
    for type_, reasons in left_out.items():
        report(f"left out: {type_} " + ", ".join(f"{number:,} {reason}" for reason, number in reasons.items()))


def report_classes(classes, k, report):
    """Say how many persons are alike, and which are in classes of fewer than k. classes: Counter of persons."""
    small = sorted((number, each) for each, number in classes.items() if number < k)
    alike = "of the same birth decade, sex, country and ICD-10 diagnoses"
    report(f"{classes.total():,} persons in {len(classes):,} classes {alike}")
    report(f"{len(small):,} classes, {sum(number for number, _ in small):,} persons, are of fewer than {k}")
    for number, each in small[:_TOLD]:
        report(f"  {number}: born {each.born}, {each.sex}, {each.country}, {' '.join(each.diagnoses) or 'no ICD-10'}")
    if len(small) > _TOLD:
        report(f"  and {len(small) - _TOLD:,} more")
    if small:
        report(f"who knows somebody of a small class may find him; {PREFIX}SMALL_CELL says what is small")
