"""What this server fetches from others, by https and from allowed addresses only (https://owasp.org/API-Security/editions/2023/en/0xa7-server-side-request-forgery/)."""

import ipaddress
import socket
import time
from typing import NamedTuple
from urllib.parse import urlsplit

from ..fhir.errors import error

LONGEST = 8000  # characters of a URL (RFC 9110, 4.1)
PIECE = 1_000_000  # bytes
# All that is given out of IPv6 (https://www.iana.org/assignments/ipv6-address-space/); old forms of inner addresses,
# such as fec0::/10 and ::/96, are not in it.
_IPV6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the address that is meant


class Host(NamedTuple):
    """A host that may be fetched from by https.

    network: an ip_network that its addresses must be in; None: the public internet.
    """

    name: str
    port: int
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None


class Patience(NamedTuple):
    """Seconds to connect, between two pieces, and in all."""

    connect: float
    silent: float
    total: float


def host_and_port(url):
    """(name, port) that an https: URL leads to. Raises bad-request for any other, nothing is connected to."""
    if len(url) > LONGEST:
        raise refused(f"The URL is longer than {LONGEST:,} characters")
    parts, port = split_url(url)
    if parts.scheme != "https" or parts.username is not None or parts.fragment or not url.isascii():
        raise refused("It must be an https: URL without user and fragment")
    if any(c <= " " for c in url) or not parts.hostname:
        raise refused("This is no URL")
    return parts.hostname.lower(), 443 if port is None else port


def split_url(url):
    """(parts of a URL, its port or None). Raises bad-request."""
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        raise refused("This is no URL") from None


def fetch(url, host, headers, patience, limit, setting, form=None):
    """Yield first the headers of the answer, then its bytes in pieces.

    host: the Host of the URL. limit: bytes. setting: the one that names networks of hosts. form: bytes to post.
    Raises FhirError: unavailable for what may work later, else bad-request, not-found or too-large.
    """
    import urllib3  # with ssl it is 9 MB that a server needs only when somebody names a URL

    address, end = resolve(host, setting), time.monotonic() + patience.total
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # To the address that was checked: a second question of the name might be answered in another way.
    pool = urllib3.HTTPSConnectionPool(
        str(address),
        host.port,
        server_hostname=host.name,
        assert_hostname=host.name,
        ssl_context=_context(end),
        timeout=urllib3.Timeout(connect=patience.connect, read=patience.silent),
        retries=False,
    )
    headers = {"Host": parts.netloc, "Accept-Encoding": "identity"} | headers
    with pool:
        try:
            method = "GET" if form is None else "POST"
            response = pool.request(method, target, form, headers=headers, redirect=False, preload_content=False)
            try:
                _refuse_answer(response)
                yield response.headers
                size = 0
                while piece := response.read1(PIECE, decode_content=False):
                    size += len(piece)
                    if size > limit:
                        raise error("too-large", "too-long", f"It has more than {limit:,} bytes; divide it")
                    yield piece
            finally:
                response.close()
        except urllib3.exceptions.HTTPError as problem:
            if time.monotonic() > end:
                raise error("too-large", "timeout", "It took too long to come; divide it") from None
            raise away(f"{host.name} could not be read: {type(problem).__name__}") from None


def _context(end):
    """An SSLContext whose sockets read no more after `end`, of a head that comes byte by byte either."""
    import ssl

    class Timed(ssl.SSLSocket):
        def recv_into(self, *arguments):
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.settimeout(left if self.gettimeout() is None else min(left, self.gettimeout()))
            return super().recv_into(*arguments)

    context = ssl.create_default_context()
    context.sslsocket_class = Timed
    return context


def resolve(host, setting):
    """The address of a Host, when every address that its name has now is in its network; refused otherwise."""
    try:
        found = socket.getaddrinfo(host.name, host.port, type=socket.SOCK_STREAM)
    except OSError:
        raise away(f"The name {host.name} has no address") from None
    addresses = [ipaddress.ip_address(address[0].partition("%")[0]) for *_, address in found]
    if not addresses or not all(_is_in(address, host.network) for address in addresses):
        where = f"the network {host.network}" if host.network else "the public internet"
        raise refused(f"{host.name} has an address outside {where}; {setting} may name its network")
    return addresses[0]


def refused(message):
    """The error for a place that may not be read."""
    return error("bad-request", "security", message)


def away(message, seconds=None):
    """The error for a place that cannot be read now. seconds: until it may be worth another try."""
    return error("unavailable", "transient", message, headers={"Retry-After": str(seconds)} if seconds else None)


def _is_in(address, network):
    address = _meant(address)
    if network is not None:
        return address in network
    return address.is_global and not address.is_multicast and (address.version == 4 or address in _IPV6)


def _meant(address):
    """The IPv4 address that an IPv6 address stands for, else itself."""
    if address.version == 4:
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1] or address


def _refuse_answer(response):
    status = response.status
    if 300 <= status < 400:
        raise refused(f"The host answers {status}; redirects are not followed, give the URL that it leads to")
    if status in (408, 425, 429) or status >= 500:
        raise away(f"The host answers {status}")
    if status != 200:
        raise error("not-found", "not-found", f"The host answers {status} instead of the file")
