"""What is stored of a resource: its text, index rows and mapped rows, made without a database (docs/store.md)."""

from typing import NamedTuple
from uuid import uuid4

from ..core.compartment import PatientCompartments
from ..core.index import index_rows
from ..core.mapping import map_resource, table_columns
from ..fhir import json
from .change import NOBODY
from .derived_tables import INDEX_TEXT, mapped_key, number_system, shorten

# The time of a transaction is known when it writes; until then this stands in meta.lastUpdated.
UNSTAMPED = uuid4().hex
# kind of index row -> where the texts of its key are
_TEXTS = {kind: slice(2, 4) for kind in ("reference", "uri")}


class Prepared(NamedTuple):
    """A version that is ready to be stored.

    body: JSON as bytes. index, mapped: table -> rows, without the columns that say whose they are.
    """

    type: str
    id: str
    body: bytes
    index: dict
    mapped: dict


class Rows:
    """Makes the rows of resources by the search parameters and views of one content.

    patients: PatientCompartments.
    """

    def __init__(self, content):
        self._search_params = content.search_params
        self.patients = PatientCompartments(content.search_params, content.definitions)
        self.views = {}  # type -> its Views
        self._patient = {}  # view -> where the patient stands in its rows, for those whose key it is part of
        for view in content.views:
            self.views.setdefault(view.resource, []).append(view)
            columns = table_columns(view)
            if "patient" in mapped_key(columns):
                self._patient[view.name] = columns.index(("patient", "text"))

    def prepare(self, type, id, resource, version, updated):
        """A resource as a version of (type, id): Prepared. updated: the text of meta.lastUpdated."""
        stored = stamp(type, id, resource, version, updated)
        return Prepared(type, id, json.dumps(stored), self.index(stored), self.map(stored))

    def index(self, stored):
        """The index rows of a stored resource: {table: rows}, long texts shortened."""
        found = {}
        for kind, rows in index_rows(stored, self._search_params).items():
            texts = _TEXTS.get(kind)
            if kind == "string":
                rows = [_string_row(row) for row in rows]
            elif kind == "token":
                rows = [(param, item, number_system(system), shorten(code)) for param, item, system, code in rows]
            elif kind == "quantity":
                rows = [(*row[:5], number_system(row[5]), shorten(row[6]), shorten(row[7])) for row in rows]
            elif texts is not None:
                rows = [row if len("".join(row[texts])) <= INDEX_TEXT else _shortened(row) for row in rows]
            found[f"index_{kind}"] = rows
        return found

    def map(self, stored):
        """The mapped rows of a stored resource: {view: rows}."""
        views = self.views.get(stored["resourceType"])
        if not views:
            return {}
        found = map_resource(stored, views)
        for view, rows in found.items():
            at = self._patient.get(view)
            if at is not None:
                found[view] = [_keyed(row, at) for row in rows]
        return found


def stamp(type, id, resource, version, updated):
    """The resource as it is stored: with its id, and in meta the version and the time, a FHIR instant."""
    meta = resource.get("meta", {})
    stored = {"resourceType": type, "id": id, "meta": meta, **resource}
    stored["id"] = id
    ours = {"versionId": str(version), "lastUpdated": updated}  # in front, as in R4: XML gives them back like this
    stored["meta"] = {**ours, **meta, **ours}
    return stored


def restamp(body, updated, version, now):
    """The text of a resource that was stamped as version 1 at `updated` (bytes), as a version at another time.

    now: the text of meta.lastUpdated.
    """
    ours = b'"versionId":"1","lastUpdated":"%b"'
    return body.replace(ours % updated, b'"versionId":"%d","lastUpdated":"%b"' % (version, now.encode()), 1)


def _keyed(row, at):
    """A mapped row whose patient, at that position, fits into a key."""
    patient = row[at]
    if patient is not None and len(patient) <= INDEX_TEXT:
        return row
    return (*row[:at], shorten(patient or NOBODY), *row[at + 1 :])


def _string_row(row):
    param, item, norm, exact = row
    if len(norm) <= INDEX_TEXT and len(exact) <= INDEX_TEXT:
        return (*row, "")
    return param, item, shorten(norm), shorten(exact), norm if len(norm) > INDEX_TEXT else ""


def _shortened(row):
    return tuple(shorten(value) if type(value) is str else value for value in row)
