"""What a client meant to do and what was acknowledged: a file of JSON lines, each on disk before the client goes on."""

import json
import os
from typing import NamedTuple


class Intent(NamedTuple):
    """One request. entries: those of a transaction as they were sent; a single request is written as one entry."""

    number: int
    kind: str
    entries: list


class Journal:
    """Lines `intent`, before a request is sent, and `ack`, after its answer."""

    def __init__(self, path):
        self._file = open(path, "ab", buffering=0)  # noqa: SIM115, it lives as long as the client
        self._number = 0

    def intend(self, kind, entries):
        """Note a request before it is sent; returns its Intent."""
        self._number += 1
        self._append({"intent": self._number, "kind": kind, "entries": entries})
        return Intent(self._number, kind, entries)

    def acknowledge(self, intent, status, answers):
        """Note what the server said: its status and, entry by entry, (status, "Type/id", version)."""
        self._append({"ack": intent.number, "status": status, "answers": answers})

    def close(self):
        self._file.close()

    def _append(self, line):
        self._file.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")
        os.fdatasync(self._file.fileno())


def read_journal(path):
    """Yield (Intent, status, answers) of a journal in the order of sending; without answer status and answers are None.

    A last line that was cut off, which no answer can have followed, is left out.
    """
    intents, acknowledged = {}, {}
    with open(path, "rb") as lines:
        for text in lines:
            if not text.endswith(b"\n"):
                break
            line = json.loads(text)
            if "intent" in line:
                intents[line["intent"]] = Intent(line["intent"], line["kind"], line["entries"])
            else:
                acknowledged[line["ack"]] = (line["status"], line["answers"])
    for number, intent in intents.items():
        yield intent, *acknowledged.get(number, (None, None))
