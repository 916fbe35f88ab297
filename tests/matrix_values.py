"""What a value of a search means, and whether one row meets it (https://hl7.org/fhir/R4/search.html#ptypes).

For the matrix test: written from the standard, without the server's code (see matrix_truth.py).
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import Decimal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
_DATE = re.compile(r"(\d{4})(-\d\d)?(-\d\d)?(?:T(\d\d):(\d\d)(:\d\d)?(\.\d+)?(Z|[ +-]\d\d:\d\d)?)?")


def interval(literal):
    """(first, end) of a date in microseconds, end exclusive; without zone in UTC; a space is the `+` of a zone."""
    year, month, day, hour, minute, second, fraction, zone = _DATE.fullmatch(literal).groups()
    start = datetime(int(year), int(month[1:]) if month else 1, int(day[1:]) if day else 1, tzinfo=UTC)
    if hour is None:
        if day:
            end = start + timedelta(days=1)
        elif month:
            end = (start + timedelta(days=31)).replace(day=1)
        else:
            end = start.replace(year=start.year + 1)
        return _microseconds(start), _microseconds(end)
    start += timedelta(hours=int(hour), minutes=int(minute), seconds=int(second[1:]) if second else 0)
    if zone and zone != "Z":
        shift = timedelta(hours=int(zone[1:3]), minutes=int(zone[4:]))
        start += shift if zone[0] == "-" else -shift
    if not second:
        return _microseconds(start), _microseconds(start) + 60_000_000
    digits = fraction[1:] if fraction else ""
    lo = _microseconds(start) + int(digits.ljust(6, "0"))
    return lo, lo + 10 ** (6 - len(digits))


def _microseconds(moment):
    return (moment - EPOCH) // timedelta(microseconds=1)


def prefixed(part):
    return (part[:2], part[2:]) if part[:2] in PREFIXES else ("eq", part)


def compare(prefix, t, s, ends_exclusive):
    """Prefixes by the letter of the standard: t the range of the resource, s that of the search."""
    after = t[0] >= s[1] if ends_exclusive else t[0] > s[1]
    before = t[1] <= s[0] if ends_exclusive else t[1] < s[0]
    equal = s[0] <= t[0] and t[1] <= s[1]
    greater, less = t[1] > s[1], t[0] < s[0]
    return {
        "eq": equal,
        "ne": not equal,
        "gt": greater,
        "lt": less,
        "ge": greater or equal,
        "le": less or equal,
        "sa": after,
        "eb": before,
    }[prefix]


def is_number(row, part):
    prefix, literal = prefixed(unescape(part))
    value = Decimal(literal)
    t = row[:2]
    if prefix in ("eq", "ne"):
        half = Decimal(1).scaleb(value.as_tuple().exponent) / 2
        equal = t[0] >= float(value - half) and t[1] < float(value + half)
        return equal == (prefix == "eq")
    if prefix == "ap":
        tenth = abs(value) / 10
        return t[0] <= float(value + tenth) and t[1] >= float(value - tenth)
    return compare(prefix, t, (float(value), float(value)), ends_exclusive=False)


def is_quantity(row, part):
    number, system, code = (*split(part, "|"), "", "")[:3]
    if not is_number(row, number):
        return False
    _, _, _, row_system, row_code, row_unit = row
    system, code = unescape(system), unescape(code)
    if system:
        return row_system == system and code in ("", row_code)
    return code in ("", row_code, row_unit)


def is_string(row, modifier, value):
    norm, exact = row
    if modifier == "exact":
        return exact == value
    return fold(value) in norm if modifier == "contains" else norm.startswith(fold(value))


def fold(text):
    """No case, accents or punctuation, single spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if c.isalnum() or c.isspace() or c in "_%").split())


def is_token(row, part):
    """`code` in any system, `system|code`, `|code` without a system, `system|` any code."""
    *system, code = map(unescape, split(part, "|"))
    return system in ([], [row[0]]) and (code == row[1] or (code == "" and system != []))


def is_uri(held, modifier, value):
    if modifier == "":
        return held == value
    upper, lower = (value, held) if modifier == "below" else (held, value)
    return lower == upper or lower.startswith(upper.removesuffix("/") + "/")


def split(value, separator):
    """The parts between separators that no backslash escapes."""
    return re.sub(rf"(\\.)|{re.escape(separator)}", lambda found: found[1] or "\0", value).split("\0")


def unescape(value):
    return re.sub(r"\\(.)", r"\1", value)
