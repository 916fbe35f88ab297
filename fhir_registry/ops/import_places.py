"""Where an import may read from, and nowhere else (https://owasp.org/API-Security/editions/2023/en/0xa7-server-side-request-forgery/)."""

import hashlib
import os
import stat
from contextlib import closing, contextmanager
from copy import copy
from tempfile import TemporaryFile
from urllib.parse import unquote

from ..fhir.errors import error
from .outbound import LONGEST, Patience, fetch, host_and_port, refused, split_url

PATIENCE = Patience(connect=10, silent=60, total=6 * 3600)  # with one download
SETTING = "FHIR_REGISTRY_IMPORT_HOSTS"


class Places:
    """folder: that file: URLs may lead into, or None. hosts: Hosts of https: URLs. limit: bytes of one download.

    by_site: whether each site has a folder of its own in it, of its name.
    """

    def __init__(self, folder=None, hosts=(), limit=10_000_000_000, by_site=False):
        self._folder, self._by_site = folder and os.path.realpath(folder), by_site
        self._hosts = {(host.name, host.port): host for host in hosts}
        self._limit = limit

    def of_site(self, name):
        """The Places of the site with this name."""
        if self._folder is None or not self._by_site:
            return self
        found = copy(self)
        found._folder = os.devnull  # in which nothing is: a name that is a path leads nowhere
        if name not in ("", ".", "..") and "/" not in name:
            found._folder = os.path.realpath(os.path.join(self._folder, name))
        return found

    def check(self, url):
        """Raise bad-request for a URL that is not allowed; nothing is connected to."""
        if len(url) > LONGEST:
            raise refused(f"The URL is longer than {LONGEST:,} characters")
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
        parts, _ = split_url(url)
        path = unquote(parts.path)
        plain = parts.netloc in ("", "localhost") and not parts.query and not parts.fragment and "\0" not in path
        if self._folder is None:
            raise refused("file: URLs are not read here; FHIR_REGISTRY_IMPORT_FOLDER allows a folder")
        real = os.path.realpath(path) if plain and path.startswith("/") else ""
        if not real.startswith(os.path.join(self._folder, "")):
            raise refused("This file: URL does not lead into the folder that imports of this site may read")
        return real

    # --- https: -------------------------------------------------------------------------------------

    def _host(self, url):
        place = host_and_port(url)
        if place not in self._hosts:
            raise refused(f"This host is not one of {SETTING}, from which imports may read")
        return self._hosts[place]

    def _fetch(self, url, etag, file):
        accept = {"Accept": "application/fhir+ndjson, */*;q=0.5"}
        answer = fetch(url, self._host(url), accept, PATIENCE, self._limit, SETTING)
        with closing(answer):
            headers, digest = next(answer), hashlib.sha256()
            if etag is not None and _opaque(headers.get("ETag", "")) != _opaque(etag):
                raise _changed()
            for piece in answer:
                digest.update(piece)
                file.write(piece)
        return digest.hexdigest()


def _opaque(tag):
    return tag.strip().removeprefix("W/").strip('"')


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
        raise refused("This file: URL leads to something that is no file")
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


def _changed():
    return error("precondition-failed", "conflict", "The file is not the one that etag names; nothing of it is stored")
