"""Who has withdrawn, by the mapped rows of Consents (docs/consent.md, https://hl7.org/fhir/R4/consent.html)."""

from typing import NamedTuple

from sqlalchemy import select

from .persons import linked_with

CHUNK = 500  # ids in one statement


class Withdrawal(NamedTuple):
    """consent: id of the Consent. mode: code of CodeSystem withdrawal. day: the first that it may mean, or None."""

    consent: str
    mode: str
    day: int | None


def find_withdrawals(store, connection, site, patients):
    """{patient: [Withdrawal], by the Consents} of those of these patients who have withdrawn.

    That of one holds for those merged with it.
    """
    everybody = sorted(linked_with(store, connection, site, patients))
    c, told = store.tables.mapped["consent"].c, {}
    for start in range(0, len(everybody), CHUNK):
        query = select(c.patient, c._id, c.mode, c.withdrawn_lo).where(c._site == site).order_by(c._id)
        for patient, *withdrawal in connection.execute(query.where(c.patient.in_(everybody[start : start + CHUNK]))):
            told.setdefault(patient, []).append(Withdrawal(*withdrawal))
    if not told or len(everybody) == len(patients):
        return told
    persons = {patient: linked_with(store, connection, site, {patient}) for patient in patients}
    found = {patient: sorted(w for each in person for w in told.get(each, ())) for patient, person in persons.items()}
    return {patient: withdrawals for patient, withdrawals in found.items() if withdrawals}
