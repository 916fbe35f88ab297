"""Nothing is found after imports, batches, deletes and mergers, with a clock that stands still (REL-40)."""

import pytest
from sqlalchemy import select
from test_evaluate import BASE, SITE, treated
from test_importing import NOON, ODD, patient, transaction

from fhir_registry.fhir import json
from fhir_registry.ops import analyse, fsck, ingest
from fhir_registry.ops.import_units import Unit
from fhir_registry.ops.importing import import_units
from fhir_registry.ops.open import open_registry
from fhir_registry.store.wall import EVERYWHERE

CUTOFF = 20269  # 2025-06-30


@pytest.fixture
def registry(database, content):
    opened = open_registry(database, content, clock=lambda: NOON)
    yield opened
    opened.close()


def put(id, **members):
    resource = patient("Same", id=id, **members)
    return {"request": {"method": "PUT", "url": f"Patient/{id}"}, "resource": resource}


def load(registry, bodies):
    units = (Unit(number, 0, None, 0, body) for number, body in enumerate(bodies))
    for _ in import_units(registry, SITE, units, BASE, 2):
        pass


def test_after_an_import_nothing_is_found(registry):
    """Several versions of a resource in one database transaction get times that rise with their submissions."""
    bodies = [[transaction(put("m", birthDate=f"19{year}")), transaction(put(f"n{year}"))] for year in range(60, 80)]
    load(registry, [body for pair in bodies for body in pair])
    load(registry, ODD * 2)
    load(registry, [json.dumps(patient("Line", id=f"l{number}")) for number in range(30)])
    assert list(fsck.check(registry)) == []
    version = registry.store.tables.version.c
    with registry.store.read(EVERYWHERE) as connection:
        times = (
            connection.execute(select(version.updated).order_by(version.submission, version.version)).scalars().all()
        )
    assert times == sorted(times) and times[-1] > NOON


def test_after_mergers_and_deletes_analyses_are_what_is_derived_anew(registry):
    asked = analyse.question(registry, SITE, "halaven", None, CUTOFF, BASE)
    for id_ in ("a", "b", "c"):
        ingest.bundle(registry, SITE, treated(id_, ("2024-03-15", "LA28369-9")), BASE)
    analyse.analyse(registry, asked, lambda connection, analysis: None)
    link = {"other": {"reference": "Patient/a"}, "type": "replaced-by"}
    ingest.update(registry, SITE, "Patient", "b", {"resourceType": "Patient", "id": "b", "link": [link]})
    ingest.delete(registry, SITE, "Patient", "c")
    options = {"analyses": True, "bases": (BASE,)}
    assert list(fsck.check(registry, **options)) == []  # touched since it saw them
    analyse.analyse(registry, asked, lambda connection, analysis: None)
    assert list(fsck.check(registry, **options)) == []
