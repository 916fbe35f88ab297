"""Who sends a request, and what he may do (https://datatracker.ietf.org/doc/html/rfc6750)."""

from typing import NamedTuple

from ..core.access import OPEN, Access
from ..core.scopes import parse_scopes
from ..reports.suppression import TAG
from ..store.site import DEFAULT_NUMBER

OFFICE = "registry"
# Role -> the scopes that any token of such a client grants at most, whatever it asks for (docs/security.md).
MOST = {
    "site": "system/*.cruds system/AuditEvent.rs",
    OFFICE: "system/*.rs",
    "regulator": "system/Measure.rs system/ResearchStudy.rs "
    f"system/MeasureReport.rs?report-type=summary&_tag={TAG['system']}|{TAG['code']}",
    "monitor": "system/*.rs system/Task.cu",  # what it asks about data is a Task
    "administrator": "system/AuditEvent.rs",
}
ROLES = tuple(MOST)
OF_ALL_SITES = ("registry", "regulator", "monitor")  # roles whose clients may be of all sites


class Caller(NamedTuple):
    """Who asks.

    client: as cursors are bound to it. site: a number, or EVERY_NUMBER. role: one of ROLES. access: Access. user: who
    sits before the client, purpose: what for (core/user_claims.py), when the token says so.
    """

    client: str | None
    site: int | None
    role: str | None
    access: Access
    user: str = ""
    purpose: tuple[str, ...] = ()


# Where there is no access control, everybody; where there is, who has not said who he is.
EVERYBODY = Caller(OPEN.client, DEFAULT_NUMBER, "administrator", OPEN)
NOBODY = Caller(None, None, None, Access("nobody", ()))


class Login(NamedTuple):
    """What a token says. expires: seconds since 1970. jti: of the token, None without one."""

    caller: Caller
    expires: int
    jti: str | None = None


def most_of(role, search_params):
    """The Scopes that any token of a client of this role grants at most."""
    return parse_scopes(MOST[role], search_params)


def as_authority(caller, search_params):
    """The Caller with no more than a regulator may do: reports, and nothing of single patients."""
    return caller._replace(access=caller.access._replace(most=most_of("regulator", search_params)))
