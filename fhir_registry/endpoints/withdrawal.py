"""Up to which day reports use a person's data, who may have withdrawn (section 5, row 6; https://hl7.org/fhir/R4/consent.html)."""

STOP, RETAIN, ERASE = "stop-collection", "retain-until-withdrawal", "erase"  # CodeSystem withdrawal
_NEVER = -(2**31)  # a day before all others


def last_day(facts, cutoff):
    """The person's own cut-off: the data cut-off, or the withdrawal when that is earlier and its mode says so.

    A partial date counts from its first day; of a withdrawal without any date nothing is used.
    """
    days = [consent.withdrawn_lo for consent in facts.consents if consent.mode != STOP]
    return min(cutoff, *(_NEVER if day is None else day for day in days)) if days else cutoff
