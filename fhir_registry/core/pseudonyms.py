"""Keyed pseudonyms: HMAC-SHA-256 of what they stand for (https://datatracker.ietf.org/doc/html/rfc2104)."""

import hmac

from ..fhir import json

KEY_BYTES = 32
SHIFT = 182  # days, at most, in either direction
_LENGTH = 32  # hexadecimal digits: 128 bits
_DOMAIN = "fhir-registry pseudonym 1"


class Pseudonyms:
    """The pseudonyms of one site for one purpose: without the key nobody can tell what they stand for.

    key: KEY_BYTES bytes at least. purpose, site: names; under another of either every pseudonym is another one.
    persons: {id of a Patient: pseudonym of the person} of those who are the same at several sites.
    """

    def __init__(self, key, purpose, site, persons=None):
        self._key, self._purpose, self._site, self._persons = key, purpose, site, persons or {}

    def of(self, *names):
        """The pseudonym of what these texts name, such as a type and an id."""
        if names[0] == "Patient" and names[1] in self._persons:
            return self._persons[names[1]]
        return self._digest("name", self._site, *names).hex()[:_LENGTH]

    def linkage(self, system, value):
        """The pseudonym of a person by an identifier, the same at every site. Case, spaces and marks do not count."""
        normal = "".join(character for character in value.casefold() if character.isalnum())
        return self._digest("linkage", system, normal).hex()[:_LENGTH]

    def shift(self, person):
        """By how many days the dates of a person are shifted: -SHIFT to SHIFT. person: id of the surviving Patient."""
        linked = self._persons.get(person)
        names = (linked,) if linked else (self._site, person)
        return int.from_bytes(self._digest("shift", *names)[:8]) % (2 * SHIFT + 1) - SHIFT

    def _digest(self, *names):
        # JSON, so that no two lists of texts are the same bytes.
        return hmac.digest(self._key, json.dumps([_DOMAIN, self._purpose, *names]), "sha256")
