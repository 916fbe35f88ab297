"""The commands that talk to a server over HTTP (docs/cli.md; https://click.palletsprojects.com/)."""

import shutil
import sys
from pathlib import Path

import click

DEFAULT_BASE = "http://127.0.0.1:8080/fhir"


@click.command()
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


@click.command()
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


@click.command()
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


@click.command()
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
