"""Who has withdrawn, by the mapped rows of Consents (docs/consent.md, https://hl7.org/fhir/R4/consent.html)."""

from typing import NamedTuple

from sqlalchemy import select

from .persons import linked_with


class Withdrawal(NamedTuple):
    """consent: id of the Consent. mode: code of CodeSystem withdrawal. day: the first that it may mean, or None."""

    consent: str
    mode: str
    day: int | None


def find_withdrawals(store, connection, site, patients):
    """{patient: [Withdrawal], by the Consents} of these patients; that of one holds for those merged with it."""
    c, found = store.tables.mapped["consent"].c, {}
    for patient in patients:
        person = linked_with(store, connection, site, {patient})
        query = select(c._id, c.mode, c.withdrawn_lo).where(c._site == site, c.patient.in_(person)).order_by(c._id)
        found[patient] = [Withdrawal(*row) for row in connection.execute(query)]
    return found
