"""Builds fhir_registry/store/bodies.dict, with which texts of resources are packed (https://facebook.github.io/zstd/#small-data).

    python tools/build_dictionary.py

It is trained on the made-up patients and on what resources of any hospital have in common (common_resources.ndjson):
the names of elements in their usual order, code systems, and codes that R4 itself defines. A database keeps the
dictionaries that it was packed with, so that another one (with another NUMBER) may be built at any time.
"""

from itertools import islice
from pathlib import Path

import zstandard

from fhir_registry.examples import REGISTRIES, Example
from fhir_registry.fhir import json
from fhir_registry.store.rows import stamp

COMMON = Path(__file__).with_name("common_resources.ndjson")
TARGET = Path(__file__).resolve().parent.parent / "fhir_registry" / "store" / "bodies.dict"
NUMBER = 1
SIZE = 48 * 1024  # bytes: more is hardly better, and slower
REPEAT = 40  # how often each common resource is shown, so that it counts beside the made-up ones, which are many
EACH = 8  # one in so many of those


def main():
    texts = [
        _text(resource, number) for number, resource in enumerate([*islice(_made_up(), 0, None, EACH), *_common()])
    ]
    dictionary = zstandard.train_dictionary(SIZE, texts, level=3, dict_id=NUMBER).as_bytes()
    TARGET.write_bytes(dictionary)
    print(f"{TARGET.name}: {len(dictionary):,} bytes, from {len(texts):,} resources")


def _made_up():
    for name in sorted(REGISTRIES):
        for bundle in Example(name, 40, seed=9).bundles():
            yield from (entry["resource"] for entry in bundle["entry"] if "resource" in entry)


def _common():
    for _ in range(REPEAT):
        yield from map(json.parse, COMMON.read_bytes().splitlines())


def _text(resource, number):
    id_ = f"{number * 2654435761 % 2**32:08x}-1c2d-4e3f-8a4b-5c6d7e8f9a0b"
    instant = f"2026-01-31T09:{number % 60:02d}:{number * 7 % 60:02d}.{number * 37 % 1000:03d}Z"
    return json.dumps(stamp(resource["resourceType"], id_, resource, 1, instant))


if __name__ == "__main__":
    main()
