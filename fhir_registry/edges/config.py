"""Settings come from the environment and are checked before anything starts (https://12factor.net/config)."""

import difflib
import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

from marshmallow import Schema, ValidationError, fields, validate

from fhir_registry.ops.import_places import Host

from .logs import FORMATS, LEVELS

PREFIX = "FHIR_REGISTRY_"
LOOPBACK = "loopback"  # stands for every page that this machine serves itself
# Read by the test suite and the container, not by the server.
TEST_SETTINGS = frozenset(f"{PREFIX}{name}" for name in ("CASES", "REQUIRE_CASES", "REQUIRE_CLIENTS", "MCODE"))


class ConfigError(Exception):
    """A setting is wrong; the message names it and says what to do."""


def _absolute_url(value):
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValidationError("is not an absolute http(s) URL such as https://registry.hospital.org/fhir")


def _origins(value):
    for origin in _listed(value):
        if origin not in ("*", LOOPBACK, "none") and not re.fullmatch(r"https?://[^/\s?#@]+", origin):
            raise ValidationError(f"'{origin}' is no origin such as https://tool.hospital.org, nor *, loopback or none")


def _hosts(value):
    for given in filter(None, _listed(value)):
        try:
            _host(given)
        except ValueError:
            form = "files.hospital.org, files.hospital.org:8443 or files.intranet=10.1.0.0/16"
            raise ValidationError(f"'{given}' is no host with its port and network, such as {form}") from None


def _host(given):
    """`name[:port][=network]` -> Host. Raises ValueError."""
    place, _, network = given.partition("=")
    name, _, port = place.partition(":")
    if not re.fullmatch(r"[A-Za-z0-9.-]+", name) or ("=" in given and not network):
        raise ValueError(given)
    return Host(name.lower(), int(port or 443), ipaddress.ip_network(network) if network else None)


def _listed(value):
    return tuple(part.strip() for part in value.split(","))


class Settings(Schema):
    """One field a setting; the variable is FHIR_REGISTRY_ and the name in upper case; docs/configuration.md."""

    data_dir = fields.String(load_default=None)
    database = fields.String(load_default=None)
    database_password_file = fields.String(load_default=None)
    host = fields.String(load_default="127.0.0.1")
    port = fields.Integer(load_default=8080, validate=validate.Range(1, 65535))
    workers = fields.Integer(load_default=1, validate=validate.Range(1, 64))
    job_workers = fields.Integer(load_default=1, validate=validate.Range(0, 64))
    base_url = fields.String(load_default=None, validate=_absolute_url)
    cors_origins = fields.String(load_default=LOOPBACK, validate=_origins)
    content = fields.String(load_default="")
    max_body_bytes = fields.Integer(load_default=50_000_000, validate=validate.Range(1_000))
    max_bundle_entries = fields.Integer(load_default=10_000, validate=validate.Range(1))
    import_folder = fields.String(load_default=None)
    import_hosts = fields.String(load_default="", validate=_hosts)
    import_max_bytes = fields.Integer(load_default=10_000_000_000, validate=validate.Range(1_000))
    body_seconds = fields.Integer(load_default=30, validate=validate.Range(1, 3600))
    max_requests_per_minute = fields.Integer(load_default=0, validate=validate.Range(0, 1_000_000))
    trusted_proxies = fields.Integer(load_default=0, validate=validate.Range(0, 10))
    request_seconds = fields.Integer(load_default=60, validate=validate.Range(1, 3600))
    small_cell = fields.Integer(load_default=5, validate=validate.Range(0, 1_000))
    insecure_durability = fields.Boolean(load_default=False)
    audit_checkpoints = fields.String(load_default=None)
    audit_key = fields.String(load_default=None)
    log_level = fields.String(load_default="info", validate=validate.OneOf(LEVELS))
    log_format = fields.String(load_default="text", validate=validate.OneOf(FORMATS))
    insecure_open_access = fields.Boolean(load_default=False)


@dataclass(frozen=True, slots=True)
class Config:
    """What the server was told. `database` is a SQLAlchemy URL; `content` holds the extra registry folders."""

    database: str
    data_dir: Path
    host: str
    port: int
    workers: int
    job_workers: int
    base_url: str | None
    cors_origins: tuple[str, ...]
    content: tuple[Path, ...]
    max_body_bytes: int
    max_bundle_entries: int
    import_folder: Path | None
    import_hosts: tuple[Host, ...]
    import_max_bytes: int
    body_seconds: int
    max_requests_per_minute: int  # of a client, 0: as many as it likes
    trusted_proxies: int
    request_seconds: int
    small_cell: int  # counts of patients below it are suppressed, 0: none
    insecure_durability: bool
    audit_checkpoints: Path | None
    audit_key: Path | None
    log_level: str
    log_format: str
    insecure_open_access: bool

    @classmethod
    def from_env(cls, environ=None):
        """Read FHIR_REGISTRY_*; raises ConfigError for an unknown or impossible setting.

        environ: a mapping like os.environ, which is the default.
        """
        environ = os.environ if environ is None else environ
        given = {}
        for variable, value in environ.items():
            if variable.startswith(PREFIX) and variable not in TEST_SETTINGS:
                name = variable.removeprefix(PREFIX).lower()
                if name not in Settings._declared_fields or variable != variable.upper():
                    raise ConfigError(_unknown(variable))
                if value != "":
                    given[name] = value
        try:
            settings = Settings().load(given)
        except ValidationError as e:
            name, messages = next(iter(e.messages.items()))
            raise ConfigError(f"{PREFIX}{name.upper()}={given[name]}: {messages[0]}") from None
        return cls._resolved(settings, environ)

    @classmethod
    def _resolved(cls, settings, environ):
        password_file = settings.pop("database_password_file")
        data_dir = Path(settings["data_dir"]).expanduser() if settings["data_dir"] else _default_data_dir(environ)
        folders = tuple(Path(f).expanduser() for f in settings["content"].split(os.pathsep) if f)
        for folder in folders:
            if not folder.is_dir():
                raise ConfigError(f"{PREFIX}CONTENT names {folder}, which is not a folder")
        import_folder = settings["import_folder"] and Path(settings["import_folder"]).expanduser()
        if import_folder and not import_folder.is_dir():
            raise ConfigError(f"{PREFIX}IMPORT_FOLDER={import_folder} is not a folder")
        audit = {
            name: settings[name] and Path(settings[name]).expanduser() for name in ("audit_checkpoints", "audit_key")
        }
        _check_audit(**audit)
        config = cls(
            **settings
            | {
                "data_dir": data_dir,
                "database": _with_password(_database_url(settings["database"], data_dir), password_file),
                "content": folders,
                "import_folder": import_folder,
                "import_hosts": tuple(_host(given) for given in _listed(settings["import_hosts"]) if given),
                "cors_origins": _listed(settings["cors_origins"]),
                "base_url": settings["base_url"] and settings["base_url"].rstrip("/"),
            }
            | audit
        )
        if not config.insecure_open_access and not is_loopback(config.host):
            raise ConfigError(
                f"refusing to listen on {config.host}: this version has no access control, so everybody on that "
                f"network could read and change all data. Listen on 127.0.0.1, or set {PREFIX}INSECURE_OPEN_ACCESS=yes "
                "if another system protects the port"
            )
        return config


def read_config(database=None, there=True):
    """The Config of a command that works on a database itself, by default the configured one.

    there: whether a SQLite file must be there, instead of being made. Raises ConfigError.
    """
    config = Config.from_env({**os.environ, f"{PREFIX}DATABASE": database} if database else None)
    scheme, _, path = config.database.partition(":///")
    if there and scheme.startswith("sqlite") and not Path(path.partition("?")[0]).is_file():
        raise ConfigError(f"{PREFIX}DATABASE: there is no file {path}; name the server's database with --database")
    return config


def is_loopback(host):
    """Whether only this machine can reach the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _unknown(variable):
    known = [PREFIX + name.upper() for name in Settings._declared_fields]
    nearest = difflib.get_close_matches(variable.upper(), known, 1, 0)[0]
    return f"unknown setting {variable}; did you mean {nearest}? All settings are in docs/configuration.md"


def _check_audit(audit_checkpoints, audit_key):
    if bool(audit_checkpoints) != bool(audit_key):
        raise ConfigError(
            f"{PREFIX}AUDIT_CHECKPOINTS, the file of checkpoints, and {PREFIX}AUDIT_KEY, the key that signs them, go "
            "together: set both, or none"
        )
    if audit_checkpoints and not audit_checkpoints.absolute().parent.is_dir():
        raise ConfigError(f"{PREFIX}AUDIT_CHECKPOINTS: there is no folder {audit_checkpoints.absolute().parent}")


def _default_data_dir(environ):
    # https://specifications.freedesktop.org/basedir-spec/: a relative XDG_DATA_HOME is ignored.
    share = Path(environ.get("XDG_DATA_HOME") or "")
    return (share if share.is_absolute() else Path.home() / ".local" / "share") / "fhir-registry"


def _database_url(database, data_dir):
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


def _with_password(url, file):
    """The URL of a PostgreSQL that names a user and no password, with what the file holds; any other as it is."""
    match = file and re.match(r"(postgresql[^:]*://[^:@/]+)(@.*)", url)
    if not match:
        return url
    try:
        password = Path(file).read_text().rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{PREFIX}DATABASE_PASSWORD_FILE={file} cannot be read as text") from None
    if not password:
        raise ConfigError(f"{PREFIX}DATABASE_PASSWORD_FILE={file} is empty; write the password of the database into it")
    return f"{match[1]}:{quote(password, safe='')}{match[2]}"
