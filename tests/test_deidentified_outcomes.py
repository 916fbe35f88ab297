"""Outcomes of de-identified data: exported, imported into a new registry, every number is what it was."""

import re
from collections import Counter
from itertools import count

import pytest
from test_examples_end_to_end import MEASURES

from fhir_registry.core.pseudonyms import Pseudonyms
from fhir_registry.endpoints.outcome import Analysed, Excluded
from fhir_registry.endpoints.usable import usable_data
from fhir_registry.examples import REGISTRIES, Example
from fhir_registry.fhir import json
from fhir_registry.fhir.dates import day_interval
from fhir_registry.ops import evaluate, ingest
from fhir_registry.ops.analyse import question
from fhir_registry.ops.derivation import derive_answers
from fhir_registry.ops.export import export
from fhir_registry.ops.import_job import KIND_OF_FILES, request_files
from fhir_registry.ops.jobs import do
from fhir_registry.ops.open import open_registry
from fhir_registry.store.facts import read_facts
from fhir_registry.store.job import COMPLETED

BASE = "https://server.example/fhir"
SITE = 1
PATIENTS = 40
KEY = bytes([14]) * 32  # shifts by which every reason to differ occurs
END = "2035-12-31"  # a cut-off is a day of the calendar, which shifted dates do not know: one after all of them
OF_AGE = {"age", "age-group", "menopause"}  # characteristics
PARTIAL = re.compile(rb'("[A-Za-z]+":)"(\d{4})(-\d\d)?"')


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def registries(kind, new_registry, content, tmp_path_factory):
    """A function change -> (registry of the examples, each Bundle changed; registry of their de-identified export)."""
    opened = []

    def make(change):
        number = count()  # ids that are the same each time, so that shifts are
        first = open_registry(new_registry(kind), content, new_id=lambda: f"{next(number):06d}")
        second = open_registry(new_registry(kind), content)
        opened.extend((first, second))
        for name in sorted(REGISTRIES):
            for bundle in Example(name, PATIENTS, seed=20).bundles():
                ingest.bundle(first, SITE, json.parse(change(json.dumps(bundle))), BASE)
        folder = tmp_path_factory.mktemp("export")
        export(first, folder, "default", disguise=(KEY, "test", (), BASE))
        import_folder(second, folder)
        return first, second

    yield make
    for registry in opened:
        registry.close()


def import_folder(registry, folder):
    paths = sorted(folder.glob("*.ndjson"))
    job = registry.store.jobs.claim("me", [KIND_OF_FILES], id=request_files(registry, SITE, paths, None, 10**8, 1))
    do(registry, job)
    with registry.store.read(SITE) as connection:
        job = registry.store.jobs.find(connection, job.id)
        errors = [issues for _, _, _, issues in registry.store.jobs.errors(connection, job.id)]
    assert job.state == COMPLETED and errors == []


def exact(body):
    """The text of a Bundle without dates of birth, every partial date as the day that is its middle."""
    body = re.sub(rb'"birthDate":"[^"]+",', b"", body)
    return PARTIAL.sub(lambda m: b'%b"%b%b"' % (m[1], m[2], b"%b-15" % m[3] if m[3] else b"-07-01"), body)


def numbers(registry, measure):
    """All that the groups of a report say, exactly."""
    return evaluate.evaluate(registry, SITE, measure, None, END)["group"]


def test_every_number_is_the_same(registries):
    first, second = registries(exact)
    for measure in MEASURES:
        assert numbers(second, measure) == numbers(first, measure), measure


def test_what_differs_by_partial_dates_and_year_of_birth(registries):
    """Person by person: the same, or a date of the record is partial, or the age is told for want of the birthday."""
    first, second = registries(lambda body: body)
    made = Pseudonyms(KEY, "test", "default")
    found = Counter()
    for study in sorted(REGISTRIES):
        copies = dict(answers(second, study))
        for subject, (facts, told) in answers(first, study):
            _, copy = copies[made.of("Patient", subject)]
            found.update(why(facts, told[measure], copy[measure], made.shift(subject)) for measure in told)
    assert found == {"same": 1060, "partial date": 9, "age": 6, "under age": 5}


def why(facts, answer, copy, shift):
    """Why the answer of a person to a measure is not that of the copy."""
    if isinstance(answer, Analysed) and isinstance(copy, Analysed):
        moved = answer._replace(index=answer.index + shift, evidence=(), characteristics=())
        others = {code for code, _ in {*answer.characteristics} ^ {*copy.characteristics}}
        if moved == copy._replace(evidence=(), characteristics=()) and others <= OF_AGE:
            return "age" if others else "same"
    elif answer == copy:
        return "same"
    if is_partial(facts):
        return "partial date"
    return "under age" if answer == Excluded("under-age") else "unexplained"


def is_partial(facts):
    """Whether a date other than that of birth is known by its month or year."""
    return any(
        getattr(row, name) != getattr(row, f"{name[:-3]}_hi")
        for rows in facts[2:]
        for row in rows
        for name in row._fields
        if name.endswith("_lo") and name != "birth_lo"
    )


def answers(registry, study):
    """Yield (subject, facts, {measure: answer}) of all persons."""
    cutoff = day_interval(END)[1]
    asked = question(registry, SITE, study, None, cutoff, BASE).asked
    with registry.store.read(SITE) as connection:
        for facts in read_facts(registry.store, connection, SITE, base=BASE):
            yield facts.subject, (facts, derive_answers(usable_data(facts, cutoff), asked))
