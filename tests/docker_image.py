"""Carries out the steps of a Dockerfile without an engine (https://docs.docker.com/reference/dockerfile/).

The root file system is an overlay over this machine's in a mount namespace of its own; the base image's Python is the
one that runs the tests, and what pip would download is what is installed here.
"""

import json
import os
import re
import shlex
import site
import subprocess
import sys
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEPENDENCIES = "/dependencies"
MOUNTED = "/run/secrets/database-password /run/database/.s.PGSQL.5432"  # files that a container may be given
BUILD = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root"}


def read_dockerfile(path):
    """The stages of a Dockerfile, each a list of (instruction, argument)."""
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    steps = [step.split(None, 1) for step in "\n".join(lines).replace("\\\n", " ").splitlines() if step.strip()]
    stages = []
    for instruction, argument in steps:
        if instruction == "FROM":
            stages.append([])
        stages[-1].append((instruction, re.sub(r"\s+", " ", argument)))
    return stages


def of(stage, instruction):
    """The last argument of an instruction in a stage; a list where it is one."""
    argument = [each for name, each in stage if name == instruction][-1]
    return json.loads(argument) if argument.startswith("[") else argument


def environment(stage):
    """What ENV sets."""
    found = {}
    for name, argument in stage:
        if name == "ENV":
            for pair in shlex.split(argument):
                key, _, value = pair.partition("=")
                found[key] = value.replace("$PATH", BUILD["PATH"])
    return found


def health_command(stage):
    """The arguments of HEALTHCHECK's command."""
    return json.loads(of(stage, "HEALTHCHECK").partition(" CMD ")[2])


def context():
    """The files that .dockerignore leaves, as paths below the repository."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    kept = [rule[1:] for rule in rules if rule.startswith("!")]
    dropped = [rule.removeprefix("**/") for rule in rules if rule.startswith("**/")]
    assert {*kept, *(f"**/{name}" for name in dropped), "*"} == {rule.removeprefix("!") for rule in rules}
    for name in kept:
        place = ROOT / name
        for file in [place] if place.is_file() else sorted(place.rglob("*")):
            relative = file.relative_to(ROOT)
            if file.is_file() and not any(fnmatch(part, name) for part in relative.parts for name in dropped):
                yield relative


class Image:
    """A root file system in the mount namespace of a process that waits."""

    def __init__(self, holder, root):
        self._holder, self.root = holder, root

    def outside(self, script):
        """Run a shell script beside the root file system; $root is where it stands."""
        command = ["nsenter", "-m", "-t", str(self._holder.pid), "sh", "-euc", script]
        subprocess.run(command, env={**BUILD, "root": self.root}, check=True, capture_output=True, text=True)

    def command(self, arguments, folder="/", user=None, environment=BUILD):
        """The arguments that run a command inside. user: `uid:gid`, without any capability."""
        rights = []
        if user:
            uid, gid = user.split(":")
            rights = ["setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--no-new-privs"]
            rights += ["--bounding-set=-all", "--inh-caps=-all"]
        enter = ["nsenter", "-m", "-t", str(self._holder.pid), "chroot", self.root, *rights]
        set_ = [f"{name}={value}" for name, value in environment.items()]
        return [*enter, "env", "-i", "-C", folder, *set_, *arguments]

    def build(self, stages):
        """Carry out all stages; the root file system can only be read afterwards, but for /data and /tmp."""
        pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        for stage in stages:
            folder, given = "/", {**BUILD, "PYTHONPATH": DEPENDENCIES, **pip, **environment(stage)}
            for instruction, argument in stage:
                if instruction == "WORKDIR":
                    folder = argument
                    self.outside(f"mkdir -p $root{folder}")
                elif instruction == "COPY" and argument == ". .":
                    self._copy(folder)
                elif instruction == "COPY":
                    source, target = argument.removeprefix("--from=build ").split()
                    assert source == target  # one root file system stands for both stages
                elif instruction == "RUN":
                    shell = re.sub(r"^--mount=\S+ ", "", argument)
                    done = subprocess.run(
                        self.command(["sh", "-c", shell], folder, environment=given), capture_output=True, text=True
                    )
                    assert done.returncode == 0, done.stderr[-3000:]
        # After the image's own packages, so that they are what is tested.
        self.outside(f"""
            echo {DEPENDENCIES} > $(echo $root/opt/fhir-registry/lib/python*/site-packages)/dependencies.pth
            rm -r $root/src
            for mounted in {MOUNTED}; do mkdir -p $(dirname $root$mounted); touch $root$mounted; done
            mount -o remount,ro $root
            mount -t tmpfs -o mode=1777,noexec tmpfs $root/tmp
        """)

    def _copy(self, folder):
        script = f"cd {ROOT} && tar -c -T - | tar -x -C {self.root}{folder}"
        names = "\n".join(str(name) for name in context())
        enter = ["nsenter", "-m", "-t", str(self._holder.pid), "sh", "-euc", script]
        subprocess.run(enter, input=names, check=True, text=True, capture_output=True)


@contextmanager
def new_image(folder):
    """An Image whose root file system is this machine's so far; nothing of it outlives the block."""
    root = str(folder / "root")
    # By its own name, next to which it finds its library; where that is the home of a user, others may pass through.
    python = Path(sys._base_executable).resolve()
    way = " ".join(f"{root}{parent}" for parent in python.parents[:-1])
    script = f"""
        mkdir -p {root} && mount -t tmpfs tmpfs {folder} && mkdir {root} {folder}/new {folder}/work
        mount -t overlay overlay -o lowerdir=/,upperdir={folder}/new,workdir={folder}/work {root}
        mount --rbind /proc {root}/proc && mount --rbind /dev {root}/dev
        mkdir -p {root}{DEPENDENCIES} && mount --rbind {site.getsitepackages()[0]} {root}{DEPENDENCIES}
        chmod o+x {way} && rm -f {root}/usr/local/bin/python
        printf '#!/bin/sh\\nexec %s "$@"\\n' {python} > {root}/usr/local/bin/python
        chmod 755 {root}/usr/local/bin/python
        rm -rf {root}/opt/fhir-registry {root}/data
        echo ready && exec sleep infinity
    """
    command = ["unshare", "-m", "sh", "-euc", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as holder:
        try:
            if holder.stdout.readline() != "ready\n":
                raise OSError(holder.stderr.read())
            yield Image(holder, root)
        finally:
            holder.kill()
