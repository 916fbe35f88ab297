"""The commands of `fhir-registry jobs` (docs/cli.md; https://click.palletsprojects.com/)."""

import click


@click.group(invoke_without_command=True)
@click.option("--database", help="SQLAlchemy URL or path of a SQLite file (default: a file in the data folder).")
@click.pass_context
def jobs(context, database):
    """List jobs (asynchronous requests, imports), show, cancel or retry one. ID may be its beginning."""
    from .jobs import jobs_of

    context.obj = context.with_resource(jobs_of(database))
    if context.invoked_subcommand is None:
        context.invoke(list_jobs, site=None)


@jobs.command("list")
@click.option("--site", help="Only those of this site; '*': of all sites.")
@click.pass_obj
def list_jobs(opened, site):
    """The newest 100: id, state, kind, when it was asked for, site, client, progress."""
    from .jobs import list_jobs as lines

    click.echo("\n".join(lines(opened[0], site)) or "no jobs")


@jobs.command("show")
@click.argument("id")
@click.pass_obj
def show_job(opened, id):
    """How far it is, who does it, and what went wrong."""
    from .jobs import show_job as lines

    click.echo("\n".join(lines(*opened, id)))


@jobs.command("cancel")
@click.argument("id")
@click.pass_obj
def cancel_job(opened, id):
    """Stop it for good; what it did stays."""
    from .jobs import cancel_job as cancel

    click.echo(f"job {cancel(*opened, id)} is cancelled")


@jobs.command("retry")
@click.argument("id")
@click.pass_obj
def retry_job(opened, id):
    """Let a failed one go on from where it was."""
    from .jobs import retry_job as retry

    click.echo(f"job {retry(*opened, id)} is requested again")
