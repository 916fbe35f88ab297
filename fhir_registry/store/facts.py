"""Mapped tables become PatientFacts, a page of persons at a time (https://hl7.org/fhir/R4/patient.html#link)."""

from collections import defaultdict
from contextlib import closing
from itertools import groupby
from operator import itemgetter

from sqlalchemy import Boolean, func, select

from ..endpoints.facts import VIEWS, PatientFacts, Source
from ..fhir import json
from ..fhir.dates import SECOND
from .bodies import naming_damaged
from .persons import read_mergers, survivors

CHUNK = 200  # persons; several patients each may be merged
_DAY = 86400 * SECOND
_HEAD = 4  # columns in front of those of the view: the patient and what makes a Source
_key = itemgetter(0)
_DRUG = ("drug", "drug_code", "drug_text", "drug_class")
_REFERENCES = {"medication": "Medication", "study": "ResearchStudy"}  # column -> type of what it refers to


def read_facts(store, connection, site, subjects=None, base=None, after=None, until=None):
    """Yield PatientFacts of the persons of a site, ordered by subject; one query a view for CHUNK persons.

    connection: an open read transaction, so that all facts are of one moment. subjects: Patient ids to restrict to,
    surviving ones where patients were merged; what is no such id is left out. base: URL of this server; references
    that begin with it are to resources here. after, until: the range of subjects without `subjects`, as
    subject_ranges gives it. See endpoints/facts.py for the shape.
    """
    mergers = read_mergers(store, connection, site, base)
    with closing(connection.connection.cursor()) as cursor:
        reader = _Reader(store, cursor, site, base)
        if subjects is None:
            merged = {patient for members in mergers.values() for patient in members[1:]}
            pages = _pages_of_range(reader, merged, after, until)
        else:
            pages = _pages_of_subjects(survivors(store, connection, site, subjects, base))
        for ids, place in pages:
            persons = {subject: mergers.get(subject, (subject,)) for subject in ids}
            rows = _read_persons(reader, persons, place)
            reader.name_drugs(rows)
            dead = _first_known_dead(store, connection, site, rows["patient"])
            for subject, members in persons.items():
                known = [dead[patient] for patient in members if patient in dead]
                yield PatientFacts(
                    subject,
                    min(known, default=None),
                    *(_gather(found, members, sort=view != "patient") for view, found in rows.items()),
                )


def subject_ranges(store, connection, site, size):
    """[(after, until)]: ranges of subjects for read_facts, which together hold all; None is no bound.

    size: patients in each but the last, where those merged into others count too.
    """
    patient = store.tables.mapped["patient"].c
    number = func.row_number().over(order_by=patient.patient).label("number")
    ids = select(patient.patient, number).where(patient._site == site).subquery()
    query = select(ids.c.patient).where(ids.c.number % size == 0).order_by(ids.c.patient)
    bounds = list(connection.execute(query).scalars())
    return list(zip([None, *bounds], [*bounds, None], strict=True))


def _pages_of_range(reader, merged, after, until):
    """Pages of (subjects, (after, until)): the patients of a range in their order, but for those merged into others."""
    after = after or ""
    while patients := reader.patients(after, until):
        yield [id_ for id_ in patients if id_ not in merged], (after, patients[-1])
        after = patients[-1]


def _pages_of_subjects(surviving):
    """Pages of (subjects, None)."""
    subjects = [id_ for id_, survivor in surviving.items() if id_ == survivor]
    for start in range(0, len(subjects), CHUNK):
        yield subjects[start : start + CHUNK], None


def _read_persons(reader, persons, place):
    """{view: {patient: rows}} of a page; the patients of a range lie together, others are looked up."""
    patients = {patient for members in persons.values() for patient in members}
    after, until = place or ("", "")
    apart = sorted(patient for patient in patients if not after < patient <= until)
    rows = {}
    for view in VIEWS:
        rows[view] = reader.rows_of_range(view, place, patients) if place else {}
        if apart:
            rows[view] |= reader.rows_of_patients(view, apart)
    return rows


class _Reader:
    """Queries of one site, written for the driver: rows of SQLAlchemy cost more than all the rest."""

    def __init__(self, store, cursor, site, base):
        self._cursor, self._site = cursor, site
        self._mark = "?" if store.database.sqlite else "%s"
        # Where the subject of a record may stand: its id, or that after the URL of this server.
        self._prefixes = ("", f"{base}/Patient/") if base else ("",)
        self._patient, self._medication = (store.tables.mapped[view].name for view in ("patient", "medication"))
        self._views = {view: self._view(store, view, base) for view in VIEWS}

    def _view(self, store, view, base):
        """(SELECT, its parameters, type of the rows, "Type/", positions of booleans) of a view."""
        row_type, table = VIEWS[view], store.tables.mapped[view]
        names, parameters = [f'"{name}"' for name in row_type._fields[1:]], []
        for position, name in enumerate(row_type._fields[1:]):
            if base and name in _REFERENCES:
                names[position] = f"replace({names[position]}, {self._mark}, '')"
                parameters.append(f"{base}/{_REFERENCES[name]}/")
        told = ", ".join(["patient", "_id", "_version", "_submission", *names])
        query = f'SELECT {told} FROM "{table.name}" WHERE _site = {self._mark}'
        fields = enumerate(row_type._fields[1:], _HEAD)
        booleans = [position for position, name in fields if isinstance(table.c[name].type, Boolean)]
        return query, (*parameters, self._site), row_type, f"{store.tables.view_types[view]}/", booleans

    def patients(self, after, until):
        """The first ids of Patients in a range, sorted."""
        query = f"SELECT DISTINCT patient FROM {self._patient} WHERE _site = {self._mark} AND patient > {self._mark}"
        bounds = (after,) if until is None else (after, until)
        if until is not None:
            query += f" AND patient <= {self._mark}"
        self._cursor.execute(f"{query} ORDER BY patient LIMIT {CHUNK}", (self._site, *bounds))
        return [id_ for (id_,) in self._cursor.fetchall()]

    def rows_of_range(self, view, place, patients):
        """{patient: rows of a view} of those `patients` that lie in the range (after, until)."""
        return self._rows(view, f"patient > {self._mark} AND patient <= {self._mark}", place, patients)

    def rows_of_patients(self, view, patients):
        """{patient: rows of a view} of the patients."""
        return self._rows(view, f"patient IN ({', '.join([self._mark] * len(patients))})", patients, set(patients))

    def _rows(self, view, condition, keys, patients):
        found = self._select(view, condition, keys, patients, "")
        for prefix in self._prefixes[1:]:
            for patient, rows in self._select(view, condition, keys, patients, prefix).items():
                found[patient] = sorted(found[patient] + rows, key=_resource)
        return found

    def _select(self, view, condition, keys, patients, prefix):
        """{patient: rows as NamedTuple, in order of resource id and row}; `keys` stand after the prefix."""
        query, parameters, row_type, type_, booleans = self._views[view]
        self._cursor.execute(
            # The whole key, though the site is one: SQLite would sort what lies in order.
            f"{query} AND {condition} ORDER BY _site, patient, _id, _row",
            (*parameters, *(prefix + key for key in keys)),
        )
        found, new = defaultdict(list), tuple.__new__
        for key, rows in groupby(self._cursor, _key):
            patient = key[len(prefix) :]
            if patient in patients:
                if booleans:
                    rows = [_with_truths(row, booleans) for row in rows]
                found[patient] = [
                    # Nothing else runs as often; unpacking takes longer.
                    new(row_type, (new(Source, (type_ + row[1], row[2], row[3])),) + row[_HEAD:])  # noqa: RUF005
                    for row in rows
                ]
        return found

    def name_drugs(self, rows):
        """Give rows whose drug is only a reference what the Medication says."""
        views = [view for view, row_type in VIEWS.items() if "medication" in row_type._fields]
        lists = [found for view in views for found in rows[view].values()]
        open_ = [(found, n) for found in lists for n, row in enumerate(found) if row.drug is None and row.medication]
        names = sorted({found[n].medication for found, n in open_})
        drugs = {}
        for start in range(0, len(names), 500):
            some = names[start : start + 500]
            query = f"SELECT _id, {', '.join(_DRUG)} FROM {self._medication} WHERE _site = {self._mark}"
            marks = ", ".join([self._mark] * len(some))
            self._cursor.execute(f"{query} AND _id IN ({marks})", (self._site, *some))
            drugs |= {id_: values for id_, *values in self._cursor.fetchall()}
        for found, n in open_:
            if told := drugs.get(found[n].medication):
                found[n] = _with_drug(found[n], told)


def _with_truths(row, booleans):
    """A row with booleans at these positions, where SQLite keeps 0 and 1."""
    values = list(row)
    for position in booleans:
        if values[position] is not None:
            values[position] = bool(values[position])
    return tuple(values)


def _with_drug(row, told):
    """A row with what it does not say itself of _DRUG, which lie together; _replace takes longer."""
    start = row._fields.index(_DRUG[0])
    end = start + len(_DRUG)
    drug = [other if own is None else own for own, other in zip(row[start:end], told, strict=True)]
    return tuple.__new__(type(row), (*row[:start], *drug, *row[end:]))


def _resource(row):
    return row.source.resource


def _gather(rows, members, sort):
    if len(members) == 1:
        return rows.get(members[0], [])
    gathered = [row for patient in members for row in rows.get(patient, ())]
    return sorted(gathered, key=_resource) if sort else gathered


def _first_known_dead(store, connection, site, patients):
    """{Patient id: day} on which a version said "dead" first, for those whose date of death is not known."""
    undated = [id_ for id_, rows in patients.items() if any(row.deceased and row.death is None for row in rows)]
    if not undated:
        return {}
    resource, version = store.tables.resource.c, store.tables.version.c
    meant = resource.site == site, resource.type == "Patient", resource.id.in_(undated)
    query = (
        select(resource.id, version.updated, version.body)
        .join_from(store.tables.resource, store.tables.version, resource.rid == version.rid)
        .where(*meant)
        .order_by(resource.id, version.version)
    )
    first = {}
    with naming_damaged(connection, store.tables.version, select(resource.rid).where(*meant)):
        for id_, updated, body in connection.execute(query):
            if id_ not in first and json.parse(body.encode()).get("deceasedBoolean") is True:
                first[id_] = updated // _DAY
    return first
