"""Records that are not understood are noticed (rules C1 and C2 of the oncology definitions)."""

import pytest
from patient_facts import Record, day

from fhir_registry.endpoints.unread import find_unread


def unknown_drug(record, view="medication_administration", when=3, status="completed", **values):
    return record.add(view, status=status, drug_text="XY-17", **record.dates(start=when), **values)


@pytest.mark.parametrize(
    "record, found",
    [
        (Record().dose("eribulin", 0).took("zoledronic-acid", 0).assessed(60, "SD"), set()),
        (unknown_drug(Record()), {"unread-drug"}),
        (unknown_drug(Record(), "medication_statement"), {"unread-drug"}),
        (unknown_drug(Record(), "medication_statement", status="not-taken"), set()),
        (unknown_drug(Record(), status="not-done"), set()),
        (unknown_drug(Record(), drug_class="chemo"), set()),  # an ATC group
        (unknown_drug(Record(), when=400), set()),
        (Record().assessed(60, None), {"unread-response"}),
        (Record().assessed(60, "positive"), {"unread-response"}),
        (Record().assessed(None, "SD"), {"unread-response"}),
        (Record().assessed(60, None, status="entered-in-error").observed("ecog", 60), set()),
        (Record().dose("eribulin", 0, status="on-hold"), {"unread-status"}),
        (Record().dose("eribulin", 0, status="unknown"), {"unread-status"}),
        (Record().took("tamoxifen", -60, status="unknown"), {"unread-status"}),
        (Record().took("tamoxifen", -60, status="on-hold"), set()),
    ],
)
def test_records_not_understood(record, found):
    assert find_unread(record.facts(), day("2023-12-31")) == found
