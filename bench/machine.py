"""The machine that a benchmark ran on, printed before its figures."""

import platform
from pathlib import Path


def print_machine():
    print_machine()


def cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
