"""Who has withdrawn, by the mapped rows of Consents (docs/consent.md, https://hl7.org/fhir/R4/consent.html)."""

from typing import NamedTuple

from sqlalchemy import select

from .derived_tables import number_system, shorten
from .persons import linked_with

CHUNK = 500  # ids in one statement
_URLS = "http", "httq"  # between these are patients who are named by a URL


class Withdrawal(NamedTuple):
    """consent: id of the Consent. mode: code of CodeSystem withdrawal. day: the first that it may mean, or None."""

    consent: str
    mode: str
    day: int | None


def read_withdrawals(store, connection, site, *where):
    """Yield (patient, as the Consent names him, Withdrawal) of a site, or of what criteria select, by the Consents."""
    c = store.tables.mapped["consent"].c
    query = select(c.patient, c._id, c.mode, c.withdrawn_lo).where(c._site == site, *where).order_by(c._id)
    for patient, *withdrawal in connection.execute(query):
        yield patient, Withdrawal(*withdrawal)


def find_withdrawals(store, connection, site, patients, base=None):
    """{patient: [Withdrawal], by the Consents} of those of these patients who have withdrawn.

    That of one holds for those merged with it. base: URL of this server; links that begin with it are to patients here.
    """
    everybody, told = linked_with(store, connection, site, patients, base), {}
    named, ids = store.tables.mapped["consent"].c.patient, sorted(everybody)
    places = [(named.in_(ids[start : start + CHUNK]),) for start in range(0, len(ids), CHUNK)]
    for place in (*places, (named >= _URLS[0], named < _URLS[1])):
        for patient, withdrawal in read_withdrawals(store, connection, site, *place):
            if (id_ := patient.rpartition("/")[2]) in everybody:
                told.setdefault(id_, []).append(withdrawal)
    if not told or len(everybody) == len(patients):
        return told
    persons = {patient: linked_with(store, connection, site, {patient}, base) for patient in patients}
    found = {patient: sorted(w for each in person for w in told.get(each, ())) for patient, person in persons.items()}
    return {patient: withdrawals for patient, withdrawals in found.items() if withdrawals}


def read_deleted(store, connection, site):
    """Yield (id, body in bytes) of the last version of each Patient whom a withdrawal names and who was deleted."""
    ids = {patient.rpartition("/")[2] for patient, _ in read_withdrawals(store, connection, site)}
    states = store.reader.states(connection, site, [("Patient", id_) for id_ in sorted(ids)])
    places = {(state.rid, state.version - 1): id_ for (_, id_), state in states.items() if state.deleted}
    return ((places[place], body) for place, body in store.reader.versions(connection, places))


def find_identified(store, connection, site, param, identifiers):
    """{(system, value): ids of the Patients here that have it} of those of these identifiers that somebody has.

    param: the number of the search parameter Patient.identifier.
    """
    token, resource, found = store.tables.index["token"], store.tables.resource, {}
    keys = {(number_system(system), shorten(value)): (system, value) for system, value in identifiers}
    codes = sorted({code for _, code in keys})
    columns = select(token.c.system, token.c.code, resource.c.id)
    query = columns.join_from(token, resource, token.c.rid == resource.c.rid)
    query = query.where(token.c.site == site, token.c.param == param)
    for start in range(0, len(codes), CHUNK):
        for *key, id_ in connection.execute(query.where(token.c.code.in_(codes[start : start + CHUNK]))):
            if tuple(key) in keys:
                found.setdefault(keys[tuple(key)], set()).add(id_)
    return found
