"""What the versions say of rows elsewhere: counters of their site, notes of changes (docs/operations.md)."""

from collections import defaultdict

from sqlalchemy import func, select

from .analysis import COMPLETE
from .change import Touched
from .repair import REPAIR
from .tables import SITE_BITS

_COUNTERS = ("last", "updated", "submission")  # of a site


class Noted:
    """Collects it from the versions that are sound, and compares it when all have been read.

    moments: {site: {submission: (first, last) `updated` of its versions}}.
    """

    def __init__(self, store, connection):
        self._store, self._connection = store, connection
        self._seen = _seen_by_analyses(store, connection)
        self.moments = {}
        self._newest = defaultdict(lambda: dict.fromkeys(_COUNTERS, 0))  # site -> its counters as the rows have them
        self._touched = {}  # (site, key) -> the newest submission that touched it

    def take(self, rid):
        """The number of a resource is taken; they come in their order."""
        self._newest[rid >> SITE_BITS]["last"] = rid

    def add(self, resource, version, earlier, body):
        """Add a sound version. earlier: the body of the one before; both None where there is none."""
        site, submission = version.site, version.submission
        newest = self._newest[site]
        for counter, value in zip(_COUNTERS, (version.rid, version.updated, submission), strict=True):
            newest[counter] = max(newest[counter], value)
        moments = self.moments.setdefault(site, {})
        first, last = moments.get(submission, (version.updated, version.updated))
        moments[submission] = min(first, version.updated), max(last, version.updated)
        if resource and submission > self._seen.get(site, submission):
            touched = Touched(self._store.tables)
            if earlier is not None:  # of its rows, not of tables in which it had none
                gone = self._store.rows.map(earlier)
                touched.add(resource.id, {view: rows for view, rows in gone.items() if rows})
            if body is not None:
                touched.add(resource.id, self._store.rows.map(body))
            for key in touched.collected():
                self._touched[site, key] = max(submission, self._touched.get((site, key), 0))

    def compare(self, sites):
        """Yield what a Finding is made of. sites: {number: row}."""
        for number, newest in self._newest.items():
            site = sites.get(number)
            behind = [counter for counter in _COUNTERS if site and getattr(site, counter) < newest[counter]]
            if behind:
                problem = f"{', '.join(behind)}: behind what is stored"
                yield "site", site.name, problem, REPAIR, ("counters", number, tuple(newest.items()))
        for site in {site for site, _ in self._touched}:
            yield from self._compare_touched(site)

    def _compare_touched(self, site):
        """What analyses have not seen yet must be in the table of changes, or they never will."""
        c = self._store.tables.change.c
        keys = sorted(key for of, key in self._touched if of == site)
        noted = {}
        for start in range(0, len(keys), 500):
            query = select(c.key, c.submission).where(c.site == site, c.key.in_(keys[start : start + 500]))
            noted.update(self._connection.execute(query).all())
        for key in keys:
            if noted.get(key, 0) < self._touched[site, key]:
                problem = "a write is not noted, so that analyses miss it"
                yield "change", f"'{key}'", problem, REPAIR, ("change", site, key)


def _seen_by_analyses(store, connection):
    """{site: the submission up to which all its complete analyses have seen what is stored}."""
    c = store.tables.analysis.c
    query = select(c.site, func.min(c.submission)).where(c.complete == COMPLETE).group_by(c.site)
    return dict(connection.execute(query).all())
