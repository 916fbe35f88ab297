"""The process beside a server's, for libraries too large to keep (https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection)."""

import os
import pickle
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import wraps
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from threading import Lock, Thread

from ..fhir.errors import error

IDLE = 300  # seconds without a question, after which the process beside ends
SECONDS = 60  # for an answer
LOOK = 0.5  # seconds between two looks at the process beside, and of it at the one that asks
_KILLED = "The process that computes estimates was killed; try again, and give the server more memory"
_LATE = "The process that computes estimates did not answer in time; try again"
_of_this_process = None


def beside(function):
    """The function, computed beside this process where that is to stay small; arguments and result go pickled."""

    @wraps(function)
    def ask(*arguments):
        return function(*arguments) if _of_this_process is None else _of_this_process.ask(ask, arguments)

    return ask


def stay_small(idle=IDLE, seconds=SECONDS):
    """Load no large library in this process from now on, which lives long: the process beside it ends when idle.

    seconds: that an answer may take; whoever waits longer gets unavailable (503), and so do those who wait for him.
    """
    global _of_this_process
    _of_this_process = _Beside(idle, seconds)


class _Beside:
    def __init__(self, idle, seconds):
        self._idle, self._seconds = idle, seconds
        self._lock, self._connection = Lock(), None
        self._asked = None  # when the question was asked that is not answered yet

    def ask(self, function, arguments):
        """What the function returns or raises there. Raises unavailable when no process answers."""
        question = pickle.dumps((function, arguments))
        if not self._lock.acquire(timeout=self._seconds):
            raise _unavailable(_LATE)
        try:
            self._asked = time.monotonic()
            answer = self._exchange(question) or self._exchange(question)
            late = time.monotonic() - self._asked > self._seconds
        finally:
            self._asked = None
            self._lock.release()
        if answer is None:
            raise _unavailable(_LATE if late else _KILLED)
        returned, result = pickle.loads(answer)
        if returned:
            return result
        raise result

    def _exchange(self, question):
        """The answer as bytes, None when the process ended: it was idle or was killed, this one may have been late."""
        if time.monotonic() - self._asked > self._seconds:
            return None
        # Put back when the answer was taken: the next question must never get the answer to this one.
        connection, self._connection = self._connection or self._start(), None
        try:
            connection.send_bytes(question)
            answer = connection.recv_bytes()
        except (EOFError, ConnectionError):
            return None
        self._connection = connection
        return answer

    def _start(self):
        """A process of its own program: what has threads must not be forked. Returns the Connection to it."""
        try:
            here, there = Pipe()
            with there:
                command = [sys.executable, "-m", __name__, *map(str, (there.fileno(), self._idle, os.getpid()))]
                process = subprocess.Popen(command, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL)
        except OSError as problem:
            message = f"The process that computes estimates cannot be started ({problem.strerror}); try again"
            raise _unavailable(message) from problem
        Thread(target=self._watch, args=(process,), daemon=True).start()
        return here

    def _watch(self, process):
        """Kill the process when an answer takes too long; no zombie stays."""
        while process.poll() is None:
            time.sleep(LOOK)
            asked = self._asked
            if asked is not None and time.monotonic() - asked > self._seconds:
                process.kill()


def _unavailable(message):
    return error("unavailable", "transient", message, headers={"Retry-After": "10"})


def _answer(connection, idle, parent):
    """Answer until the process that asks has ended, or has not asked for so many seconds."""
    for signal_ in (signal.SIGINT, signal.SIGTERM):  # sent to all; requests that are being handled may still ask
        signal.signal(signal_, signal.SIG_IGN)
    Thread(target=_end_with, args=(parent,), daemon=True).start()  # also in the middle of an answer
    sys.modules["pyarrow"] = None  # pandas loads it where it finds it: 33 MB that no estimate needs
    with suppress(EOFError, ConnectionError):
        while connection.poll(idle):
            function, arguments = pickle.loads(connection.recv_bytes())
            try:
                answer = pickle.dumps((True, function(*arguments)))
            except Exception as problem:
                answer = pickle.dumps((False, problem))
            connection.send_bytes(answer)


def _end_with(parent):
    while os.getppid() == parent:
        time.sleep(LOOK)
    os._exit(1)


if __name__ == "__main__":
    _answer(Connection(int(sys.argv[1])), float(sys.argv[2]), int(sys.argv[3]))
