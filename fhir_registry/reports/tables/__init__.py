"""One row a person, a time, an assessment, an event, a therapy, a dose: the tables a statistician works with."""

from . import adae, adcm, adex, adrs, adsl, adtte, trace

# What GET [base]/Measure/[id]/$table?table= and [base]/ResearchStudy/[id]/$table?table= can name.
TABLES = {
    "adsl": adsl.TABLE,
    "adtte": adtte.TABLE,
    "adrs": adrs.TABLE,
    "adae": adae.TABLE,
    "adcm": adcm.TABLE,
    "adex": adex.TABLE,
    "trace": trace.TABLE,
}
