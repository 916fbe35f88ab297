"""Whose mapped rows a write touched, so that analyses derive no more than what changed (docs/store.md).

A key is the Patient as the mapped rows name it (an id, or the URL of one), NOBODY for rows without, or `Medication/id`
for a Medication that rows of others may name.
"""

from functools import lru_cache

from sqlalchemy import select

from ..fhir import json
from .tables import shorten

NOBODY = ""
MEDICATION = "Medication/"
# Columns that name the patients of a merger.
_LINKS = ("replaced_by", "replaces")


class Touched:
    """Collects the keys of one write transaction."""

    def __init__(self, tables):
        self._tables = tables
        self._keys = set()

    def add(self, id, mapped):
        """The mapped rows of a resource that is written: {view: rows}."""
        for view, rows in mapped.items():
            columns = _columns(self._tables.mapped[view])
            for row in rows:
                self._add(view, id, [None if at is None else row[at] for at in columns])

    def add_stored(self, connection, view, rids):
        """The mapped rows of resources that are about to go."""
        table = self._tables.mapped[view]
        named = [name for name in ("patient", *_LINKS) if name in table.c]
        for start in range(0, len(rids), 500):
            query = select(table.c._id, *(table.c[name] for name in named))
            for id_, *values in connection.execute(query.where(table.c._rid.in_(rids[start : start + 500]))):
                found = dict(zip(named, values, strict=True))
                self._add(view, id_, [found.get(name) for name in ("patient", *_LINKS)])

    def _add(self, view, id, values):
        type_ = self._tables.view_types[view]
        if type_ == "Medication":
            self._keys.add(MEDICATION + id)
            return
        if "patient" not in self._tables.mapped[view].c:
            return
        patient, survivor, merged = values
        self._keys.add(_key(patient))
        if type_ == "Patient":
            if survivor:
                self._keys.add(_key(survivor))
            self._keys.update(_key(old) for old in json.parse((merged or "[]").encode()))

    def collected(self):
        """The keys, sorted."""
        return sorted(self._keys)


@lru_cache(maxsize=64)
def _columns(table):
    """Positions of patient and links in a row of a mapped table, None where it has none."""
    names = [column.name for column in table.columns if not column.name.startswith("_")]
    return [names.index(name) if name in names else None for name in ("patient", *_LINKS)]


def _key(patient):
    return shorten(patient or NOBODY)
