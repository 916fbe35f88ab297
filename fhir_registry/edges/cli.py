"""The command line `fhir-registry` (docs/cli.md; https://click.palletsprojects.com/)."""

import sys
from pathlib import Path

import click

from fhir_registry import __version__
from fhir_registry.content.errors import ContentError
from fhir_registry.fhir.errors import FhirError

from .cli_audit import audit
from .cli_erase import erase
from .cli_jobs import jobs
from .cli_remote import DEFAULT_BASE, evaluate, findings, push, tables
from .clients import client, key
from .config import ConfigError

_FILE = click.Path(path_type=Path)


class _Commands(click.Group):
    """Expected errors are one line on standard error and exit code 1."""

    def invoke(self, context):
        try:
            return super().invoke(context)
        except (ConfigError, ContentError, FhirError) as e:
            raise click.ClickException(str(e)) from None
        except OSError as e:
            if e.filename is None:
                raise
            raise click.ClickException(f"{e.filename}: {e.strerror}") from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fhir-registry")
def main():
    """An oncology outcomes registry that speaks FHIR R4."""


main.add_command(client)
main.add_command(key)
main.add_command(audit)
main.add_command(erase)
main.add_command(jobs)
for remote in (push, evaluate, tables, findings):
    main.add_command(remote)


@main.command()
@click.option("--host", help="Address to listen on (default 127.0.0.1).")
@click.option("--port", type=int, help="TCP port to listen on (default 8080).")
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
@click.option("--workers", type=int, help="Server processes (default 1).")
def serve(host, port, database, workers):
    """Run the server. Options go before FHIR_REGISTRY_* of the environment."""
    from .serve import serve as run

    run(host=host, port=port, database=database, workers=workers)


@main.command()
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
def worker(database):
    """Do jobs (asynchronous requests) until SIGINT or SIGTERM, beside a server whose FHIR_REGISTRY_JOB_WORKERS is 0."""
    from .worker import run_worker

    run_worker(database=database)


@main.command("import")
@click.argument("paths", nargs=-1, required=True)
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
@click.option("--site", default="default", show_default=True, help="Whose resources they become.")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write what is refused to this file.")
@click.option("--processes", type=click.IntRange(1, 64), help="Processes that prepare (default: one a processor).")
def import_(paths, database, site, errors, processes):
    """Store files, folders or glob patterns (.json, .ndjson, also .gz) in the database itself.

    A line that is wrong does not hinder the others. The same command goes on after an interruption, and changes
    nothing when all is done.
    """
    from .import_files import ImportFailed, import_files

    try:
        refused = import_files(paths, database, site, processes, errors, click.echo)
    except ImportFailed as e:
        raise click.ClickException(str(e)) from None
    sys.exit(1 if refused else 0)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--site", default="default", show_default=True, help="Whose resources.")
@click.option("--purpose", help="What it is for: pseudonyms and dates of another purpose are others.")
@click.option("--key", type=_FILE, help="File of `fhir-registry key FILE --secret`.")
@click.option("--link", multiple=True, help="System of an identifier by which a person of several sites is known.")
@click.option("--type", "types", multiple=True, help="Only this type, such as Patient; may be repeated.")
@click.option("--identified", is_flag=True, help="Leave everything as it is: names, dates, texts.")
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
def export(folder, site, purpose, key, link, types, identified, database):
    """Write the resources of a site to FOLDER, a file (NDJSON) a type, so that they do not tell whose they are.

    Beside a server too, as of one moment. FOLDER is there when it is complete.
    """
    from .export import run_export

    run_export(folder, database, site, types, identified, purpose, key, link, click.echo)


@main.command()
@click.option("--into", help="The site that is made; a new one, or one that was made so.")
@click.option("--site", "sites", multiple=True, help="A site that it is made of; may be repeated (default: all).")
@click.option("--purpose", help="What it is for: pseudonyms and dates of another purpose are others.")
@click.option("--key", type=_FILE, help="File of `fhir-registry key FILE --secret`.")
@click.option("--link", multiple=True, help="System of an identifier by which a person of several sites is known.")
@click.option("--drop", help="Only remove this site, which was made so, for good; its audit log stays.")
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
def pseudonymise(into, sites, purpose, key, link, drop, database):
    """Make a site of others, so that it does not tell whose their resources are, and bring it up to date.

    Beside a server too, as of one moment. What is the same is left as it is; what is told no more goes for good.
    """
    from .pseudonymise import run_drop, run_pseudonymise

    making = [into, purpose, key]
    if drop is not None and not any([*making, sites, link]):
        run_drop(drop, database, click.echo)
    elif drop is None and None not in making:
        run_pseudonymise(into, database, sites, purpose, key, link, click.echo)
    else:
        raise click.UsageError("name --into, --purpose and --key, or --drop alone")


@main.command()
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
@click.option("--repair", is_flag=True, help="Make anew what follows from other rows and is wrong.")
@click.option("--analyses", is_flag=True, help="Derive everybody again and compare with the analyses that are kept.")
def fsck(database, repair, analyses):
    """Prove that all that is stored agrees, beside a server that writes. A line tells of each thing that does not."""
    from .fsck import run_fsck

    sys.exit(1 if run_fsck(database, repair, analyses, click.echo) else 0)


@main.command()
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
@click.option("--again", is_flag=True, help="Though they follow the present content and release.")
def reindex(database, again):
    """Make the index and mapped tables by changed content or a new release, beside a running server."""
    from .reindex import run_reindex

    run_reindex(database, again, click.echo)


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
@click.option("--force", is_flag=True, help="Replace the file when it is there.")
def backup(file, database, force):
    """Write all that cannot be made anew to FILE, as of one moment, beside a server that writes."""
    from .backup import run_backup

    run_backup(file, database, force, click.echo)


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--database", required=True, help="SQLAlchemy URL or path of an empty database, of either kind.")
def restore(file, database):
    """Load a backup into an empty database, and make what follows from it."""
    from .backup import run_restore

    run_restore(file, database, click.echo)


@main.command()
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--registry", required=True, help="halaven, faslodex or lipusu-her2.")
@click.option("--patients", type=click.IntRange(1), default=120, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same files.")
def examples(out, registry, patients, seed):
    """Write made-up patients as transaction bundles, with the true outcome numbers in truth.json."""
    from fhir_registry.examples import write

    from .serve import own_command

    write(registry, patients, seed, out)
    click.echo(f"{patients} patients of {registry} written to {out}")
    click.echo(f"next: {own_command()} push {out} --to {DEFAULT_BASE}")


@main.command()
@click.option("--keep", is_flag=True, help="Leave the server running and print its address.")
@click.option("--patients", type=click.IntRange(1), default=120, show_default=True, help="Patients of each registry.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), default="demo-output", show_default=True)
def demo(keep, patients, output):
    """Start a server, push made-up patients, evaluate the measures and compare with the truth."""
    from .demo import DemoError, run_demo

    sys.stdout.reconfigure(errors="replace")  # the tick, on a terminal that has none
    try:
        differences = run_demo(patients, output, keep, click.echo)
    except DemoError as e:
        raise click.ClickException(str(e)) from None
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
