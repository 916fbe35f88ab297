"""Between granian and the application: bodies come in without a thread, requests are worked on by a few (https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md).

A thread that waited for a slow client would be one fewer for all others. Here a connection that waits costs no thread,
bodies have an end to their time, and the memory that they take together is bounded.
"""

import asyncio
import logging
import os
import sys
import tempfile
import threading
import time
from io import BytesIO
from queue import SimpleQueue

from fhir_registry.fhir.errors import error

from .config import NONE
from .own_folder import no_room
from .work_memory import WorkMemory

log = logging.getLogger("fhir_registry")
# Requests that one worker handles at a time: Python runs one of them, the others wait for the database.
THREADS = min(8, 2 * (os.cpu_count() or 1) + 1)
BYTES_A_SECOND = 20_000  # so many give back one of the seconds for which a body may stand still
MAX_HEADER_BYTES = 8_192
TOKENLESS = 65_536  # bytes of a body that are read without a token, where one is needed: forms are no longer
DECIDING = ("accept", "content-", "if-", "prefer", "x-provenance")  # how headers begin that say what is wanted
ANSWER_IN_MEMORY = 1_000_000  # bytes; a larger answer waits for its reader in a file
OPEN_SECONDS = 60  # after which such a file was surely opened
ALIVE = "/health/live"  # asks nobody; with refusals it has a thread of its own, which never waits for the database
WATCHING = ("/health", "/health/ready", "/metrics")  # answered by a thread of their own, also while all others work
_WSGI = {
    "SCRIPT_NAME": "",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.input_terminated": True,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
_UNPREFIXED = ("CONTENT_TYPE", "CONTENT_LENGTH")
_names = {}  # of headers, as WSGI has them; the few that clients send


class Front:
    """The RSGI application around a WSGI application.

    config: Config. limiter: RateLimiter, None without limit. folder: of the files with large answers. after_each:
    called in the event loop when a request was answered. A refusal is raised by the application, which finds it in
    `fhir_registry.refusal`: it is answered, logged and counted as everything else.
    """

    def __init__(self, app, config, limiter=None, folder=None, after_each=lambda: None):
        self._after_each = after_each
        self._app, self._limiter, self._folder = app, limiter, folder
        self._max_body = config.max_body_bytes
        self._tokenless = self._max_body if config.access == NONE else min(TOKENLESS, self._max_body)
        self._seconds, self._patience = config.request_seconds, config.body_seconds
        self._memory = WorkMemory(self._max_body)
        self._queue, self._watching, self._at_once = SimpleQueue(), SimpleQueue(), SimpleQueue()
        for queue in [self._queue] * THREADS + [self._watching, self._at_once]:
            threading.Thread(target=self._work, args=(queue,), daemon=True).start()

    async def __rsgi__(self, scope, proto):
        exchange = _Exchange(scope, proto, asyncio.get_running_loop())
        try:
            self._refuse_at_the_door(exchange)
            if exchange.refusal is None and exchange.has_body:
                await self._read_body(exchange)
            exchange.whole = time.monotonic()
            if exchange.refusal is None and exchange.body:
                await self._memory.take(exchange, self._seconds)
            self._queue_for(exchange).put(exchange)
            await exchange.answered
        finally:
            self._memory.give_back(exchange)
            self._after_each()

    def _queue_for(self, exchange):
        if exchange.refusal is not None or exchange.scope.path == ALIVE:
            return self._at_once
        return self._watching if exchange.scope.path in WATCHING else self._queue

    def _refuse_at_the_door(self, exchange):
        headers = exchange.headers
        if any(len(value) > MAX_HEADER_BYTES for value in headers.values()):
            message = f"A header is longer than {MAX_HEADER_BYTES:,} bytes"
            exchange.refusal = error("headers-too-large", "too-long", message, headers={"Connection": "close"})
        elif unreadable := [name for name in exchange.unreadable if name.startswith(DECIDING)]:
            message = f"The header {unreadable[0]} holds more than ASCII; percent-encode it"
            exchange.refusal = error("bad-request", "invalid", message)
        elif self._limiter and exchange.scope.path not in (ALIVE, *WATCHING):
            seconds = self._limiter.wait(exchange.client, headers.get("x-forwarded-for"))
            if seconds:
                message = f"This client sends too many requests; go on in {seconds} s"
                exchange.refusal = error(
                    "too-many-requests", "throttled", message, headers={"Retry-After": str(seconds)}
                )

    async def _read_body(self, exchange):
        most = self._max_body if "authorization" in exchange.headers else self._tokenless
        if exchange.announced > most:
            exchange.unread = True
            return  # the application says so
        clock = asyncio.get_running_loop().time
        pieces, size, empty = [], 0, 0
        left, since = self._patience, exchange.arrived  # seconds to wait for the client, and since when
        try:
            async with asyncio.timeout_at(since + left) as deadline:
                async for piece in exchange.proto:
                    # An empty piece is the end; two are what granian makes of a connection that was lost.
                    empty += not piece
                    size += len(piece)
                    # What was sent fast buys no time to stand still, nor does a byte now and then.
                    left = min(left - (clock() - since) + len(piece) / BYTES_A_SECOND, self._patience)
                    pieces.append(piece)
                    if size > most:
                        break  # the application says so
                    deadline.reschedule(exchange.arrived + self._patience + size / BYTES_A_SECOND)
                    await self._memory.hold(exchange, len(piece))  # which is not the time of the client
                    since = clock()
                    deadline.reschedule(since + left)
        except TimeoutError:
            exchange.refusal = _too_late(exchange.paused, size, self._patience)
        exchange.body = b"".join(pieces)
        if empty > 1 and exchange.refusal is None:
            exchange.refusal = error(
                "malformed",
                "incomplete",
                "The body ends before its Content-Length or its last chunk, or has a trailer, which looks the same",
            )

    def _work(self, queue):
        while True:
            exchange = queue.get()
            waited = time.monotonic() - exchange.whole  # for this server, not for its client
            if queue is self._queue and exchange.refusal is None and waited > self._patience + self._seconds:
                message = "The server has more to do than it can; try again"
                exchange.refusal = error("unavailable", "throttled", message, headers={"Retry-After": "10"})
            try:
                self._answer(exchange)
            except Exception as problem:  # its message may quote a patient's data
                log.error("an answer could not be sent: %s", type(problem).__name__)
            finally:
                exchange.done()

    def _answer(self, exchange):
        try:
            exchange.answer(self._app, self._folder)
        except OSError as problem:  # nothing of it has been sent
            exchange.refusal = no_room(problem)
            exchange.answer(self._app, self._folder)


class _Exchange:
    """One request and its answer.

    headers: {lower case name: value}. unreadable: names of those that granian gives no value of, for it is not ASCII.
    client: the address that it came from. arrived: when its head had come, on the clock of the loop; whole: when all of
    it had, on time.monotonic().
    """

    def __init__(self, scope, proto, loop):
        self.scope, self.proto, self._loop = scope, proto, loop
        self.headers = {}
        for name, value in scope.headers.items():
            self.headers[name] = f"{self.headers[name]},{value}" if name in self.headers else value
        self.unreadable = [name for name in scope.headers.keys() if name not in self.headers]  # noqa: SIM118 - no dict
        self.arrived, self.whole = loop.time(), 0.0
        self.answered = loop.create_future()
        self.refusal, self.body, self.paused, self.unread = None, b"", False, False
        self.held = self.working = 0  # bytes of WorkMemory

    @property
    def client(self):
        return self.scope.client.rpartition(":")[0].strip("[]")

    @property
    def announced(self):
        """The Content-Length, 0 without."""
        return int(self.headers.get("content-length") or 0)

    @property
    def has_body(self):
        return self.scope.method not in ("GET", "HEAD") and (self.announced or self._is_chunked)

    @property
    def _is_chunked(self):
        return "transfer-encoding" in self.headers

    def answer(self, app, folder):
        """Let the WSGI application answer, and hand the answer over, a large one in a file of the folder."""
        started = []
        parts = app(self._environ(), lambda status, headers, _error=None: started.extend((int(status[:3]), headers)))
        try:
            body, path = _collect(parts, folder)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        status, headers = started
        if (self._is_chunked or self.unread) and "Connection" not in dict(headers):
            # Where two lengths of a body may differ, nothing may follow it (RFC 9112, 6.3); nor what was not read.
            headers = [*headers, ("Connection", "close")]
        if path is None:
            self.proto.response_bytes(status, headers, body)
        else:
            self.proto.response_file(status, headers, path)
            self._loop.call_soon_threadsafe(self._loop.call_later, OPEN_SECONDS, os.unlink, path)

    def done(self):
        """Let the coroutine that waits go on."""
        self._loop.call_soon_threadsafe(self._set_answered)

    def _set_answered(self):
        if not self.answered.done():
            self.answered.set_result(None)

    def _environ(self):
        scope, environ = self.scope, _WSGI.copy()
        server, _, port = scope.server.rpartition(":")
        environ["REQUEST_METHOD"] = scope.method
        environ["PATH_INFO"] = scope.path.encode().decode("latin1")
        environ["QUERY_STRING"] = scope.query_string
        environ["SERVER_NAME"], environ["SERVER_PORT"] = server.strip("[]"), port
        environ["REMOTE_ADDR"] = self.client
        environ["wsgi.url_scheme"] = scope.scheme
        environ["wsgi.input"] = BytesIO(self.body)
        environ["fhir_registry.refusal"] = self.refusal
        environ["HTTP_HOST"] = ""  # unless there is one: links are not made from SERVER_NAME
        for name, value in self.headers.items():
            if "_" in name:
                continue  # WSGI would take it for the one with a hyphen, which a proxy may have removed or set
            environ[_names.get(name) or _remember(name)] = value
        return environ


def _too_late(paused, size, patience):
    if paused:
        message, headers = "The server holds as many bodies as it has memory for; try again", {"Retry-After": "10"}
        return error("unavailable", "throttled", message, headers=headers | {"Connection": "close"})
    message = f"The body came too slowly: after {size:,} bytes it stood still, or nearly so, for {patience} s in all"
    return error("timeout", "timeout", message, headers={"Connection": "close"})


def _remember(name):
    wsgi = name.upper().replace("-", "_")
    wsgi = wsgi if wsgi in _UNPREFIXED else f"HTTP_{wsgi}"
    if len(_names) < 1000:
        _names[name] = wsgi
    return wsgi


def _collect(parts, folder):
    """(bytes, None) of an answer, or (None, path of a file that holds it)."""
    pieces, size = [], 0
    parts = iter(parts)
    for part in parts:
        pieces.append(part)
        size += len(part)
        if size > ANSWER_IN_MEMORY:
            with tempfile.NamedTemporaryFile(dir=folder, prefix="answer-", delete=False) as file:
                try:
                    file.writelines(pieces)
                    file.writelines(parts)
                    file.flush()
                except BaseException:  # the disk is full, or the answer ends in an error
                    os.unlink(file.name)
                    raise
            return None, file.name
    return b"".join(pieces), None
