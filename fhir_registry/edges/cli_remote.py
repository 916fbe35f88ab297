"""The commands that talk to a server over HTTP (docs/cli.md; https://click.palletsprojects.com/)."""

import functools
import shutil
import sys
from pathlib import Path

import click

DEFAULT_BASE = "http://127.0.0.1:8080/fhir"
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _sends_tokens(scope):
    """Options that say who asks; the command gets `auth`, as of open_session. scope: that a client asks for."""

    def add(command):
        @functools.wraps(command)
        def run(base, client, key, scope, token_file, **options):
            if bool(client) != bool(key) or (client and token_file):
                raise click.UsageError("give --client and --key together, or --token-file, or none of them")
            from .credentials import BackendClient, CredentialsError, TokenFile

            try:
                auth = TokenFile(base, token_file) if token_file else None
                auth = BackendClient(base, client, key, scope) if client else auth
                command(base=base, auth=auth, **options)
            except CredentialsError as e:
                raise click.ClickException(str(e)) from None

        for option in (
            click.option("--token-file", type=_FILE, help="File with an access token; read again for each request."),
            click.option("--scope", default=scope, show_default=True, help="With --client: what its tokens are for."),
            click.option("--key", type=_FILE, help="File of its private key: a PEM of `fhir-registry key`, or a JWK."),
            click.option("--client", help="Id of a registered client, who asks by SMART Backend Services."),
        ):
            run = option(run)
        return run

    return add


@click.command()
@click.argument("paths", nargs=-1, required=True)
@click.option("--to", "base", required=True, help=f"FHIR base URL, such as {DEFAULT_BASE}.")
@click.option("--jobs", type=click.IntRange(1, 32), default=2, show_default=True, help="Parallel connections.")
@_sends_tokens("system/*.cruds")
def push(paths, base, jobs, auth):
    """Send files, folders or glob patterns (.json, .ndjson, also .gz) to a server.

    Sending the same files again changes nothing.
    """
    from .push import PushError
    from .push import push as send

    try:
        deliveries = send(paths, base, jobs, click.echo, auth)
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
@_sends_tokens("system/*.rs")
def evaluate(measure, base, start, end, output, auth):
    """Evaluate a measure, such as halaven-dcr, and print its numbers."""
    from .evaluation import EvaluationError, request_report
    from .table import format_report

    try:
        report, text = request_report(base, measure, start, end, auth)
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
@_sends_tokens("system/*.rs")
def tables(id, base, out, format, wanted, start, end, auth):
    """Save the patients' analysis data of a study, such as lipusu-her2, or of a measure, such as lipusu-her2-os."""
    from .tables import TablesError, save_tables

    try:
        for path, size in save_tables(base, id, out, format, start, end, wanted, auth):
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
@_sends_tokens("system/*.rs")
def findings(study, base, end, rule, severity, patient, output, auth):
    """Count what may be wrong with the data of a study, such as halaven."""
    from fhir_registry.ops.own_file import open_own

    from .findings import FindingsError, format_findings, request_findings

    try:
        text = request_findings(base, study, auth, rule=rule, severity=severity, patient=patient, periodEnd=end)
    except FindingsError as e:
        raise click.ClickException(str(e)) from None
    click.echo("\n".join(format_findings(text)))
    if output:
        with open_own(output) as file:
            file.write(text)
        click.echo(f"findings written to {output}")
