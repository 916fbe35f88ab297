"""Names of processes, by which another one can tell whether they still run (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html)."""

import os
import socket
from pathlib import Path


def this_process():
    """The name of this process: machine, number and when it started."""
    return f"{_machine()}/{os.getpid()}/{_started(os.getpid())}"


def is_gone(name):
    """Whether a process is known to have ended; False for one of another machine, of which nothing is known."""
    machine, number, started = name.rsplit("/", 2)
    return machine == _machine() and _started(int(number)) != started


def _machine():
    """The name of the machine; of containers, which may share one, with the space that their numbers are of."""
    try:
        return socket.gethostname() + os.readlink("/proc/self/ns/pid").removeprefix("pid:")
    except OSError:
        return socket.gethostname()


def _started(number):
    """When a process started, in ticks since the machine did; "" for one that there is not, or no /proc."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return ""
    # The name of the program, in brackets, may hold anything; the state of a zombie is Z.
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]
