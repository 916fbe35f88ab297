"""Values of a search become conditions on the columns of an index table (https://hl7.org/fhir/R4/search.html#ptypes)."""

from typing import NamedTuple

from ..core.index import normalize
from .derived_tables import INDEX_START, number_system, shorten
from .statement import all_of, any_of

END = "\U0010ffff"  # sorts after every text
MILLISECOND = 1000


class Way(NamedTuple):
    """A way to find rows: a condition, and the index that leads to them.

    index: key for the table's own order, else the name of another.
    """

    condition: str
    index: str = "key"


def find_ways(statement, alias, kind, modifier, values, now):
    """The Ways to rows of a kind that have one of the values; a row may be found in several.

    now: microseconds since 1970-01-01.
    """
    column = Columns(statement, alias, now)
    if modifier in ("above", "below"):
        return _paths(column, kind, modifier, values)
    match kind:
        case "string":
            return _strings(column, modifier, values)
        case "token":
            return _tokens(column, values)
        case "reference":
            return _references(column, values)
        case "uri":
            return [_equal(column, "value", values)]
        case "date":
            return [column.date(f"{alias}.lo", f"{alias}.hi", value) for value in values]
        case "number" | "quantity":
            return [way for value in values for way in _numbers(column, kind, value)]


class Columns:
    """The columns of one row in a statement."""

    def __init__(self, statement, alias, now):
        self.statement, self.alias, self.now = statement, alias, now
        self.bind = statement.bind

    def __getitem__(self, name):
        return f"{self.alias}.{name}"

    def date(self, lo, hi, s, length=0):
        """The Way to intervals that stand to a Range as its prefix says; hi is `length` more than its column says."""
        start, end = s.lo, s.hi

        def at(microseconds):
            return self.bind(microseconds)

        def until(microseconds):
            return self.bind(microseconds - length)

        inside = f"{lo} >= {at(start)} AND {hi} <= {until(end)}"
        match s.prefix:
            case "eq":
                return Way(f"{inside} AND {lo} < {at(end)}")
            case "ne":
                return Way(f"({lo} < {at(start)} OR {hi} > {until(end)})")
            case "gt":
                return Way(f"{hi} > {until(end)}", "index_date_end")
            case "lt":
                return Way(f"{lo} < {at(start)}")
            case "ge":
                return Way(f"{hi} > {until(start)} AND ({hi} > {until(end)} OR {inside})", "index_date_end")
            case "le":
                return Way(f"{lo} < {at(end)} AND ({lo} < {at(start)} OR {inside})")
            case "sa":
                return Way(f"{lo} >= {at(end)}")
            case "eb":
                return Way(f"{hi} <= {until(start)}", "index_date_end")
        margin = abs(self.now - start) // 10
        return Way(f"{lo} < {at(end + margin)} AND {hi} > {until(start - margin)}")


def _equal(column, name, texts):
    texts = [shorten(text) for text in texts]
    return Way(column.statement.member(column[name], texts))


def _starts(column, name, text):
    return f"{column[name]} >= {column.bind(text)} AND {column[name]} < {column.bind(text + END)}"


def _strings(column, modifier, values):
    norm = column["norm"]
    if modifier == "contains":
        whole = f"(CASE {column['whole']} WHEN '' THEN {norm} ELSE {column['whole']} END)"
        return [Way(column.statement.contains(whole, value)) for value in values]
    ways = []
    for value in values:
        if modifier == "exact":
            same = f"{norm} = {column.bind(shorten(normalize(value)))}"
            ways.append(Way(f"{same} AND {column['exact']} = {column.bind(shorten(value))}"))
        elif len(value) <= INDEX_START:
            ways.append(Way(_starts(column, "norm", value)))
        else:
            near = _starts(column, "norm", value[:INDEX_START])
            ways.append(Way(f"{near} AND ({_starts(column, 'norm', value)} OR {_starts(column, 'whole', value)})"))
    return ways


def _tokens(column, values):
    codes, systems, whole = [], {}, []
    for system, code in values:
        if system is None:
            codes.append(code)
        elif code is None:
            whole.append(number_system(system))
        else:
            systems.setdefault(number_system(system), []).append(code)
    ways = [_equal(column, "code", codes)] if codes else []
    for system, found in systems.items():
        way = _equal(column, "code", found)
        ways.append(way._replace(condition=f"{way.condition} AND {column['system']} = {column.bind(system)}"))
    if whole:
        ways.append(Way(column.statement.member(column["system"], whole)))
    return ways


def _references(column, values):
    kinds = {}
    for type, id, url in values:
        kinds.setdefault(type, []).append(id)
        if url:
            kinds.setdefault("", []).append(url)
    ways = []
    for type, ids in kinds.items():
        way = _equal(column, "id", ids)
        of_type = f"{column['type']} <> ''" if type is None else f"{column['type']} = {column.bind(type)}"
        ways.append(way._replace(condition=f"{way.condition} AND {of_type}"))
    return ways


def _paths(column, kind, modifier, values):
    """URLs above or below others, by the segments of their paths; a version is below another by its dots."""
    name = "value" if kind == "uri" else "id"
    if modifier == "above":
        return [_equal(column, name, [path for value in values for path in _above(value)])]
    ways = []
    for value in values:
        ways.append(_equal(column, name, [value]))
        marks = [""] if value[-1] == "/" else ["."] if "|" in value else ["/", "|"]
        ways += [Way(_starts(column, name, value + mark)) for mark in marks]
    return ways


def _above(url):
    """The URL and those of which its path is a continuation, with a slash at their end and without."""
    paths = [url]
    while "/" in url.partition("://")[2]:
        url = url.rpartition("/")[0]
        paths += [url, f"{url}/"]
    return paths


def _numbers(column, kind, s):
    conditions = []
    if kind == "quantity" and s.code is not None:
        code = column.bind(shorten(s.code))
        # A unit is no code of a system.
        unit = f" OR {column['unit']} = {code}" if s.system is None else ""
        conditions.append(f"({column['code']} = {code}{unit})")
    if kind == "quantity" and s.system is not None:
        conditions.append(f"{column['system']} = {column.bind(number_system(s.system))}")
    return [
        way._replace(condition=all_of([way.condition, *conditions]))
        for way in _number_ways(column, f"index_{kind}_range", s)
    ]


def _number_ways(column, wide, s):
    """Ways to numbers, which are points (lo = hi) nearly always, so that the index of lo finds them by hi too.

    wide: the index of those that are not.
    """
    lo, hi, bind = column["lo"], column["hi"], column.bind
    least, most, value = bind(s.lo), bind(s.hi), bind(s.value)

    def by_end(condition, start):
        point = Way(f"{lo} = {hi} AND {start} AND {condition}")
        return [point, Way(f"{lo} <> {hi} AND {condition}", wide)]

    match s.prefix:
        case "eq":
            return [Way(f"{lo} >= {least} AND {lo} < {most} AND {hi} < {most}")]
        case "ne":
            return [Way(any_of([f"{lo} < {least}", f"{hi} >= {most}"]))]
        case "gt":
            return by_end(f"{hi} > {value}", f"{lo} > {value}")
        case "lt":
            return [Way(f"{lo} < {value}")]
        case "ge":
            # A range that only touches the value neither is greater nor equal.
            return [Way(f"{lo} = {hi} AND {lo} >= {value}"), Way(f"{lo} <> {hi} AND {hi} > {value}", wide)]
        case "le":
            return [Way(f"{lo} <= {value} AND ({lo} < {value} OR {hi} = {value})")]
        case "sa":
            return [Way(f"{lo} > {value}")]
        case "eb":
            return by_end(f"{hi} < {value}", f"{lo} < {value}")
    return by_end(f"{lo} <= {most} AND {hi} >= {least}", f"{lo} >= {least}")
