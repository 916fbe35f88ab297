"""What may happen to a database while clients write: nothing acknowledged is lost, and it recovers by itself.

    python tests/torture/faults.py --database sqlite|postgresql [--cycles 20] [--seconds 30] [--only full ...]

full: no space left on a small file system (REL-06). restart: PostgreSQL crashes and starts again (REL-03). pause: all
its processes stand still for so many seconds. read-only: its files cannot be written for a while (REL-07). Exits 1 if
anything is wrong. Full and read-only need root, who may mount a small file system.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
from own_postgresql import OwnPostgreSQL
from own_server import OwnServer
from sqlalchemy import create_engine, make_url, text
from steady_load import SteadyLoad

SMALL = 80  # MB
MANY = 10  # answers of a kind that are waited for


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--cycles", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=30, help="that a database stands still")
    parser.add_argument("--only", nargs="+", choices=sorted(FAULTS), default=sorted(FAULTS))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.database}", flush=True)
    problems = 0
    for name in options.only:
        if options.database == "sqlite" and name in ("restart", "pause"):
            continue  # SQLite has no processes of its own
        with (
            tempfile.TemporaryDirectory(prefix="torture-") as folder,
            world(options.database, folder) as scene,
            SteadyLoad(scene.port, seed=options.seed) as load,
        ):
            for _ in range(options.cycles):
                FAULTS[name](scene, load, options.seconds)
            load.check()
        problems += len(load.problems)
        print(
            f"{name}: {load.acknowledged:,} writes acknowledged, {dict(load.statuses)}; {len(load.problems)} problems"
        )
        for problem in load.problems[:10]:
            print("  PROBLEM", problem)
    sys.exit(bool(problems))


class Scene:
    """A server over a database on a small file system."""

    def __init__(self, server, small, postgresql, url):
        self.server, self.small, self.postgresql, self._url = server, small, postgresql, url

    @property
    def port(self):
        """Where the server listens."""
        return self.server.port

    def run(self, statement):
        """A statement by an administrator of the PostgreSQL."""
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                connection.execute(text(statement))
        finally:
            engine.dispose()


@contextmanager
def world(database, folder, workers=2):
    """A Scene. folder: an empty one."""
    with ExitStack() as stack:
        postgresql = None
        if database == "postgresql":
            postgresql = stack.enter_context(OwnPostgreSQL(Path(folder) / "postgresql"))
        small = Path(folder) / "small"
        small.mkdir()
        if can_mount():
            stack.enter_context(mounted(small))
        url = administered = f"sqlite:///{small}/registry.sqlite"
        if postgresql:
            administered = postgresql.new_database("administered")
            url = make_url(administered).set(database="faults", username="faults").render_as_string(hide_password=False)
            scene = Scene(None, small, postgresql, administered)
            place = ""
            if can_mount():
                (space := small / "space").mkdir()
                shutil.chown(space, "pgserver")
                scene.run(f"CREATE TABLESPACE small LOCATION '{space}'")
                place = " TABLESPACE small"
            scene.run("CREATE ROLE faults LOGIN")
            scene.run(f"CREATE DATABASE faults OWNER faults{place}")
        (own := Path(folder) / "server").mkdir()
        server = stack.enter_context(OwnServer(url, own, workers))
        yield Scene(server, small, postgresql, administered)


def can_mount():
    """Whether this process may mount file systems."""
    return sys.platform == "linux" and os.geteuid() == 0 and bool(shutil.which("mount"))


@contextmanager
def mounted(folder):
    """A small file system on a folder."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}m", "none", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(scene, load, _seconds):
    """REL-06: no space left; writes are refused, reads answered; when there is space again all goes on."""
    load.wait_for(200, MANY)
    filler = scene.small / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:  # a buffer would be written again at the end
        while True:
            file.write(bytes(65536))
    load.enter("full")
    load.wait_for(507, MANY)
    load.wait_for(200, 5)  # reads
    filler.unlink()
    load.enter("free")
    load.wait_for(201, MANY)


def restart(scene, load, _seconds):
    """REL-03: the database crashes; everybody is told to come back, and served when it is back."""
    load.wait_for(201, MANY)
    scene.postgresql.stop("immediate")
    load.enter("down")
    load.wait_for(503, MANY)
    scene.postgresql.start()
    started = time.monotonic()
    load.enter("up")
    load.wait_for(201, MANY, seconds=10)
    print(f"  served again after {time.monotonic() - started:.2f} s", flush=True)


def pause(scene, load, seconds):
    """All processes of the database stand still: answers are late, or 503, and never wrong."""
    load.wait_for(201, MANY)
    load.enter("paused")
    processes = scene.postgresql.processes()
    for process in processes:
        process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    for process in processes:
        process.send_signal(signal.SIGCONT)
    load.enter("up")
    load.wait_for(201, MANY)


def refuse_writes(scene, load, _seconds):
    """REL-07: no file can be written, as when a disk has become read-only; reads are answered."""
    load.wait_for(201, MANY)
    with _unwritable_folder(scene.small) if scene.postgresql else _unwritable_files(scene.server.processes()):
        load.enter("read-only")
        load.wait_for(503, MANY)
        load.wait_for(200, 5)  # reads
    load.enter("up")
    load.wait_for(201, MANY)


@contextmanager
def _unwritable_folder(folder):
    """No file of the folder can be opened for writing, nor made."""
    subprocess.run(["chattr", "-R", "-f", "+i", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["chattr", "-R", "-f", "-i", folder], check=True)


@contextmanager
def _unwritable_files(processes):
    """These processes cannot write to files, those among them that they hold open as SQLite does: EFBIG."""
    before = [(process, process.rlimit(psutil.RLIMIT_FSIZE)) for process in processes]
    try:
        for process, (_, most) in before:
            process.rlimit(psutil.RLIMIT_FSIZE, (1, most))
        yield
    finally:
        for process, limits in before:
            process.rlimit(psutil.RLIMIT_FSIZE, limits)


FAULTS = {"full": fill, "read-only": refuse_writes, "restart": restart, "pause": pause}

if __name__ == "__main__":
    main()
