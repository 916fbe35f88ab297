"""What partial dates may hide: rule C4, sensitivity (https://hl7.org/fhir/R4/datatypes.html#dateTime)."""

from functools import wraps

from .outcome import Analysed
from .partial import first_day, last_day
from .usable import once, read_dates, usable_data
from .vital_status import find_death

_PLACES = {"earliest": first_day, "latest": last_day}


def with_other_dates(field):
    """Have a `derive(facts, plan)` fill `earliest` and `latest` of its rows.

    They are the Time `field` with all partial dates read as their first, and as their last, possible day. The patients
    are those of the primary analysis: who would be excluded then keeps the Time.
    """

    def decorate(derive):
        @wraps(derive)
        def answer(facts, plan):
            facts = usable_data(facts, plan.cutoff)
            primary = derive(facts, plan)
            if not isinstance(primary, Analysed):
                return primary
            times = dict.fromkeys(_PLACES, getattr(primary.row, field))
            if _has_partial_dates(facts):
                for name, place in _PLACES.items():
                    other = derive(read_dates(facts, place), plan)
                    if isinstance(other, Analysed):
                        times[name] = getattr(other.row, field)
            return primary._replace(row=primary.row._replace(**times))

        return answer

    return decorate


@once
def _has_partial_dates(facts):
    """Is a dose, an assessment or the death known by its month or year, or the death by no date?"""
    death = find_death(facts, facts.cutoff)
    return (
        bool(death and death.imputed)
        or any(a.start_lo != a.start_hi for a in facts.administrations)
        or any(o.effective_lo != o.effective_hi for o in facts.observations if o.topic == "response")
    )
