"""What a client may do (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html#scopes-for-requesting-fhir-resources)."""

import hashlib
from typing import NamedTuple

from ..fhir.errors import FhirError, Issue
from .criteria import Permitted

LETTERS = "cruds"
ANY = "*"  # in the place of a type: all but AUDIT, which a scope must name
AUDIT = "AuditEvent"
_INTERACTIONS = {"c": "create", "r": "read", "u": "update", "d": "delete", "s": "search"}


class NotTrusted(Exception):
    """A token, an assertion or a set of keys that is not to be trusted; the message says why, and quotes nothing."""


class Scope(NamedTuple):
    """What a scope grants: the interactions `letters` on a type (or ANY) where all of the criteria hold."""

    text: str
    type: str
    letters: str
    criteria: tuple = ()


EVERYTHING = Scope(f"system/{ANY}.{LETTERS}", ANY, LETTERS)
_AUDIT = Scope(f"system/{AUDIT}.{LETTERS}", AUDIT, LETTERS)


class Access(NamedTuple):
    """Who asks and what he may do. client: who, as cursors and jobs are bound to it.

    scopes: of the token. most: the most that any token of this client may grant, by its role.
    """

    client: str
    scopes: tuple[Scope, ...]
    most: tuple[Scope, ...] = (EVERYTHING, _AUDIT)

    def permits(self, type, letter):
        """What a resource of the type must meet for an interaction: one of several tuples of criteria.

        () when nothing must be met, None when the interaction is not permitted at all.
        """
        granted, most = _granted(self.scopes, type, letter), _granted(self.most, type, letter)
        if granted is None or most is None:
            return None
        return tuple(a + b for a in granted or ((),) for b in most or ((),)) if granted or most else ()

    def require(self, type, letter, expression=None):
        """What `permits` gives; raises forbidden (403) when that is None."""
        found = self.permits(type, letter)
        if found is None:
            raise self.refusal(type, letter, f"{_INTERACTIONS[letter]} {type}", expression)
        return found

    def refusal(self, type, letters, what, expression=None):
        """The FhirError (403) for what needs more than is permitted (RFC 6750, section 3.1).

        what: that is not done, such as "read Patient". It names the scope that would do where the role permits one.
        """
        challenge, scope = 'Bearer error="insufficient_scope"', f"system/{type}.{letters}"
        if any(self._forbids_by_role(type, letter) for letter in letters):
            message = f"The role of this client does not permit to {what}, by no scope"
        else:
            message = f"The token may not {what}; that needs the scope {scope}"
            challenge += f', scope="{scope}"'
        issue = Issue("error", "forbidden", message, expression)
        return FhirError("forbidden", [issue], {"WWW-Authenticate": challenge})

    def _forbids_by_role(self, type, letter):
        """Whether no scope would do for more of an interaction than is permitted, as the role does not permit it."""
        most = _granted(self.most, type, letter)
        return most is None or (most != () and self.permits(type, letter) is not None)

    def require_any(self, letters):
        """Raise forbidden (403) unless one of these interactions is permitted on some type."""
        types = {scope.type for scope in (*self.scopes, *self.most)}
        if not any(self.allows(type, letter) for type in types for letter in letters):
            self.require(ANY, letters[0])

    def require_all(self, other, what):
        """Raise forbidden (403) unless all is permitted here that another Access permits. what: as of `refusal`."""
        for type in sorted({scope.type for scope in (*other.scopes, *other.most)}):
            for letter in LETTERS:
                theirs, mine = other.permits(type, letter), self.permits(type, letter)
                if theirs is None or mine == ():
                    continue
                if theirs == () or not all(each in (mine or ()) for each in theirs):
                    raise self.refusal(type, letter, what)

    def allows(self, type, letter):
        """Whether the interaction is permitted on all resources of the type, or on some."""
        return self.permits(type, letter) is not None

    def permitted(self, types, letter):
        """The criterion Permitted for resources of the types; None when all of them are permitted."""
        alike = {}
        for type in types:
            alike.setdefault(self.permits(type, letter), []).append(type)
        if alike.keys() <= {()}:
            return None
        return Permitted(tuple((tuple(some), found) for found, some in alike.items() if found is not None))

    def narrowed(self, types):
        """The Access to nothing but these types."""
        most = tuple(
            scope._replace(text=f"system/{type}.{scope.text.partition('.')[2]}", type=type)
            for type in types
            for scope in self.most
            if scope.type in (ANY, type)
        )
        return self._replace(most=most)

    @property
    def digest(self):
        """A text by which another Access to the same is known, in whatever order its scopes stand."""
        told = [sorted({scope.text for scope in scopes}) for scopes in (self.scopes, self.most)]
        return hashlib.sha256(repr(told).encode()).hexdigest()[:32]

    @property
    def is_whole(self):
        """Whether everything is permitted."""
        return all(any(_is_whole(scope) for scope in scopes) for scopes in (self.scopes, self.most))


OPEN = Access("anybody", (EVERYTHING, _AUDIT), (EVERYTHING, _AUDIT))


def _granted(scopes, type, letter):
    # Who may do everything with data may not for that reason read who did what with them.
    names = (type,) if type == AUDIT else (ANY, type)
    found = [scope for scope in scopes if scope.type in names and letter in scope.letters]
    if any(not scope.criteria for scope in found):
        return ()
    return tuple(scope.criteria for scope in found) or None


def is_covered(scope, most):
    """Whether all that a Scope grants is granted by the Scopes `most`, on some resources at least."""
    return all(_granted(most, scope.type, letter) is not None for letter in scope.letters)


def _is_whole(scope):
    return scope.type == ANY and scope.letters == LETTERS and not scope.criteria
