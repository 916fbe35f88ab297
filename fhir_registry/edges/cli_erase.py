"""The command `fhir-registry erase` (docs/cli.md; https://click.palletsprojects.com/)."""

from pathlib import Path

import click

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("patient", required=False)
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
@click.option("--site", default="default", show_default=True, help="Whose patient it is.")
@click.option("--reason", help="A code of CodeSystem erasure-reason, such as consent-withdrawn.")
@click.option("--by", help="Who decided it, for the audit log (default: the user of this command).")
@click.option("--purge", is_flag=True, help="Only write the files of the database anew, without what was deleted.")
@click.option("--list", "list_", type=_FILE, help="Only write the tombstones to this file, for --again.")
@click.option("--again", type=_FILE, help="Repeat the erasures of such a file, after an older backup was restored.")
def erase(patient, database, site, reason, by, purge, list_, again):
    """Erase PATIENT (Patient/ID) and all that is of this person alone, for good. A tombstone stays."""
    from .erase import run_again, run_erase, run_list, run_purge

    asked = [each for each in (patient, purge, list_, again) if each]
    if len(asked) != 1 or bool(reason) != bool(patient):
        raise click.UsageError("name a patient with --reason, or one of --purge, --list and --again")
    if purge:
        run_purge(database, click.echo)
    elif list_:
        run_list(database, list_, click.echo)
    elif again:
        run_again(database, again, by, click.echo)
    else:
        run_erase(database, patient, site, reason, by, click.echo)
