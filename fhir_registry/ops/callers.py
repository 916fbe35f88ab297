"""Who sends a request, and what he may do (https://datatracker.ietf.org/doc/html/rfc6750)."""

from typing import NamedTuple

from ..core.access import OPEN, Access
from ..store.site import DEFAULT_NUMBER

# site: the patients of its site. registry: those of all. regulator: reports, suppressed. monitor: how the server is.
ROLES = ("site", "registry", "regulator", "monitor", "administrator")


class Caller(NamedTuple):
    """client: who, as cursors are bound to it. site: a number. role: one of ROLES. access: Access."""

    client: str | None
    site: int | None
    role: str | None
    access: Access


# Where there is no access control, everybody; where there is, who has not said who he is.
EVERYBODY = Caller(OPEN.client, DEFAULT_NUMBER, "administrator", OPEN)
NOBODY = Caller(None, None, None, Access("nobody", ()))


class Login(NamedTuple):
    """What a token says. expires: seconds since 1970. jti: of the token, None without one."""

    caller: Caller
    expires: int
    jti: str | None = None
