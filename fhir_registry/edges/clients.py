"""Clients and keys on the command line (docs/security.md, https://click.palletsprojects.com/en/stable/commands-and-groups/)."""

import os
from contextlib import contextmanager
from pathlib import Path

import click

from .command_event import command_event
from .config import PREFIX, ConfigError, read_config

_PLACE = "SQLAlchemy URL or path of a SQLite file (default: a file in the data folder)."
DATABASE = click.option("--database", help=_PLACE)
JWKS = click.option("--jwks", type=click.File("rb"), help="File with its public keys (JWKS); - for standard input.")
JWKS_URL = click.option("--jwks-url", help="https: URL of its public keys (JWKS).")


@click.group()
def client():
    """Register, list, rotate and revoke the clients of a server whose FHIR_REGISTRY_ACCESS is builtin."""


@client.command()
@DATABASE
@click.option("--name", required=True, help="What people call it.")
@click.option("--site", default="default", show_default=True, help="Whose patients; made when it is new. '*': of all.")
@click.option("--role", default="site", show_default=True, help="site, registry, regulator, monitor or administrator.")
@click.option("--scopes", required=True, help="What it may do, such as 'system/*.rs system/Patient.cruds'.")
@JWKS
@JWKS_URL
def register(database, name, site, role, scopes, jwks, jwks_url):
    """Register a client by its public keys, and print its id."""
    from fhir_registry.ops import clients

    from .app import open_configured

    config = read_config(database, there=False)
    keys = clients.check_keys(jwks and jwks.read(), jwks_url)
    registry = open_configured(config, may_rebuild=False)
    try:
        event = command_event(config, "configure", "client register")
        id_ = clients.register(registry, name, site, role, scopes, keys, event)
    finally:
        registry.close()
    click.echo(id_)


@client.command("list")
@DATABASE
@click.option("--site", help="Only those of this site; '*': of all sites.")
def list_clients(database, site):
    """A line each: id, when it was registered, site, role, where its keys are, scopes, name."""
    from fhir_registry.fhir.dates import instant_literal
    from fhir_registry.store.site import number_of

    with _opened(read_config(database)) as clients:
        number = None if site is None else number_of(clients.store, site, or_every=True)
        with clients.ask() as connection:
            found = clients.list(connection, number)
    for each, site in found:
        state = "revoked" if each.revoked else "active"
        words = each.id, state, instant_literal(each.created), site, each.role, each.jwks_url or "inline"
        click.echo(" ".join((*words, f"'{each.scopes}'", each.name)))
    if not found:
        click.echo("no clients")


@client.command()
@DATABASE
@click.argument("id")
@JWKS
@JWKS_URL
def rotate(database, id, jwks, jwks_url):
    """Replace the keys of a client. Put the old and the new one into the file while both are in use."""
    from fhir_registry.ops.clients import check_keys

    keys = check_keys(jwks and jwks.read(), jwks_url)
    config = read_config(database)
    event = command_event(config, "configure", "client rotate", f"client {id} has other keys")
    with _opened(config) as clients:
        _require(clients.rotate(id, *keys, event), id)
    click.echo(f"client {id} has other keys")


@client.command()
@DATABASE
@click.argument("id")
def revoke(database, id):
    """Take all that a client may do from it, for good; its tokens count no more within seconds."""
    config = read_config(database)
    event = command_event(config, "configure", "client revoke", f"client {id} is revoked")
    with _opened(config) as clients:
        _require(clients.revoke(id, event), id)
    click.echo(f"client {id} is revoked")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--jwks", type=click.Path(dir_okay=False, path_type=Path), help="Write its public key to this file too.")
@click.option("--secret", is_flag=True, help="Make 32 random bytes instead, for the pseudonyms of `export`.")
def key(file, jwks, secret):
    """Make a private key (EC, P-384) in a new FILE that only its owner can read.

    It is one that signs a server's tokens (FHIR_REGISTRY_TOKEN_KEYS), or that of a client, which is registered by the
    public key.
    """
    from fhir_registry.ops.token_keys import new_key, public_key_set

    if secret:
        from .export import make_secret

        if jwks:
            raise ConfigError("--jwks is for a private key; a secret has no public one")
        make_secret(file, click.echo)
        return
    pem = new_key()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
        opened.write(pem)
    if jwks:
        jwks.write_bytes(public_key_set(pem))
        click.echo(f"next: fhir-registry client register --jwks {jwks} --name NAME --scopes SCOPES")
    else:
        click.echo(f"next: {PREFIX}ACCESS=builtin {PREFIX}TOKEN_KEYS={file} fhir-registry serve")


@contextmanager
def _opened(config):
    from fhir_registry.store.clients import open_clients

    try:
        with open_clients(config.database) as clients:
            yield clients
    except ValueError as problem:
        raise ConfigError(f"{PREFIX}DATABASE: {problem}") from None


def _require(done, id):
    if not done:
        raise ConfigError(f"there is no client {id}, or it is revoked; fhir-registry client list tells")
