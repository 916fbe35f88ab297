"""No regular expression of the server takes more than linear time, whatever it is given (SEC-15)."""

import importlib
import inspect
import pkgutil
import re
import signal
from contextlib import contextmanager

import pytest

import fhir_registry

LONG = 100_000  # characters
SECONDS = 2  # of the processor: what is quadratic takes minutes
ENDS = ("", "\x00")


def patterns():
    """(module, name, compiled pattern) of all modules of the package; those in tables by the name of the table."""
    for found in pkgutil.walk_packages(fhir_registry.__path__, "fhir_registry."):
        if ".migrations." in found.name or found.name.endswith(".cli"):
            continue
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            values = (
                value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else [value]
            )
            yield from ((module, name, each) for each in values if isinstance(each, re.Pattern))


PATTERNS = sorted(
    {(each.pattern, each.flags): (module, name, each) for module, name, each in patterns()}.items(), key=str
)


def texts(pattern):
    """Long texts of what stands in a pattern, that almost match it: of one character, of two, of one after another."""
    binary = isinstance(pattern.pattern, bytes)
    source = pattern.pattern.decode("latin-1") if binary else pattern.pattern
    letters = sorted({each for each in source if each.isprintable()} | set("a0 \\/<>-.,\"'"))
    pieces = [*letters, *(one + other for one in "a0 -," for other in " 0,-<"), *re.findall(r"\w{2,}", source)]
    for piece in pieces:
        for end in ENDS:
            text = (piece * (LONG // len(piece) + 1))[:LONG] + end
            yield text.encode("latin-1", "replace") if binary else text


@contextmanager
def limited():
    """Raise TimeoutError in what takes SECONDS."""

    def stop(*_):
        raise TimeoutError(f"more than {SECONDS} s")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def try_out(pattern, searched):
    for text in texts(pattern):
        with limited():
            pattern.fullmatch(text)
            pattern.match(text)
            if searched:
                pattern.search(text)


def is_searched(module, name):
    """Whether the module looks for the pattern at every place of a text."""
    return re.search(
        rf"\b{re.escape(name)}(?:\[[^]]*\])?\.(?:search|sub|finditer|findall|split)\b", inspect.getsource(module)
    )


@pytest.mark.parametrize(
    ("module", "name", "pattern"), [found for _, found in PATTERNS], ids=[f[1] for _, f in PATTERNS]
)
def test_no_pattern_of_the_server_is_slow(module, name, pattern):  # SEC-15
    try_out(pattern, is_searched(module, name))


@pytest.mark.parametrize("slow", [r"(a+)+$", r"(a|a)*b", r"a*a*a*b"])
def test_a_slow_pattern_is_found(slow):
    with pytest.raises(TimeoutError):
        try_out(re.compile(slow), False)
