"""Keys that others publish, kept for a while (https://datatracker.ietf.org/doc/html/rfc7517, https://datatracker.ietf.org/doc/html/rfc9111#section-5.2)."""

import logging
import re
import threading
import time

from ..core.access import NotTrusted
from ..core.jose import find_key, read_key_set
from ..fhir.errors import FhirError
from .outbound import Host, Patience, away, fetch, host_and_port
from .turns import Turns

log = logging.getLogger("fhir_registry")
SETTING = "FHIR_REGISTRY_JWKS_HOSTS"
FRESH_SECONDS = 600  # after which keys are fetched again
RETRY_SECONDS = 10  # between two attempts at one URL
KEPT_SECONDS = 3600  # for which keys are used while they cannot be fetched, unless Cache-Control says more or less
MOST_SECONDS = 86_400
PATIENCE = Patience(connect=5, silent=5, total=5)
SLOW_SECONDS = 2  # that other threads wait for one that fetches
LIMIT = 1_000_000  # bytes of an answer
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})")
_NOT_KEPT = re.compile(r"(?:^|[\s,])no-(?:store|cache)\b")


class KeySets:
    """What URLs answer, fetched when it is first needed, each by one thread at a time, and kept in this process.

    hosts: Hosts that are not of the public internet, with their networks.
    """

    def __init__(self, hosts=(), clock=time.monotonic):
        self._hosts = {(host.name, host.port): host for host in hosts}
        self._clock = clock
        self._kept, self._lock = {}, threading.Lock()

    def find(self, url, kid, algorithm):
        """The key with this kid of the JWKS at a URL; None without one.

        A kid that is not known may be new: then the keys are fetched again, though not often. Raises NotTrusted, and
        unavailable when there are no keys and none can be fetched, or another thread still waits for newer ones.
        """
        key = find_key(self.read(url, read_key_set), kid, algorithm)
        return key or find_key(self.read(url, read_key_set, again=True), kid, algorithm)

    def read(self, url, parse, again=False):
        """`parse(bytes)` of what the URL answers; again: though it is fresh. Raises unavailable."""
        with self._lock:
            entry = self._kept.setdefault((url, parse), _Entry())
        # Who has what he needs does not wait for another thread that fetches newer keys.
        waits = again or entry.value is None
        if not entry.is_due(self._clock(), again) and not (waits and entry.turns.taken):
            return entry.get(self._clock())
        with entry.turns.take(waits) as mine:
            if mine and entry.is_due(self._clock(), again):
                self._fetch(url, parse, entry)
        if again and not mine:
            raise _away()  # what is there may be too old to say that a key is none
        return entry.get(self._clock())

    def _fetch(self, url, parse, entry):
        entry.tried = self._clock()
        try:
            place = host_and_port(url)
            host = self._hosts.get(place, Host(*place, None))
            answer = fetch(url, host, {"Accept": "application/json"}, PATIENCE, LIMIT, SETTING)
            headers = next(answer)
            value = parse(b"".join(answer))
        except (FhirError, NotTrusted) as problem:
            log.warning("keys cannot be fetched from %s: %s", url, problem)
            return
        entry.keep(value, self._clock(), headers.get("Cache-Control", ""))


class _Entry:
    def __init__(self):
        self.turns = Turns(1, SLOW_SECONDS)
        self.value, self.fetched, self.tried, self.kept_seconds = None, None, None, 0

    def is_due(self, now, again):
        """Whether it is to be fetched now."""
        if self.tried is not None and now - self.tried < RETRY_SECONDS:
            return False
        return again or self.value is None or now - self.fetched > FRESH_SECONDS

    def keep(self, value, now, cache_control):
        self.value, self.fetched = value, now
        told = _MAX_AGE.search(cache_control.lower())
        seconds = min(int(told[1]), MOST_SECONDS) if told else KEPT_SECONDS
        self.kept_seconds = 0 if _NOT_KEPT.search(cache_control.lower()) else seconds

    def get(self, now):
        """The value. Raises unavailable when there is none, or it is too old."""
        if self.value is None or now - self.fetched > max(self.kept_seconds, FRESH_SECONDS + RETRY_SECONDS):
            raise _away()
        return self.value


def _away():
    return away("The keys that say who asks cannot be fetched at the moment; try again", RETRY_SECONDS)
