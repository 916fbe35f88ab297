"""How many requests a client may send: GCRA in a file that all workers share (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm)."""

import hashlib
import ipaddress
import math
import mmap
import struct
import time
from pathlib import Path

SLOTS = 65_536
_PLACES = 8  # that a client may stand at
_BURST = 10  # seconds of its rate that a client may use at once
_SLOT = struct.Struct("<Qd")  # client, and until when it has used its rate up


class RateLimiter:
    """Counts the requests of each client, for all processes that share the file; without a path, for this one.

    a_minute: requests that a client may send in a minute. proxies: how many stand in front, each adding an address to
    X-Forwarded-For; of what is left of theirs anything may be made up. Two processes that count at the same moment may
    count one request for two: the table has no lock.
    """

    def __init__(self, path, a_minute, proxies, clock=time.monotonic):
        self._interval = 60 / a_minute
        self._burst = _BURST + self._interval
        self._proxies, self._clock = proxies, clock
        if path is None:
            self._table = mmap.mmap(-1, SLOTS * _SLOT.size)
            return
        with Path(path).open("r+b") as file:
            self._table = mmap.mmap(file.fileno(), SLOTS * _SLOT.size)

    @staticmethod
    def make_table(path):
        """Make the file, empty."""
        with Path(path).open("wb") as file:
            file.truncate(SLOTS * _SLOT.size)

    def wait(self, peer, forwarded=None, count=True, kind=""):
        """Count a request; 0 when it may be answered, else whole seconds until the next one may.

        peer: the address at the other end of the connection. forwarded: the header X-Forwarded-For. count: False to
        look only. kind: of request; each is counted by itself.
        """
        now, client = self._clock(), kind + self._client(peer, forwarded)
        client = int.from_bytes(hashlib.blake2b(client.encode(), digest_size=8).digest(), "big")
        place, used = self._find(client or 1, now)
        used = max(used, now) + self._interval
        if used - now > self._burst:
            return math.ceil(used - now - self._burst)
        if count:
            _SLOT.pack_into(self._table, place, client or 1, used)
        return 0

    def _client(self, peer, forwarded):
        peer = caller_address(peer, forwarded, self._proxies)
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return peer
        if address.version == 6 and address.ipv4_mapped:  # a socket of both kinds was called by IPv4
            return str(address.ipv4_mapped)
        # A network of IPv6 is one client: it has more addresses than this table places.
        return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else peer

    def _find(self, client, now):
        """(place of a client in the table, until when it has used its rate up), else the place longest unused."""
        oldest = (math.inf, 0)
        for step in range(_PLACES):
            place = (client + step) % SLOTS * _SLOT.size
            known, used = _SLOT.unpack_from(self._table, place)
            if known == client:
                return place, used
            oldest = min(oldest, (used, place))
        return oldest[1], now


def caller_address(peer, forwarded, proxies):
    """The address that a request was sent from; peer, forwarded, proxies: as in RateLimiter."""
    addresses = [address.strip() for address in (forwarded or "").split(",") if address.strip()] + [peer]
    if not proxies:
        return peer
    # Each trusted proxy has added the address that it was called from.
    return _without_port(addresses[-1 - proxies] if len(addresses) > proxies else addresses[0])


def _without_port(address):
    """`1.2.3.4:51111`, `[2001:db8::1]` or `[2001:db8::1]:443`, as some proxies write it, without port and brackets."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
