"""Processes that work for another one (https://docs.python.org/3/library/multiprocessing.html)."""

import ctypes
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from threading import Event, Thread

log = logging.getLogger("fhir_registry")
LOOK = 0.5  # seconds between two looks at the processes of a pool
AHEAD = 2  # places a process may be ahead of the one that takes what they give
_PR_SET_PDEATHSIG = 1  # https://man7.org/linux/man-pages/man2/prctl.2.html
_of_this_process = {}


def begin_work():
    """To be called first in a process of a pool: it ends with the process that started it, however that ends."""
    from .open import pass_over  # all that a registry needs; who only calls end_with may need less

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that writes ends the others
    Thread(target=_end_with_parent, daemon=True).start()
    pass_over()


def end_with(parent):
    """Let this process be killed when its parent ends, where the system can do that. parent: the number of that one.

    Without a thread: a process with threads must not be forked.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended already
        os._exit(1)


def _end_with_parent():
    wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


@contextmanager
def open_pool(processes, begin, arguments):
    """A ProcessPoolExecutor of so many processes, each of which calls begin(*arguments) first.

    When one of them is killed (the system does that when memory runs out) this process is killed too: what it was
    writing or reading then would be waited for for ever (https://github.com/python/cpython/issues/94777).
    """
    # Forked, because the compiled content cannot be sent.
    context, over = multiprocessing.get_context("fork"), Event()
    with ProcessPoolExecutor(processes, context, begin, arguments) as pool:
        before = multiprocessing.active_children()
        pool.submit(int)  # the first task starts all of them
        mine = [process for process in multiprocessing.active_children() if process not in before]
        watch = Thread(target=_watch, args=(mine, over), daemon=True)
        watch.start()
        try:
            yield pool
        except BrokenProcessPool:  # the pool may have seen it first
            _end()
        finally:
            over.set()
            watch.join()
            _end_with_any(mine)
            pool.shutdown(cancel_futures=True)


def _watch(processes, over):
    while not over.wait(LOOK):
        _end_with_any(processes)


def _end_with_any(processes):
    if any(process.exitcode is not None for process in processes):
        _end()


def _end():
    log.error("a process that worked for this one was killed; it may need more memory")
    os.kill(os.getpid(), signal.SIGKILL)


def spread(store, work, places, processes):
    """Yield work(*place) of each place, in their order, worked out by so many processes that read the store.

    By this one alone in a process with threads: it must not be forked, for another thread may hold a lock for ever
    in the copy.
    """
    if processes < 2 or threading.active_count() > 1:
        yield from (work(*place) for place in places)
        return
    with open_pool(processes, _begin, (store, work)) as pool:
        waiting = deque()
        for place in places:
            waiting.append(pool.submit(_work_here, place))
            if len(waiting) > AHEAD * processes:
                yield waiting.popleft().result()
        for future in waiting:
            yield future.result()


def _begin(store, work):
    begin_work()
    store.database.forget_connections()
    _of_this_process["work"] = work


def _work_here(place):
    return _of_this_process["work"](*place)
