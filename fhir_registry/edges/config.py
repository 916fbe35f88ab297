"""Settings come from the environment and are checked before anything starts (https://12factor.net/config)."""

import difflib
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from marshmallow import Schema, ValidationError, fields, validate

from fhir_registry.ops.outbound import Host

from .logs import FORMATS, LEVELS
from .setting_values import (
    LOOPBACK,
    PREFIX,
    ConfigError,
    check_algorithms,
    check_hosts,
    check_https_url,
    check_origins,
    check_url,
    database_url,
    read_host,
    split_list,
    with_password,
)

# Who says who asks: nobody, this server, or an identity provider.
ACCESS = NONE, BUILTIN, OIDC = "none", "builtin", "oidc"
READS = _, PSEUDONYMISED = "identified", "pseudonymised"  # which data of patients the role `registry` reads
_LISTS = ("cors_origins", "token_algorithms", "scope_claim", "client_claim", "site_claim", "role_claim", "user_claim")
# Read by the test suite and the container, not by the server.
TEST_SETTINGS = frozenset(f"{PREFIX}{name}" for name in ("CASES", "REQUIRE_CASES", "REQUIRE_CLIENTS", "MCODE"))


class Settings(Schema):
    """One field a setting; the variable is FHIR_REGISTRY_ and the name in upper case; docs/configuration.md."""

    data_dir = fields.String(load_default=None)
    database = fields.String(load_default=None)
    database_password_file = fields.String(load_default=None)
    host = fields.String(load_default="127.0.0.1")
    port = fields.Integer(load_default=8080, validate=validate.Range(1, 65535))
    workers = fields.Integer(load_default=1, validate=validate.Range(1, 64))
    job_workers = fields.Integer(load_default=1, validate=validate.Range(0, 64))
    base_url = fields.String(load_default=None, validate=check_url)
    cors_origins = fields.String(load_default=None, validate=check_origins)
    content = fields.String(load_default="")
    max_body_bytes = fields.Integer(load_default=50_000_000, validate=validate.Range(1_000))
    max_bundle_entries = fields.Integer(load_default=10_000, validate=validate.Range(1))
    import_folder = fields.String(load_default=None)
    import_hosts = fields.String(load_default="", validate=check_hosts)
    import_max_bytes = fields.Integer(load_default=10_000_000_000, validate=validate.Range(1_000))
    body_seconds = fields.Integer(load_default=30, validate=validate.Range(1, 3600))
    max_requests_per_minute = fields.Integer(load_default=0, validate=validate.Range(0, 1_000_000))
    trusted_proxies = fields.Integer(load_default=0, validate=validate.Range(0, 10))
    request_seconds = fields.Integer(load_default=60, validate=validate.Range(1, 3600))
    small_cell = fields.Integer(load_default=5, validate=validate.Range(0, 1_000))
    access = fields.String(load_default=NONE, validate=validate.OneOf(ACCESS))
    issuer = fields.String(load_default=None, validate=check_https_url)
    audience = fields.String(load_default=None)
    jwks_url = fields.String(load_default=None, validate=check_https_url)
    jwks_hosts = fields.String(load_default="", validate=check_hosts)
    token_algorithms = fields.String(load_default="RS256,RS384,ES256,ES384,PS256", validate=check_algorithms)
    scope_claim = fields.String(load_default="scope,scp")
    client_claim = fields.String(load_default="client_id,azp,sub")
    site_claim = fields.String(load_default="site")
    role_claim = fields.String(load_default="role")
    token_keys = fields.String(load_default="")
    max_failed_logins_per_minute = fields.Integer(load_default=120, validate=validate.Range(0, 1_000_000))
    insecure_durability = fields.Boolean(load_default=False)
    audit_checkpoints = fields.String(load_default=None)
    audit_key = fields.String(load_default=None)
    log_level = fields.String(load_default="info", validate=validate.OneOf(LEVELS))
    log_format = fields.String(load_default="text", validate=validate.OneOf(FORMATS))
    insecure_open_access = fields.Boolean(load_default=False)
    introspection_client = fields.String(load_default=None)
    introspection_secret_file = fields.String(load_default=None)
    introspection_url = fields.String(load_default=None, validate=check_https_url)
    require_reason = fields.Boolean(load_default=False)
    registry_reads = fields.String(load_default=READS[0], validate=validate.OneOf(READS))
    user_claim = fields.String(load_default="fhirUser,sub")


@dataclass(frozen=True, slots=True)
class Config:
    """What the server was told. `database` is a SQLAlchemy URL; `content` holds the extra registry folders."""

    database: str
    database_password_file: Path | None
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
    access: str  # one of ACCESS
    issuer: str | None
    audience: str | None
    jwks_url: str | None
    jwks_hosts: tuple[Host, ...]
    token_algorithms: tuple[str, ...]
    scope_claim: tuple[str, ...]
    client_claim: tuple[str, ...]
    site_claim: tuple[str, ...]
    role_claim: tuple[str, ...]
    token_keys: tuple[Path, ...]
    max_failed_logins_per_minute: int  # of an address, 0: as many as it likes
    insecure_durability: bool
    audit_checkpoints: Path | None
    audit_key: Path | None
    log_level: str
    log_format: str
    insecure_open_access: bool
    introspection_client: str | None
    introspection_secret_file: Path | None
    introspection_url: str | None
    require_reason: bool
    registry_reads: str  # one of READS
    user_claim: tuple[str, ...]

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
        password_file = settings["database_password_file"]
        secret_file = settings["introspection_secret_file"]
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
        # Where tokens are, no page is let in that nobody has named.
        settings["cors_origins"] = settings["cors_origins"] or (LOOPBACK if settings["access"] == NONE else "none")
        config = cls(
            **settings
            | {
                "data_dir": data_dir,
                "database": with_password(database_url(settings["database"], data_dir), password_file),
                "database_password_file": password_file and Path(password_file),
                "content": folders,
                "import_folder": import_folder,
                "import_hosts": tuple(read_host(given) for given in split_list(settings["import_hosts"]) if given),
                "jwks_hosts": tuple(read_host(given) for given in split_list(settings["jwks_hosts"]) if given),
                "token_keys": tuple(Path(f).expanduser() for f in settings["token_keys"].split(os.pathsep) if f),
                "base_url": settings["base_url"] and settings["base_url"].rstrip("/"),
                "introspection_secret_file": secret_file and Path(secret_file).expanduser(),
            }
            | {name: split_list(settings[name]) for name in _LISTS}
            | audit
        )
        _check_access(config)
        return config

    @property
    def own_url(self):
        """The FHIR base, as far as it does not depend on the request."""
        return self.base_url or local_url(self.host, self.port)


def read_config(database=None, there=True):
    """The Config of a command that works on a database itself, by default the configured one.

    there: whether a SQLite file must be there, instead of being made. Raises ConfigError.
    """
    config = Config.from_env({**os.environ, f"{PREFIX}DATABASE": database} if database else None)
    scheme, _, path = config.database.partition(":///")
    if there and scheme.startswith("sqlite") and not Path(path.partition("?")[0]).is_file():
        raise ConfigError(f"{PREFIX}DATABASE: there is no file {path}; name the server's database with --database")
    return config


def _check_access(config):
    """Raise ConfigError when who may do what is not settled, before anything listens."""
    if config.access == NONE and not config.insecure_open_access and not is_loopback(config.host):
        raise ConfigError(
            f"refusing to listen on {config.host}: {PREFIX}ACCESS is none, so everybody on that network could read and "
            f"change all data. Listen on 127.0.0.1, set {PREFIX}ACCESS (docs/security.md), or "
            f"{PREFIX}INSECURE_OPEN_ACCESS=yes if another system protects the port"
        )
    if config.access == OIDC:
        for name in ("issuer", "audience"):
            if not getattr(config, name):
                raise ConfigError(f"{PREFIX}ACCESS=oidc needs {PREFIX}{name.upper()}; docs/security.md says what it is")
        if bool(config.introspection_client) != bool(config.introspection_secret_file):
            raise ConfigError(
                f"{PREFIX}INTROSPECTION_CLIENT and {PREFIX}INTROSPECTION_SECRET_FILE, the file of its secret, go "
                "together: set both, or none"
            )
    if config.access == BUILTIN:
        if not config.token_keys:
            raise ConfigError(
                f"{PREFIX}ACCESS=builtin needs {PREFIX}TOKEN_KEYS, the file of a key that signs tokens; "
                "fhir-registry key FILE makes one"
            )
        if not config.base_url and not is_loopback(config.host):
            raise ConfigError(f"{PREFIX}ACCESS=builtin needs {PREFIX}BASE_URL, which tokens are for")


def local_url(host, port):
    """The FHIR base as a program on this machine reaches it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/fhir"


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
