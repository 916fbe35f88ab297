"""Mapped tables become PatientFacts, a page of persons at a time (https://hl7.org/fhir/R4/patient.html#link)."""

from collections import defaultdict

from sqlalchemy import func, or_, select

from ..endpoints.facts import VIEWS, PatientFacts, Source
from ..fhir import json
from ..fhir.dates import SECOND

CHUNK = 200  # persons; several patients each may be merged
_DAY = 86400 * SECOND
_DRUG = ("drug", "drug_code", "drug_text", "drug_class")
_REFERENCES = {"medication": "Medication", "study": "ResearchStudy"}  # column -> type of what it refers to


def read_facts(store, connection, site, subjects=None, base=None):
    """Yield PatientFacts of the persons of a site, ordered by subject; one query a view for CHUNK persons.

    connection: an open read transaction, so that all facts are of one moment. subjects: Patient ids to restrict to,
    surviving ones where patients were merged. base: URL of this server; references that begin with it are to
    resources here. See endpoints/facts.py for the shape.
    """
    persons = _persons(store, connection, site, base)
    wanted = sorted(persons if subjects is None else persons.keys() & set(subjects))
    for start in range(0, len(wanted), CHUNK):
        chunk = [(subject, persons[subject]) for subject in wanted[start : start + CHUNK]]
        patients = [patient for _, members in chunk for patient in members]
        rows = {view: _read_view(store, connection, site, view, patients, base) for view in VIEWS}
        _name_drugs(store, connection, site, rows)
        dead = _first_known_dead(store, connection, site, rows["patient"])
        for subject, members in chunk:
            known = [dead[patient] for patient in members if patient in dead]
            yield PatientFacts(
                subject,
                min(known, default=None),
                *(_gather(rows[view], members, sort=view != "patient") for view in VIEWS),
            )


def count_strays(store, connection, site, base=None):
    """How many of the records that are read for facts have a subject that is no Patient of this site."""
    here = store.tables.mapped["patient"].c
    patients = select(here.patient).where(here._site == site)
    ids = set(connection.execute(patients).scalars())
    strays = 0
    for view in VIEWS:
        c = store.tables.mapped[view].c
        stray = or_(c.patient.is_(None), c.patient.not_in(patients))
        query = select(c.patient, func.count(func.distinct(c._id))).where(c._site == site, stray).group_by(c.patient)
        for subject, n in connection.execute(query):
            strays += 0 if _local(subject, "Patient", base) in ids else n
    return strays


def _local(key, type, base):
    """The id of a resource here, of its URL too; keys of other servers stay URLs."""
    return key.removeprefix(f"{base}/{type}/") if key and base else key


def _persons(store, connection, site, base):
    """{surviving Patient id: its patients, the surviving one first}; a circle survives in its smallest id."""
    patient = store.tables.mapped["patient"].c
    query = select(patient.patient, patient.replaced_by, patient.replaces)
    replaced_by, replaces = {}, []
    for id_, survivor, merged in connection.execute(query.where(patient._site == site).order_by(patient.patient)):
        replaced_by[id_] = _local(survivor, "Patient", base)
        replaces += [(_local(old, "Patient", base), id_) for old in json.parse((merged or "[]").encode())]
    for old, survivor in replaces:
        # Both ends of a merger may tell of it; the one that was merged knows best.
        if old in replaced_by and replaced_by[old] is None and old != survivor:
            replaced_by[old] = survivor
    persons = defaultdict(list)
    for id_ in replaced_by:
        path = [id_]
        while (following := replaced_by.get(path[-1])) in replaced_by and following not in path:
            path.append(following)
        circle = following in path
        survivor = min(path[path.index(following) :]) if circle else path[-1]
        persons[survivor].append(id_)
    for survivor, members in persons.items():
        members.sort(key=lambda id_, survivor=survivor: (id_ != survivor, id_))
    return persons


def _read_view(store, connection, site, view, patients, base):
    """{patient: rows of one view as its NamedTuple, in order of resource id and row}."""
    table, row_type = store.tables.mapped[view], VIEWS[view]
    c, resource = table.c, store.tables.view_types[view]
    fields = [c[name] for name in row_type._fields[1:]]
    query = select(c.patient, c._id, c._version, c._submission, *fields)
    named = {patient: patient for patient in patients}
    if base:
        named |= {f"{base}/Patient/{patient}": patient for patient in patients}
    query = query.where(c._site == site, c.patient.in_(named)).order_by(c._id, c._row)
    references = [(position, _REFERENCES[f]) for position, f in enumerate(row_type._fields[1:]) if f in _REFERENCES]
    found = defaultdict(list)
    for patient, id_, version, submission, *values in connection.execute(query):
        for position, type_ in references:
            values[position] = _local(values[position], type_, base)
        found[named[patient]].append(row_type(Source(f"{resource}/{id_}", version, submission), *values))
    return found


def _gather(rows, members, sort):
    if len(members) == 1:
        return rows.get(members[0], [])
    gathered = [row for patient in members for row in rows.get(patient, ())]
    return sorted(gathered, key=lambda row: row.source.resource) if sort else gathered


def _name_drugs(store, connection, site, rows):
    """Give rows whose drug is only a reference what the Medication says."""
    views = [view for view, row_type in VIEWS.items() if "medication" in row_type._fields]
    lists = [found for view in views for found in rows[view].values()]
    open_ = {row.medication for found in lists for row in found if row.medication and row.drug is None}
    if not open_:
        return
    c = store.tables.mapped["medication"].c
    drugs = {}
    names = sorted(open_)
    for start in range(0, len(names), 500):
        query = select(c._id, *(c[name] for name in _DRUG)).where(
            c._site == site, c._id.in_(names[start : start + 500])
        )
        drugs.update((id_, dict(zip(_DRUG, values, strict=True))) for id_, *values in connection.execute(query))
    for found in lists:
        found[:] = [
            row._replace(**{k: v for k, v in drugs.get(row.medication, {}).items() if getattr(row, k) is None})
            for row in found
        ]


def _first_known_dead(store, connection, site, patients):
    """{Patient id: day} on which a version said "dead" first, for those whose date of death is not known."""
    undated = [id_ for id_, rows in patients.items() if any(row.deceased and row.death is None for row in rows)]
    if not undated:
        return {}
    resource, version = store.tables.resource.c, store.tables.version.c
    query = (
        select(resource.id, version.updated, version.body)
        .join_from(store.tables.resource, store.tables.version, resource.rid == version.rid)
        .where(resource.site == site, resource.type == "Patient", resource.id.in_(undated))
        .where(version.body.contains('"deceasedBoolean":true'))
        .order_by(resource.id, version.version)
    )
    first = {}
    for id_, updated, body in connection.execute(query):
        if id_ not in first and json.parse(body.encode()).get("deceasedBoolean") is True:
            first[id_] = updated // _DAY
    return first
