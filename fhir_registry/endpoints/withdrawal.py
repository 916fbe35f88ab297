"""Up to which day reports use a person's data, who may have withdrawn (section 5, row 6; https://hl7.org/fhir/R4/consent.html)."""

STOP, RETAIN, ERASE = "stop-collection", "retain-until-withdrawal", "erase"  # CodeSystem withdrawal
_NEVER = -(2**31)  # a day before all others


def last_day(withdrawals, cutoff):
    """The person's own cut-off: the data cut-off, or the withdrawal when that is earlier and its mode says so.

    withdrawals: (mode, first day that it may mean, or None) each; of one without any date nothing is used.
    """
    days = [day for mode, day in withdrawals if mode != STOP]
    return min(cutoff, *(_NEVER if day is None else day for day in days)) if days else cutoff
