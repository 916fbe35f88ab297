"""How much of a worker's memory bodies may take (https://cheatsheetseries.owasp.org/cheatsheets/Denial_of_Service_Cheat_Sheet.html)."""

import asyncio
from collections import deque
from pathlib import Path

from fhir_registry.fhir.errors import error

SMALL = 100_000  # bytes: such bodies never wait
OWN = 200_000_000  # bytes that a process needs without any body
# Bytes of memory for one of a body: parsed, checked, made into rows. Measured by tests/torture/clients.py with 10,000
# entries: 12.6 for one, 23.3 when eight come at once, of which two are held; twice as many in XML.
COST = 22
XML = 2
HELD = 2  # how many of the largest bodies are held at most
_GROUPS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


class WorkMemory:
    """Counts the bytes of bodies: of all that are held, and of those that are worked on.

    largest: bytes of the largest body. Bodies come in while all together are no more; beyond that only the oldest goes
    on, so that at most HELD times the largest are held and somebody always gets done. What is worked on together is at
    most one of the largest. Small bodies never wait. All methods run in the event loop.
    """

    def __init__(self, largest):
        self._largest, self._held, self._working = largest, 0, 0
        self._small = min(SMALL, largest // 10)
        self._holding = {}  # the requests with bodies, the oldest first
        self._room = asyncio.Event()
        self._waiting = deque()

    async def hold(self, exchange, size):
        """Count so many bytes more of a body, as soon as there is room for them."""
        self._holding[exchange] = None
        while exchange.held + size > self._small and self._held + size > self._largest:
            if next(iter(self._holding)) is exchange:
                break
            exchange.paused = True
            self._room.clear()
            await self._room.wait()
        exchange.paused = False
        self._held += size
        exchange.held += size

    async def take(self, exchange, seconds):
        """Wait until the body may be worked on; sets the refusal when that takes longer than so many seconds."""
        size = _weight(exchange, self._largest)
        if size <= self._small:
            return
        if not self._waiting and self._working + size <= self._largest:
            self._begin(exchange, size)
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((turn, exchange, size))
        try:
            async with asyncio.timeout(seconds):
                await turn
        except TimeoutError:
            self._waiting = deque(each for each in self._waiting if each[0] is not turn)
            message = "The server works on as much as it has memory for; try again"
            exchange.refusal = error("unavailable", "throttled", message, headers={"Retry-After": "10"})

    def give_back(self, exchange):
        """What a request held is free again."""
        self._held -= exchange.held
        self._working -= exchange.working
        exchange.held = exchange.working = 0
        self._holding.pop(exchange, None)
        self._room.set()
        while self._waiting and self._working + self._waiting[0][2] <= self._largest:
            turn, waiting, size = self._waiting.popleft()
            if not turn.done():
                # Before it goes on: its time may be over, or its client gone, in the same moment.
                self._begin(waiting, size)
                turn.set_result(None)

    def _begin(self, exchange, size):
        self._working += size
        exchange.working = size


def largest_body(wanted, processes, memory=None):
    """The largest body (bytes) that so many processes have memory for.

    wanted: what is configured, which is never exceeded. memory: bytes; by default those of this machine or container.
    """
    memory = memory or _memory()
    if memory is None:
        return wanted
    return max(1_000, min(wanted, (memory // processes - OWN) // (COST + HELD)))


def _memory():
    """Bytes of memory of the container or the machine; None where the system does not say."""
    limits = []
    for file in _GROUPS:
        try:
            limits.append(int(file.read_text()))
        except (OSError, ValueError):  # not there, or "max"
            continue
    try:
        total = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
        limits.append(int(total.split()[1]) * 1024)
    except (OSError, StopIteration):
        pass
    return min(limits, default=None)


def _weight(exchange, largest):
    """Bytes of JSON that cost as much as a body; unpacked as far as gzip's last field is to be trusted (RFC 1952)."""
    body, headers = exchange.body, exchange.headers
    size = len(body)
    if headers.get("content-encoding", "").strip().lower() == "gzip":
        size = max(size, int.from_bytes(body[-4:], "little"))
    if "xml" in headers.get("content-type", "").lower():
        size *= XML
    return min(largest, size)
