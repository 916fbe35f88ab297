"""The command line `fhir-registry` (docs/cli.md; https://click.palletsprojects.com/)."""

import shutil
import sys
from pathlib import Path

import click

from fhir_registry import __version__
from fhir_registry.content.errors import ContentError
from fhir_registry.fhir.errors import FhirError

from .cli_audit import audit
from .cli_erase import erase
from .clients import client, key
from .config import ConfigError

DEFAULT_BASE = "http://127.0.0.1:8080/fhir"


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


@main.group(invoke_without_command=True)
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
@click.pass_context
def jobs(context, database):
    """List jobs (asynchronous requests, imports), show, cancel or retry one. ID may be its beginning."""
    from .jobs import jobs_of

    context.obj = context.with_resource(jobs_of(database))
    if context.invoked_subcommand is None:
        context.invoke(list_jobs)


@jobs.command("list")
@click.pass_obj
def list_jobs(opened):
    """The newest 100."""
    from .jobs import list_jobs as lines

    click.echo("\n".join(lines(opened)) or "no jobs")


@jobs.command("show")
@click.argument("id")
@click.pass_obj
def show_job(opened, id):
    """How far it is, who does it, and what went wrong."""
    from .jobs import show_job as lines

    click.echo("\n".join(lines(opened, id)))


@jobs.command("cancel")
@click.argument("id")
@click.pass_obj
def cancel_job(opened, id):
    """Stop it for good; what it did stays."""
    from .jobs import cancel_job as cancel

    click.echo(f"job {cancel(opened, id)} is cancelled")


@jobs.command("retry")
@click.argument("id")
@click.pass_obj
def retry_job(opened, id):
    """Let a failed one go on from where it was."""
    from .jobs import retry_job as retry

    click.echo(f"job {retry(opened, id)} is requested again")


@main.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--to", "base", required=True, help=f"FHIR base URL, such as {DEFAULT_BASE}.")
@click.option("--jobs", type=click.IntRange(1, 32), default=2, show_default=True, help="Parallel connections.")
def push(paths, base, jobs):
    """Send files, folders or glob patterns (.json, .ndjson, also .gz) to a server.

    Sending the same files again changes nothing.
    """
    from .push import PushError
    from .push import push as send

    try:
        deliveries = send(paths, base, jobs, report=click.echo)
    except PushError as e:
        raise click.ClickException(str(e)) from None
    failed = sum(1 for delivery in deliveries if delivery.problem)
    empty = sum(1 for delivery in deliveries if not delivery.problem and not delivery.statuses)
    total = sum(sum(delivery.statuses.values()) for delivery in deliveries)
    click.echo(
        f"{len(deliveries) - failed - empty} files sent, {total} resources; "
        f"{failed} files failed, {empty} hold nothing of FHIR"
    )
    sys.exit(0 if total and not failed else 1)


@main.command("import")
@click.argument("paths", nargs=-1, required=True)
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help="Write what is refused to this file.")
@click.option("--processes", type=click.IntRange(1, 64), help="Processes that prepare (default: one a processor).")
def import_(paths, database, errors, processes):
    """Store files, folders or glob patterns (.json, .ndjson, also .gz) in the database itself.

    A line that is wrong does not hinder the others. The same command goes on after an interruption, and changes
    nothing when all is done.
    """
    from .import_files import ImportFailed, import_files

    try:
        refused = import_files(paths, database, processes, errors, click.echo)
    except ImportFailed as e:
        raise click.ClickException(str(e)) from None
    sys.exit(1 if refused else 0)


@main.command()
@click.argument("measure")
@click.option("--from", "base", required=True, help=f"FHIR base URL, such as {DEFAULT_BASE}.")
@click.option("--start", help="Earliest index date, YYYY[-MM[-DD]] (default: no bound).")
@click.option("--end", help="Data cut-off, YYYY[-MM[-DD]] (default: today).")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the MeasureReport to this file.")
def evaluate(measure, base, start, end, output):
    """Evaluate a measure, such as halaven-dcr, and print its numbers."""
    from .evaluation import EvaluationError, request_report
    from .table import format_report

    try:
        report, text = request_report(base, measure, start, end)
    except EvaluationError as e:
        raise click.ClickException(str(e)) from None
    # Where nobody looks at a screen, nothing is cut.
    width = shutil.get_terminal_size((1000, 24)).columns
    click.echo("\n".join(format_report(report, width)))
    if output:
        output.write_bytes(text)
        click.echo(f"MeasureReport written to {output}")


@main.command()
@click.argument("id")
@click.option("--from", "base", required=True, help=f"FHIR base URL, such as {DEFAULT_BASE}.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder of the files.")
@click.option("--format", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--table", "wanted", multiple=True, help="A table, such as adtte; may be repeated (default: all).")
@click.option("--start", help="Earliest index date, YYYY[-MM[-DD]] (default: no bound).")
@click.option("--end", help="Data cut-off, YYYY[-MM[-DD]] (default: today).")
def tables(id, base, out, format, wanted, start, end):
    """Save the patients' analysis data of a study, such as lipusu-her2, or of a measure, such as lipusu-her2-os."""
    from .tables import TablesError, save_tables

    try:
        for path, size in save_tables(base, id, out, format, start, end, wanted):
            click.echo(f"{path}  {size} bytes")
    except TablesError as e:
        raise click.ClickException(str(e)) from None


@main.command()
@click.argument("study")
@click.option("--from", "base", required=True, help=f"FHIR base URL, such as {DEFAULT_BASE}.")
@click.option("--end", help="Data cut-off, YYYY[-MM[-DD]] (default: today).")
@click.option("--rule", help="Only this rule, such as drug-unknown.")
@click.option("--severity", type=click.Choice(["error", "warning"]), help="Only these.")
@click.option("--patient", help="Only this patient (id).")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Write the list to this file (CSV).")
def findings(study, base, end, rule, severity, patient, output):
    """Count what may be wrong with the data of a study, such as halaven."""
    from .findings import FindingsError, format_findings, request_findings

    try:
        text = request_findings(base, study, rule=rule, severity=severity, patient=patient, periodEnd=end)
    except FindingsError as e:
        raise click.ClickException(str(e)) from None
    click.echo("\n".join(format_findings(text)))
    if output:
        output.write_bytes(text)
        click.echo(f"findings written to {output}")


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
