"""Analyses that are kept: after every write they equal those made anew (ops/analyse.py)."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from test_evaluate import BASE, SITE, condition, enrolled, eribulin, response, treated

from fhir_registry.endpoints.record import read_answer  # noqa: F401
from fhir_registry.ops import analyse, ingest
from fhir_registry.ops.open import open_registry
from fhir_registry.store.analysis import Analyses

CUTOFF = 20269  # 2025-06-30
PATIENTS = ("a", "b", "c", "d")


@pytest.fixture
def registry(database, content):
    with_clock = open_registry(database, content, clock=lambda: 1_760_000_000_000_000)
    yield with_clock
    with_clock.close()


def kept(registry, study="halaven", base=BASE):
    """What an analysis holds: tallies, answers, findings, strays."""
    asked = analyse.question(registry, SITE, study, None, CUTOFF, base)

    def read(connection, analysis):
        analyses, tables = registry.store.analyses, registry.store.tables
        held = {measure: analyses.subjects(connection, analysis, measure) for measure in asked.asked}
        texts = {measure: analyses.tally(connection, analysis, measure) for measure in asked.asked}
        tallies = {measure: _counts(asked.asked[measure].load_tally(text)) for measure, text in texts.items()}
        rows = {}
        for table in (tables.analysis_finding, tables.analysis_stray):
            of = table.c.analysis == analysis.analysis
            order = [column for column in table.primary_key.columns if column.name != "analysis"]
            columns = [column for column in table.c if column.name != "analysis"]
            rows[table.name] = connection.execute(select(*columns).where(of).order_by(*order)).all()
        return {"answers": held, "tallies": tallies, "strays": analysis.strays, **rows}

    return analyse.analyse(registry, asked, read)


def _counts(tally):
    """A Tally as plain counts, whatever their order."""
    rows = {field: counts for field, counts in tally.fields.items() if counts}
    strata = {
        (code, value): _counts(stratum)
        for code, strata in tally.strata.items()
        for value, stratum in strata.items()
        if stratum.denominator
    }
    others = (tally.denominator, tally.exclusions, tally.flags, tally.indexes, tally.unread, tally.unread_outside)
    return rows, strata, others, {code: counts for code, counts in tally.supplemental.items() if counts}


def forget(registry):
    """Drop all analyses."""
    with registry.store.database.write(1) as connection:
        for name in ("analysis", "analysis_tally", "analysis_subject", "analysis_stray", "analysis_finding"):
            connection.execute(registry.store.tables.metadata.tables[name].delete())


def put(registry, resource):
    ingest.update(registry, SITE, resource["resourceType"], resource["id"], resource)


def random_write(registry, chance):
    """One write of some kind: new, changed, deleted, moved, merged, unmerged, of nobody, a drug by reference."""
    patient, other = chance.choice(PATIENTS), chance.choice(PATIENTS)
    name = f"{patient}-{chance.randrange(3)}"
    day = f"2024-{chance.randrange(1, 13):02}-{chance.randrange(1, 28):02}"
    named = chance.choice([patient, patient, other])
    by_reference = {**eribulin(named, day), "medicationReference": {"reference": f"Medication/m{chance.randrange(2)}"}}
    del by_reference["medicationCodeableConcept"]
    eribulin_or_not = chance.choice(["L01XX41", "L01CD01"])
    resources = [
        {"resourceType": "Patient", "id": patient, "birthDate": "1960"},
        {"resourceType": "Patient", "id": patient, "deceasedDateTime": day},
        {
            "resourceType": "Patient",
            "id": patient,
            "link": [{"other": {"reference": f"Patient/{other}"}, "type": chance.choice(["replaced-by", "replaces"])}],
        },
        {**enrolled(named), "id": name},
        {**condition(named, "http://snomed.info/sct", "94225005", "2023-12"), "id": name},
        {**eribulin(named, day), "id": name},
        {**by_reference, "id": name},
        {**response(named, day, chance.choice(["LA28369-9", "LA28370-7", "LA28366-5"])), "id": name},
        {**response(f"../fhir/Patient/{named}".removeprefix("../fhir/Patient/"), day, "LA28370-7"), "id": name},
        {**response(named, day, "LA28370-7"), "id": name, "subject": {"reference": f"{BASE}/Patient/{named}"}},
        {**response(named, day, "LA28370-7"), "id": name, "subject": {"display": "somebody"}},
        {
            "resourceType": "Medication",
            "id": f"m{chance.randrange(2)}",
            "code": {"coding": [{"system": "http://www.whocc.no/atc", "code": eribulin_or_not}]},
        },
    ]
    resource = chance.choice(resources)
    if chance.random() < 0.15:
        ingest.delete(registry, SITE, resource["resourceType"], resource["id"])
    else:
        put(registry, resource)


@pytest.mark.parametrize("seed", range(6))
def test_after_every_write_an_analysis_equals_one_made_anew(registry, seed, monkeypatch):
    chance = random.Random(seed)
    monkeypatch.setattr(analyse, "RANGE", 2)
    if seed % 2:
        # Several goes until all changes are seen.
        changed = Analyses.changed
        monkeypatch.setattr(Analyses, "changed", lambda self, *asked, limit=2: changed(self, *asked[:3], limit))
    for _ in range(12):
        for _ in range(chance.randrange(1, 6)):
            random_write(registry, chance)
        updated = kept(registry)
        forget(registry)
        assert updated == kept(registry)


SEVERAL = """
import sys
sys.path.insert(0, sys.argv[2])
from fhir_registry.content.registry import load_content
from fhir_registry.ops import analyse, derivation
from fhir_registry.ops.open import open_registry
from test_analyse import forget, kept

registry = open_registry(sys.argv[1], load_content(), clock=lambda: 1_760_000_000_000_000)
analyse.RANGE = 3
analyses = []
pools = set()
for few in (10**6, 2):
    derivation.FEW = few
    started = derivation.open_pool
    derivation.open_pool = lambda *given: pools.add(few) or started(*given)
    analyses.append(kept(registry))
    derivation.open_pool = started
    forget(registry)
assert pools == {2}
assert analyses[0] == analyses[1]
assert len(analyses[0]["answers"]["halaven-dcr"]) == 20
"""


def test_several_processes_derive_the_same(database, registry):
    for number in range(20):
        ingest.bundle(registry, SITE, treated(f"p{number:02}", ("2024-03-15", "LA28369-9")), BASE)
    command = [sys.executable, "-c", SEVERAL, database, str(Path(__file__).parent)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stderr
