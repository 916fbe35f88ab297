"""The process beside a server's, for libraries too large to keep (https://docs.python.org/3/library/multiprocessing.html#multiprocessing.connection.Connection)."""

import signal
import subprocess
import sys
from contextlib import suppress
from functools import wraps
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from threading import Lock, Thread

from ..fhir.errors import error

IDLE = 300  # seconds without a question, after which the process beside ends
_KILLED = "The process that computes estimates was killed; try again, and give the server more memory"
_of_this_process = None


def beside(function):
    """The function, computed beside this process where that is to stay small; arguments and result go pickled."""

    @wraps(function)
    def ask(*arguments):
        return function(*arguments) if _of_this_process is None else _of_this_process.ask(ask, arguments)

    return ask


def stay_small(idle=IDLE):
    """Load no large library in this process from now on, which lives long: the process beside it ends when idle."""
    global _of_this_process
    _of_this_process = _Beside(idle)


class _Beside:
    def __init__(self, idle):
        self._idle, self._lock, self._connection = idle, Lock(), None

    def ask(self, function, arguments):
        """What the function returns or raises there. Raises unavailable when the process is killed again and again."""
        with self._lock:
            try:
                returned, result = self._exchange(function, arguments)
            except (EOFError, OSError):  # it was idle and has ended
                try:
                    returned, result = self._exchange(function, arguments)
                except (EOFError, OSError):
                    raise error("unavailable", "transient", _KILLED, headers={"Retry-After": "10"}) from None
        if returned:
            return result
        raise result

    def _exchange(self, function, arguments):
        # Put back when the answer was taken: the next question must never get the answer to this one.
        connection, self._connection = self._connection or _start(self._idle), None
        connection.send((function, arguments))
        answer = connection.recv()
        self._connection = connection
        return answer


def _start(idle):
    """A process of its own program: what has threads must not be forked. Returns the Connection to it."""
    here, there = Pipe()
    with there:
        command = [sys.executable, "-m", __name__, str(there.fileno()), str(idle)]
        process = subprocess.Popen(command, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL)
    Thread(target=process.wait, daemon=True).start()  # no zombie stays
    return here


def _answer(connection, idle):
    """Answer until the process that asks has ended, or has not asked for so many seconds."""
    for signal_ in (signal.SIGINT, signal.SIGTERM):  # sent to all; requests that are being handled may still ask
        signal.signal(signal_, signal.SIG_IGN)
    sys.modules["pyarrow"] = None  # pandas loads it where it finds it: 33 MB that no estimate needs
    with suppress(EOFError, ConnectionError):
        while connection.poll(idle):
            function, arguments = connection.recv()
            try:
                answer = True, function(*arguments)
            except Exception as problem:
                answer = False, problem
            connection.send(answer)


if __name__ == "__main__":
    _answer(Connection(int(sys.argv[1])), float(sys.argv[2]))
