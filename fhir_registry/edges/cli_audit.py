"""The commands of `fhir-registry audit` (docs/cli.md; https://click.palletsprojects.com/)."""

import sys
from pathlib import Path

import click


@click.group()
def audit():
    """The log of who did what: prove that it is what was written, sign where it ends."""


@audit.command("verify")
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
@click.option(
    "--checkpoints", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="File of checkpoints."
)
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Key that verifies them.")
def verify_audit(database, checkpoints, key):
    """Read every event of every chain; a line tells of each chain where it ends, or where it is broken first."""
    from .audit import run_verify

    sys.exit(1 if run_verify(database, checkpoints, key, click.echo) else 0)


@audit.command("checkpoint")
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
def add_checkpoint(database):
    """Sign where the chains end, into the file of FHIR_REGISTRY_AUDIT_CHECKPOINTS; a server does it by itself."""
    from .audit import run_checkpoint

    run_checkpoint(database, click.echo)


@audit.command("key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def make_audit_key(file):
    """Write a new key that signs to FILE, and the one that verifies to FILE.pub."""
    from .audit import make_key

    make_key(file, click.echo)
