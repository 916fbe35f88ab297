"""What the text of a setting must be, and what it becomes (docs/configuration.md)."""

import ipaddress
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from marshmallow import ValidationError

from fhir_registry.ops.outbound import Host

PREFIX = "FHIR_REGISTRY_"
LOOPBACK = "loopback"  # stands for every page that this machine serves itself
_ALGORITHMS = ("RS256", "RS384", "ES256", "ES384", "PS256")


class ConfigError(Exception):
    """A setting is wrong; the message names it and says what to do."""


def check_url(value):
    """Raise ValidationError, as all that check."""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValidationError("is not an absolute http(s) URL such as https://registry.hospital.org/fhir")


def check_https_url(value):
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.netloc or parts.fragment:
        raise ValidationError("is not an absolute https URL such as https://login.hospital.org/realms/registry")


def check_algorithms(value):
    for algorithm in split_list(value):
        if algorithm not in _ALGORITHMS:
            raise ValidationError(f"'{algorithm}' is not one of {', '.join(_ALGORITHMS)}")


def check_origins(value):
    for origin in split_list(value):
        if origin not in ("*", LOOPBACK, "none") and not re.fullmatch(r"https?://[^/\s?#@]+", origin):
            raise ValidationError(f"'{origin}' is no origin such as https://tool.hospital.org, nor *, loopback or none")


def check_hosts(value):
    for given in filter(None, split_list(value)):
        try:
            read_host(given)
        except ValueError:
            form = "files.hospital.org, files.hospital.org:8443 or files.intranet=10.1.0.0/16"
            raise ValidationError(f"'{given}' is no host with its port and network, such as {form}") from None


def read_host(given):
    """`name[:port][=network]` -> Host. Raises ValueError."""
    place, _, network = given.partition("=")
    name, _, port = place.partition(":")
    if not re.fullmatch(r"[A-Za-z0-9.-]+", name) or ("=" in given and not network):
        raise ValueError(given)
    return Host(name.lower(), int(port or 443), ipaddress.ip_network(network) if network else None)


def split_list(value):
    """What stands between commas, a tuple."""
    return tuple(part.strip() for part in value.split(","))


def database_url(database, data_dir):
    """The SQLAlchemy URL of what the setting names, by default a file in the data folder. Raises ConfigError."""
    if database is None:
        return f"sqlite:///{data_dir / 'registry.db'}"
    url = database if "://" in database else f"sqlite:///{Path(database).expanduser().absolute()}"
    if not re.match(r"(sqlite|postgresql)(\+\w+)?://", url):
        raise ConfigError(f"{PREFIX}DATABASE={database.partition(':')[0]}: is neither sqlite nor postgresql")
    if url.startswith("sqlite"):
        folder = Path(url.partition(":///")[2].partition("?")[0]).parent
        if not folder.is_dir():
            raise ConfigError(f"{PREFIX}DATABASE: there is no folder {folder}")
    return url


def with_password(url, file):
    """The URL of a PostgreSQL that names a user and no password, with what the file holds; any other as it is.

    Raises ConfigError.
    """
    match = file and re.match(r"(postgresql[^:]*://[^:@/]+)(@.*)", url)
    if not match:
        return url
    password = read_secret("DATABASE_PASSWORD_FILE", file)
    return f"{match[1]}:{quote(password, safe='')}{match[2]}"


def read_secret(setting, file):
    """The text that a file holds, without the end of its line. Raises ConfigError."""
    try:
        secret = Path(file).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{PREFIX}{setting}={file} cannot be read as text") from None
    if not secret:
        raise ConfigError(f"{PREFIX}{setting}={file} is empty; write the secret into it")
    return secret
