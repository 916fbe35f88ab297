"""Every numbered check of the interoperability checklist is a test, or a line in docs/clarifications.md."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKED = re.compile(r"^\|\s*((?:REST-|P)\d+b?)\b", re.MULTILINE)
NAMED = re.compile(r"\b((?:REST-|P)\d+b?)\b")
SPANS = re.compile(r"\b(REST-|P)(\d+)(?: to |-)(?:REST-|P)?(\d+)\b")


def read_sections(folder, *titles):
    """The sections of the checklist with these titles."""
    text = (folder / "spec" / "interop.md").read_text()
    return "".join(section for section in re.split(r"^(?=## )", text, flags=re.MULTILINE) if section.startswith(titles))


def test_each_check_is_named(cases):
    wanted = set(CHECKED.findall(read_sections(cases, "## 1.", "## 2.")))
    assert len(wanted) > 140
    texts = [path.read_text() for path in (ROOT / "tests").rglob("*.py")]
    texts.append((ROOT / "docs" / "clarifications.md").read_text())
    named = {name for text in texts for name in NAMED.findall(text)}
    for text in texts:
        for prefix, first, last in SPANS.findall(text):
            named |= {f"{prefix}{number:0{len(first)}}" for number in range(int(first), int(last) + 1)}
    assert sorted(wanted - named) == []
