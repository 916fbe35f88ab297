"""An import stores what the scopes of who asked for it permit (https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html)."""

import pytest
from patching import parameters, replace
from test_access import BASE, CATEGORY, LABORATORY, SITE, observation, with_scopes
from test_importing import entry, transaction, units

from fhir_registry.fhir import json
from fhir_registry.ops import ingest
from fhir_registry.ops.importing import import_units
from fhir_registry.ops.read import read

LAB, VITAL = ("laboratory", "vital-signs")


@pytest.fixture
def registry(registry):
    """Observations `lab` and `vital` of these categories."""
    for id_, category in (("lab", LAB), ("vital", VITAL)):
        ingest.update(registry, SITE, "Observation", id_, observation(id_, category))
    return registry


def alone(resource):
    return json.dumps(resource)


def put(resource):
    return transaction(entry("PUT", f"Observation/{resource['id']}", resource))


def post(resource):
    new = {name: value for name, value in resource.items() if name != "id"}
    return transaction(entry("POST", "Observation", new))


def imported(registry, *bodies):
    """What became of each body: its statuses, or the status of the error."""
    groups = import_units(registry, SITE, units(bodies), BASE, 1)
    return [each.error.status if each.error else [o.status for o in each.outcomes] for done in groups for each in done]


@pytest.mark.parametrize("form", [alone, put])
def test_smart_24_a_constraint_holds_for_what_was_and_what_will_be(registry, form):
    writer = with_scopes(registry, f"system/Observation.cruds?{LABORATORY}")
    bodies = [
        form(observation("lab", LAB, "amended")),
        form(observation("lab", VITAL)),  # away
        form(observation("vital", LAB)),  # into it
        form(observation("new", LAB)),
        form(observation("other", VITAL)),
    ]
    assert imported(writer, *bodies) == [[200], 403, 403, [201], 403]
    there = json.parse(read(registry, SITE, "Observation", "vital").body)
    assert there["category"][0]["coding"][0] == {"system": CATEGORY, "code": VITAL}


def test_a_constraint_holds_for_creates(registry):
    writer = with_scopes(registry, f"system/Observation.cruds?{LABORATORY}")
    assert imported(writer, post(observation("x", LAB)), post(observation("x", VITAL))) == [[201], 403]


def test_what_has_no_constraint_is_stored_beside_what_has_one(registry):
    writer = with_scopes(registry, f"system/Observation.cruds?{LABORATORY} system/Patient.cu")
    patient = {"resourceType": "Patient", "id": "p"}
    both = transaction(entry("PUT", "Patient/p", patient), entry("PUT", "Observation/o", observation("o", VITAL)))
    assert imported(writer, json.dumps(patient), both) == [[201], 403]


def test_a_patch_judges_only_what_may_be_read(registry):
    """Its condition on the content needs what a read needs; the same change by its place alone does not."""

    def patched(path):
        change = parameters(replace(path, valueString="y"))
        return transaction(entry("PATCH", "Observation/lab", change))

    judging, plain = patched("Observation.code.where(text = 'x').text"), patched("Observation.code.text")
    assert imported(with_scopes(registry, "system/Observation.u"), judging) == [403]
    writer = with_scopes(registry, "system/Observation.u system/Observation.r?status=amended")
    assert imported(writer, judging) == [403]
    assert imported(with_scopes(registry, "system/Observation.u"), plain) == [[200]]
    judging = patched("Observation.code.where(text = 'y').text")
    assert imported(with_scopes(registry, "system/Observation.ru"), judging) == [[200]]
