"""Whose mapped rows a write touched, so that analyses derive no more than what changed (docs/store.md).

A key is the Patient as the mapped rows name it (an id, or the URL of one), NOBODY for rows without, or `Medication/id`
for a Medication that rows of others may name.
"""

from functools import lru_cache

from sqlalchemy import select

from ..fhir import json
from .derived_tables import shorten

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
            type_, patient, links = _places(self._tables, view)
            if type_ == "Medication":
                self._keys.add(MEDICATION + id)
            elif patient is not None:
                for row in rows:
                    self._keys.add(_key(row[patient]))
                    if links:
                        self._add_links(*(row[at] for at in links))

    def add_stored(self, connection, view, rids):
        """The mapped rows of resources that are about to go."""
        type_, patient, links = _places(self._tables, view)
        table = self._tables.mapped[view]
        columns = [table.c._id, *([table.c.patient] if patient is not None else [])]
        columns += [table.c[name] for name in _LINKS] if links else []
        for start in range(0, len(rids), 500):
            query = select(*columns).where(table.c._rid.in_(rids[start : start + 500]))
            for id_, *told in connection.execute(query):
                if type_ == "Medication":
                    self._keys.add(MEDICATION + id_)
                elif told:
                    self._keys.add(_key(told[0]))
                    if links:
                        self._add_links(*told[1:])

    def _add_links(self, survivor, merged):
        if survivor:
            self._keys.add(_key(survivor))
        if merged not in (None, "[]"):
            self._keys.update(map(_key, json.parse(merged.encode())))

    def collected(self):
        """The keys, sorted."""
        return sorted(self._keys)


@lru_cache(maxsize=64)
def _places(tables, view):
    """(type of the view's resources, where the patient is in its rows or None, where the links are or None)."""
    names = [column.name for column in tables.mapped[view].columns if not column.name.startswith("_")]
    type_ = tables.view_types[view]
    links = tuple(map(names.index, _LINKS)) if type_ == "Patient" and {*_LINKS} <= {*names} else None
    return type_, names.index("patient") if "patient" in names else None, links


def _key(patient):
    return shorten(patient or NOBODY)
