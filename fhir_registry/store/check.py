"""Whether what is stored of resources agrees: versions, current rows, index and mapped rows (docs/operations.md)."""

from collections import defaultdict
from contextlib import closing, suppress
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import LargeBinary, cast, select

from ..fhir import json
from ..fhir.dates import instant_literal
from ..fhir.errors import FhirError
from .bodies import unpack
from .check_noted import Noted
from .repair import REPAIR
from .site import SUBMISSIONS
from .tables import SITE_BITS
from .write import MILLISECOND

LOWEST, HIGHEST = -(2**63), 2**63 - 1  # no rid is below or above
BODIES = 50  # in memory at once; one may have 50 MB
METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
RESTORE = "this cannot be made anew: take it from a backup, see docs/operations.md"


class Finding(NamedTuple):
    """What does not agree.

    table: where it stands. name: Type/id of the resource, or what else names the row. remedy: what to do. repair: for
    what follows from other rows (what, site, ...), as store/repair.py takes it; else None. repaired: whether it was.
    """

    table: str
    name: str
    problem: str
    remedy: str = RESTORE
    repair: tuple | None = None
    repaired: bool = False

    def __str__(self):
        return f"{self.table} {self.name}: {self.problem}; {'repaired' if self.repaired else self.remedy}"


class Checked(NamedTuple):
    """moments: {site: {submission: (first, last) `updated` of its versions}}."""

    findings: list
    resources: int
    moments: dict


def check_range(store, connection, after, until):
    """Checked of the resources with after < rid <= until, and of all rows that name one there.

    connection: a read transaction, so that all is of one moment.
    """
    return _Range(store, connection, after, until).check()


class _Range:
    def __init__(self, store, connection, after, until):
        self._store, self._connection, self._tables = store, connection, store.tables
        self._place = after, until
        self._sites = {row.site: row for row in connection.execute(select(self._tables.site))}
        self._findings = []
        self._noted = Noted(store, connection)

    def check(self):
        resources = {row.rid: row for row in self._connection.execute(self._in_place(self._tables.resource))}
        derived = {name: self._read_derived(table) for name, table in self._tables.derived.items()}
        count = len(resources)
        for rid in resources:  # also when its versions are lost: the number is taken
            self._noted.take(rid)
        version = self._tables.version
        # As it is stored: one that cannot be unpacked, or is no text, is a finding too.
        raw = [cast(column, LargeBinary).label("body") if column is version.c.body else column for column in version.c]
        some = self._connection.execution_options(stream_results=True, max_row_buffer=BODIES)
        chains = some.execute(self._in_place(version, raw))
        for rid, chain in groupby(chains, attrgetter("rid")):
            resource = resources.pop(rid, None)
            name = f"{resource.type}/{resource.id}" if resource else f"rid {rid}"
            try:
                agrees = self._compare_resource(name, resource, chain, derived)
            except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as problem:
                # Numbers that are texts (SQLite lets them), elements of another type: what else there is goes on.
                what = type(problem).__name__
                self._find("version", name, f"its rows or its text hold what does not belong there ({what})")
                agrees = False
            if resource and not agrees:  # what should be here nobody knows, which has been said
                _forget(derived, rid)
        for resource in resources.values():
            self._find("version", f"{resource.type}/{resource.id}", "the resource has no version")
            _forget(derived, resource.rid)
        self._report_rows_of_none(derived)
        for finding in self._noted.compare(self._sites):
            self._find(*finding)
        return Checked(self._findings, count, self._noted.moments)

    def _compare_resource(self, name, resource, chain, derived):
        """All rows of a resource; False when nobody knows which index and mapped rows it should have."""
        first, last, body = self._follow(name, resource, chain)
        if resource is None:
            self._find("version", name, "its resource has no row in the table resource")
            return False
        if not self._compare_current(name, resource, first, last) or (body is None and last.method != "DELETE"):
            return False
        self._compare_derived(name, resource, last, body, derived)
        return True

    def _find(self, *finding):
        self._findings.append(Finding(*finding))

    def _name(self, derived):
        return self._tables.derived[derived].name

    def _in_place(self, table, columns=None):
        after, until = self._place
        return select(*columns or [table]).where(table.c.rid > after, table.c.rid <= until).order_by(*table.primary_key)

    # --- versions -----------------------------------------------------------------------------------

    def _follow(self, name, resource, chain):
        """Check the versions of a resource in their order; the first, the last, and its body when it can be read."""
        first, before, body = None, None, None
        for version in chain:
            found = len(self._findings)
            self._compare_place(name, resource, version, before)
            earlier, body = body, self._read_body(name, resource, version)
            if len(self._findings) == found:  # what is wrong says nothing of others
                self._noted.add(resource, version, earlier, body)
            first, before = first or version, version
        return first, before, body

    def _compare_place(self, name, resource, version, before):
        """A version beside its resource and the version before it."""
        name = f"{name} version {version.version}"
        site = self._sites.get(version.site)
        # A site that is made of others keeps no past.
        expected = before.version + 1 if before else version.version if site and site.made else 1
        if version.version != expected:
            self._find("version", name, f"version {expected} should stand here")
        if before and version.updated <= before.updated:
            self._find("version", name, "its lastUpdated is not after that of the version before")
        if before and version.submission < before.submission:
            self._find("version", name, "its submission is before that of the version before")
        if not 0 < version.submission < SUBMISSIONS:
            self._find("version", name, f"submission {version.submission} was never given")
        if version.method not in METHODS:
            self._find("version", name, f"'{version.method}' is no method that writes")
        if version.method == "DELETE" and (before is None or before.method == "DELETE"):
            self._find("version", name, "it is a deletion of what is not there")
        if version.site != version.rid >> SITE_BITS or version.site not in self._sites:
            self._find("version", name, f"{version.site} is not its site")
        if resource and version.type != resource.type:
            self._find("version", name, f"its type is {version.type}")

    def _read_body(self, name, resource, version):
        """The parsed body of a version; None when there is none, or none that can be used."""
        name = f"{name} version {version.version}"
        if version.method == "DELETE":
            if version.body:
                self._find("version", name, "it is a deletion and has a body")
            return None
        try:
            body = json.parse(unpack(version.body))
            told = body["resourceType"], body["id"], body["meta"]["versionId"], body["meta"]["lastUpdated"]
        except (FhirError, ValueError, KeyError, TypeError):
            self._find("version", name, "its body is no resource with id, meta.versionId and meta.lastUpdated")
            return None
        id_ = resource.id if resource else told[1]
        stored = version.type, id_, str(version.version), _instant(version.updated)
        wrong = [
            f"{element} is '{said}', not '{meant}'"
            for element, said, meant in zip(_IDENTITY, told, stored, strict=True)
            if said != meant
        ]
        if wrong:
            self._find("version", name, f"in its body {', '.join(wrong)}")
        return None if wrong else body

    # --- current rows -------------------------------------------------------------------------------

    def _compare_current(self, name, resource, first, last):
        """The row of a resource beside its last version; whether they agree."""
        before = len(self._findings)
        if resource.site != last.site:
            self._find("resource", name, f"{resource.site} is not its site")
        if resource.version != last.version:
            self._find("resource", name, f"version {resource.version} is current, the last one is {last.version}")
        elif resource.updated != last.updated:
            self._find("resource", name, "its time is not that of its last version")
        if first.version == 1 and resource.submission != first.submission:
            self._find("resource", name, "its submission is not that of its first version")
        if resource.deleted != (last.method == "DELETE"):
            said = "deleted" if resource.deleted else "not deleted"
            self._find("resource", name, f"it is marked as {said}, its last version is a {last.method}")
        return len(self._findings) == before

    def _read_derived(self, table):
        """{rid: rows} of an index or mapped table, read by the driver: these are most of all rows."""
        mark = "?" if self._store.database.sqlite else "%s"
        names = [column.name for column in table.columns]
        at = names.index("_rid" if "_rid" in names else "rid")
        columns = ", ".join(f'"{name}"' for name in names)
        query = f'SELECT {columns} FROM "{table.name}" WHERE {names[at]} > {mark} AND {names[at]} <= {mark}'
        found = defaultdict(list)
        with closing(self._connection.connection.cursor()) as cursor:
            cursor.execute(query, self._place)
            for row in cursor:
                found[row[at]].append(row)
        return found

    def _compare_derived(self, name, resource, last, body, derived):
        """The index and mapped rows of a resource, which are taken out of `derived`, with those made of its body."""
        made = {} if body is None else self._make_derived(resource, last, body)
        for table, found in derived.items():
            stored, expected = found.pop(resource.rid, ()), made.get(table, ())
            if len(stored) != len(expected) or {*stored} != {*expected}:
                same = len({*stored} & {*expected})
                problem = f"{len(expected) - same} of its rows are missing, {len(stored) - same} are wrong"
                self._find(self._name(table), name, problem, REPAIR, ("rows", resource.site, resource.rid))

    def _make_derived(self, resource, last, body):
        """{table: rows} as they should be stored."""
        rows, start = self._store.rows, (resource.site, resource.rid)
        made = {table: [start + row for row in found] for table, found in rows.index(body).items()}
        start = (*start, resource.id, last.version, resource.submission)
        for view, found in rows.map(body).items():
            made[view] = [(*start, number, *row) for number, row in enumerate(found)]
        return made

    def _report_rows_of_none(self, derived):
        for table, found in derived.items():
            for rid, rows in found.items():
                problem = f"{len(rows)} rows are of no resource"
                self._find(self._name(table), f"rid {rid}", problem, REPAIR, ("rows", rid >> SITE_BITS, rid))


def _instant(updated):
    """A time as a body says it; a number when no body can say it."""
    with suppress(ValueError, OverflowError):
        if updated % MILLISECOND == 0:
            return instant_literal(updated)
    return str(updated)


def _forget(derived, rid):
    for rows in derived.values():
        rows.pop(rid, None)


_IDENTITY = ("resourceType", "id", "meta.versionId", "meta.lastUpdated")
