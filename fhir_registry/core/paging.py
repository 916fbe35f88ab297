"""Pages are cut by the last row of the page before (https://hl7.org/fhir/R4/http.html#paging)."""

import base64
import hashlib
import secrets
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

import orjson

from ..fhir.errors import bad_parameter

DEFAULT_COUNT = 50
MAX_COUNT = 1000
ANYBODY = "anybody"  # the caller of this version, which knows no access control


class Client(NamedTuple):
    """Who asks, and what links must hold to lead to the same answer again.

    base: URL of this server. strict: whether parameters that are not known are refused, not left out. caller: whose
    cursors these are. hidden: the parameters came in a body, and no link may show them. format: (name, value) pairs
    that choose how things are written, repeated in links.
    """

    base: str
    strict: bool = True
    caller: str = ANYBODY
    hidden: bool = False
    format: tuple[tuple[str, str], ...] = ()


def parse_count(literal):
    """`_count` -> entries of a page, at most MAX_COUNT; '' is the default. Raises bad-request."""
    if literal == "":
        return DEFAULT_COUNT
    if not (literal.isascii() and literal.isdigit()):
        raise bad_parameter("_count", "value", f"_count: '{literal}' is not a number of entries")
    return min(int(literal.lstrip("0")[:9] or "0"), MAX_COUNT)


class Cursors:
    """Places between two pages, as text that clients can only hand back: encrypted, and of one caller and question.

    secret: a key of Fernet (https://github.com/fernet/spec), the same in all processes of a registry.
    """

    def __init__(self, secret):
        self._secret = secret

    @staticmethod
    def new_secret():
        """A secret for Cursors, as text."""
        return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()

    @cached_property
    def _fernet(self):
        from cryptography.fernet import Fernet  # 6 MB that a server needs only when an answer has several pages

        return Fernet(self._secret)

    def write(self, caller, scope, position):
        """The cursor of a place.

        caller: who asks, a string. scope: what is asked, a sequence of JSON values (interaction, site, parameters);
        who comes back with other ones gets nothing. position: the place, a JSON value.
        """
        return self._fernet.encrypt(orjson.dumps([_digest(caller, scope), position])).decode()

    def read(self, cursor, caller, scope):
        """The place that `write` was given. Raises bad-request for what is forged, another's or of another question."""
        from cryptography.fernet import InvalidToken

        try:
            digest, position = orjson.loads(self._fernet.decrypt(cursor.encode()))
        except InvalidToken:
            digest = None
        if digest != _digest(caller, scope):
            raise bad_parameter("_cursor", "value", "_cursor is not one that this server gave for this request")
        return position

    def link(self, client, site, path, pairs, position=None):
        """The absolute URL of a page; path: below the base. position: where the page begins, None: the first one.

        Parameters (`pairs`) that must not be shown are in the cursor.
        """
        shown, hidden = ([], pairs) if client.hidden else (pairs, [])
        query = [*shown, *client.format]
        if hidden or position is not None:
            cursor = self.write(client.caller, [site, path, shown], [hidden, position])
            query.append(("_cursor", cursor))
        url = f"{client.base}/{path}" if path else client.base
        return f"{url}?{urlencode(query)}" if query else url

    def follow(self, client, site, path, pairs):
        """(client, pairs, position) of a request, as `link` was given them, whether or not it has a cursor."""
        cursors = [value for name, value in pairs if name == "_cursor" and value]
        pairs = [pair for pair in pairs if pair[0] != "_cursor"]
        if not cursors:
            return client, pairs, None
        if len(cursors) > 1:
            raise bad_parameter("_cursor", "invalid", "'_cursor' may be given once only")
        hidden, position = self.read(cursors[0], client.caller, [site, path, pairs])
        if hidden:
            client, pairs = client._replace(hidden=True), [tuple(pair) for pair in hidden]
        return client, pairs, position


def resume(position, access, count):
    """(place, total) of a page. position: what `go_on` made for the page before, None on the first.

    The total is that of the first page. When this one is asked for with another Access, which may see less, count()
    gives it.
    """
    if position is None:
        return None, count()
    place, total, counted_by = position
    return place, total if counted_by == access.digest else count()


def go_on(place, total, access):
    """The position of the next page. place: of its last row, a JSON value; total: as the Access has counted it."""
    return [place, total, access.digest]


def _digest(caller, scope):
    return hashlib.sha256(orjson.dumps([caller, *scope])).hexdigest()[:32]
