"""What a Measure says about itself, in parts that a page can set (https://hl7.org/fhir/R4/measure.html)."""

from typing import NamedTuple


class Block(NamedTuple):
    """A paragraph, or a list of (label, text) with the words that introduce it."""

    text: str
    items: list


def read_definition(measure):
    """Measure (dict) -> list of Block: its description, split at empty lines and at lines that begin with a dash."""
    blocks = []
    for paragraph in measure.get("description", "").split("\n\n"):
        lines = paragraph.split("\n")
        items = [_item(line.removeprefix("- ")) for line in lines if line.startswith("- ")]
        text = " ".join(line.strip() for line in lines if not line.startswith("- "))
        if text or items:
            blocks.append(Block(text, items))
    return blocks


def _item(line):
    label, colon, text = line.partition(": ")
    return (label, text) if colon else ("", line)
