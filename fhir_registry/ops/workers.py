"""Processes that work for another one (https://docs.python.org/3/library/multiprocessing.html)."""

import multiprocessing
import os
import signal
from multiprocessing.connection import wait
from threading import Thread

from .open import spare_collector


def begin_work():
    """To be called first in a process of a pool: it ends with the process that started it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that writes ends the others
    Thread(target=_end_with_parent, daemon=True).start()
    spare_collector()


def _end_with_parent():
    wait([multiprocessing.parent_process().sentinel])
    os._exit(1)
