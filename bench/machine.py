"""The machine that a benchmark ran on, printed before its figures."""

import os
import platform
from pathlib import Path


def print_machine():
    """Processor, cores, Python, and how busy it was before."""
    print(f"machine    {cpu_model()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"load       {os.getloadavg()[0]:.1f} before the first run (0 is a machine of one's own)")


def cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
