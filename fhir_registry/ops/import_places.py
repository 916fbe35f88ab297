"""Where an import may read from, and nowhere else (https://owasp.org/API-Security/editions/2023/en/0xa7-server-side-request-forgery/)."""

import hashlib
import ipaddress
import os
import socket
import stat
import time
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ..fhir.errors import error

PIECE = 1_000_000  # bytes
LONGEST = 8000  # characters of a URL (RFC 9110, 4.1)
CONNECT_SECONDS, SILENT_SECONDS, TOTAL_SECONDS = 10, 60, 6 * 3600  # of one download
# All that is given out of IPv6 (https://www.iana.org/assignments/ipv6-address-space/); old forms of inner addresses,
# such as fec0::/10 and ::/96, are not in it.
_IPV6 = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are the address that is meant


class Host(NamedTuple):
    """A host that files may be fetched from by https.

    network: an ip_network that its addresses must be in; None: the public internet.
    """

    name: str
    port: int
    network: ipaddress.IPv4Network | ipaddress.IPv6Network | None


class Places:
    """folder: that file: URLs may lead into, or None. hosts: Hosts of https: URLs. limit: bytes of one download."""

    def __init__(self, folder=None, hosts=(), limit=10_000_000_000):
        self._folder = folder and os.path.realpath(folder)
        self._hosts = {(host.name, host.port): host for host in hosts}
        self._limit = limit

    def check(self, url):
        """Raise bad-request for a URL that is not allowed; nothing is connected to."""
        if len(url) > LONGEST:
            raise _refused(f"The URL is longer than {LONGEST:,} characters")
        if url.startswith("file:"):
            self._path(url)
        else:
            self._host(url)

    @contextmanager
    def open(self, url, etag=None):
        """Give (binary file that can be read from its start, text that is another when its content is another).

        etag: that the file must have: the entity tag of https, of a file the SHA-256 of its content in hexadecimal.
        Raises FhirError: unavailable for what may work later, else bad-request, not-found or precondition-failed.
        """
        if url.startswith("file:"):
            with os.fdopen(_open_regular(self._path(url)), "rb") as file:
                yield file, _identify(file, etag)
        else:
            with TemporaryFile() as file:
                identity = self._fetch(url, etag, file)
                file.seek(0)
                yield file, identity

    # --- file: --------------------------------------------------------------------------------------

    def _path(self, url):
        parts, _ = _split(url)
        path = unquote(parts.path)
        plain = parts.netloc in ("", "localhost") and not parts.query and not parts.fragment and "\0" not in path
        if self._folder is None:
            raise _refused("file: URLs are not read here; FHIR_REGISTRY_IMPORT_FOLDER allows a folder")
        real = os.path.realpath(path) if plain and path.startswith("/") else ""
        if not real.startswith(os.path.join(self._folder, "")):
            raise _refused("This file: URL does not lead into the folder that imports may read")
        return real

    # --- https: -------------------------------------------------------------------------------------

    def _host(self, url):
        parts, port = _split(url)
        name, port = (parts.hostname or "").lower(), 443 if port is None else port
        if parts.scheme != "https" or parts.username is not None or parts.fragment or not url.isascii():
            raise _refused("An input is an https: URL without user and fragment, or a file: URL")
        if any(c <= " " for c in url) or (name, port) not in self._hosts:
            raise _refused("This host is not one of FHIR_REGISTRY_IMPORT_HOSTS, from which imports may read")
        return self._hosts[name, port]

    def _fetch(self, url, etag, file):
        import ssl  # both are 9 MB that a server needs only when somebody names a URL

        import urllib3

        host = self._host(url)
        address = resolve(host)
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        # To the address that was checked: a second question of the name might be answered in another way.
        pool = urllib3.HTTPSConnectionPool(
            str(address),
            host.port,
            server_hostname=host.name,
            assert_hostname=host.name,
            ssl_context=ssl.create_default_context(),
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=SILENT_SECONDS),
            retries=False,
        )
        headers = {
            "Host": parts.netloc,
            "Accept": "application/fhir+ndjson, */*;q=0.5",
            "Accept-Encoding": "identity",
        }
        with pool:
            try:
                response = pool.request("GET", target, headers=headers, redirect=False, preload_content=False)
                try:
                    _refuse_answer(response, etag)
                    return self._save(response, file)
                finally:
                    response.close()
            except urllib3.exceptions.HTTPError as problem:
                raise _away(f"{host.name} could not be read: {type(problem).__name__}") from None

    def _save(self, response, file):
        digest, size, end = hashlib.sha256(), 0, time.monotonic() + TOTAL_SECONDS
        while piece := response.read1(PIECE, decode_content=False):
            size += len(piece)
            if size > self._limit:
                message = f"The file has more than {self._limit:,} bytes (FHIR_REGISTRY_IMPORT_MAX_BYTES); divide it"
                raise error("too-large", "too-long", message)
            if time.monotonic() > end:
                raise error("too-large", "timeout", "The file took too long to come; divide it")
            digest.update(piece)
            file.write(piece)
        return digest.hexdigest()


def resolve(host):
    """The address of a Host, when every address that its name has now is in its network; refused otherwise."""
    try:
        found = socket.getaddrinfo(host.name, host.port, type=socket.SOCK_STREAM)
    except OSError:
        raise _away(f"The name {host.name} has no address") from None
    addresses = [ipaddress.ip_address(address[0].partition("%")[0]) for *_, address in found]
    if not addresses or not all(_is_in(address, host.network) for address in addresses):
        where = f"the network {host.network}" if host.network else "the public internet"
        raise _refused(f"{host.name} has an address outside {where}; FHIR_REGISTRY_IMPORT_HOSTS may name its network")
    return addresses[0]


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


def _refuse_answer(response, etag):
    status = response.status
    if 300 <= status < 400:
        raise _refused(f"The host answers {status}; redirects are not followed, give the URL that it leads to")
    if status in (408, 425, 429) or status >= 500:
        raise _away(f"The host answers {status}")
    if status != 200:
        raise error("not-found", "not-found", f"The host answers {status} instead of the file")
    if etag is not None and _opaque(response.headers.get("ETag", "")) != _opaque(etag):
        raise _changed()


def _opaque(tag):
    return tag.strip().removeprefix("W/").strip('"')


def _split(url):
    """(parts of a URL, its port or None)."""
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError:
        raise _refused("This is no URL") from None


# --- files ------------------------------------------------------------------------------------------


def _open_regular(path):
    """The number of the open file."""
    try:
        # What became a link or a pipe since it was looked at is refused, and does not block.
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as problem:
        raise error("not-found", "not-found", f"The file cannot be read: {problem.strerror}") from None
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise _refused("This file: URL leads to something that is no file")
    return number


def _identify(file, etag):
    if etag is not None and hashlib.file_digest(file, "sha256").hexdigest() != _opaque(etag).lower():
        raise _changed()
    file.seek(0)
    return identify_file(file)


def identify_file(file):
    """A text that is another one when the open file has another content: its size and times."""
    state = os.fstat(file.fileno())
    return f"{state.st_size} {state.st_mtime_ns}"


def _refused(message):
    return error("bad-request", "security", message)


def _changed():
    return error("precondition-failed", "conflict", "The file is not the one that etag names; nothing of it is stored")


def _away(message):
    return error("unavailable", "transient", message)
