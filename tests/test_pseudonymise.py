"""A site that is made of others: what stands in it, what becomes of it when they change (docs/deidentification.md)."""

from contextlib import closing
from datetime import date

import pytest
from erasure import consent
from sqlalchemy import func, select
from test_deidentified_outcomes import END, KEY, MEASURES, exact
from test_export_cli import BASE, NATIONAL, RESOURCES, condition, patient

from fhir_registry.core.audit import Event
from fhir_registry.core.paging import Client
from fhir_registry.examples import Example
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import evaluate, fsck, ingest
from fhir_registry.ops.erase import erase
from fhir_registry.ops.import_job import KIND, request_body
from fhir_registry.ops.jobs import do
from fhir_registry.ops.linkage import as_one
from fhir_registry.ops.open import make_site, open_registry
from fhir_registry.ops.pseudonymise import PseudonymiseError, pseudonymise
from fhir_registry.ops.reindex import OF_ALL
from fhir_registry.ops.search import search
from fhir_registry.store.current import read_current
from fhir_registry.store.job import FAILED
from fhir_registry.store.site import EVERY_NUMBER, name_sites
from fhir_registry.store.wall import EVERYWHERE

DISGUISE = (KEY, "office", (), BASE)
LINKED = (KEY, "office", (NATIONAL,), BASE)
SOURCE, PLANTED = 1, ("quillfeather", "ghent", "033.28", "03328", "1961-04", "2024-01-31", "klinik", '"p1"', "'p1'")


@pytest.fixture
def make(registry, tmp_path):
    """A function: what `pseudonymise` gives, into the site `office`."""

    def run(disguise=DISGUISE, sources=(), into="office", **options):
        folder = tmp_path / f"told-{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        return pseudonymise(registry, into, sources, disguise, folder, **options)

    return run


def store(registry, *resources, site=SOURCE):
    for resource in resources:
        ingest.update(registry, site, resource["resourceType"], resource["id"], resource)


def number(registry, name="office"):
    return {known: number for number, known in name_sites(registry.store).items()}[name]


def told(registry, type, name="office"):
    """The current resources of a type in a site, by id."""
    with registry.store.read(EVERYWHERE) as connection:
        found = [json.parse(body) for _, body in read_current(registry.store, connection, number(registry, name), type)]
    return {each["id"]: each for each in found}


def versions(registry, type):
    """How many versions of a type are stored in the site."""
    table = registry.store.tables.version
    with registry.store.read(EVERYWHERE) as connection:
        query = select(func.count()).where(table.c.site == number(registry), table.c.type == type)
        return connection.execute(query).scalar_one()


def agrees(registry):
    return [str(finding) for finding in fsck.check(registry, analyses=True, bases=(BASE,), processes=1)]


def test_every_number_is_that_of_its_sources(registry, make):
    directory, *bundles = Example("lipusu-her2", 40, seed=20).bundles()
    sites = SOURCE, make_site(registry, "klinik-b")
    for site in sites:
        ingest.bundle(registry, site, directory, BASE)
    for place, bundle in enumerate(bundles):
        ingest.bundle(registry, sites[place % 2], json.parse(exact(json.dumps(bundle))), BASE)
    make()
    for measure in (name for name in MEASURES if name.startswith("lipusu")):
        made, pooled = (
            evaluate.evaluate(registry, site, measure, None, END, base=BASE)
            for site in (number(registry), EVERY_NUMBER)
        )
        assert made["group"] == pooled["group"], measure
        sites_of = [each["valueString"] for each in pooled["extension"] if each["url"].endswith("report-site")]
        assert sites_of == ["default", "klinik-b"]


def test_the_same_again_changes_nothing(registry, make):
    store(registry, *RESOURCES)
    assert make().counts == {"created": 4}
    before = told(registry, "Patient") | told(registry, "Condition")
    assert make().counts == {"unchanged": 4}
    assert told(registry, "Patient") | told(registry, "Condition") == before
    assert agrees(registry) == []


def test_what_changes_is_replaced_and_what_is_told_no_more_goes_with_its_versions(registry, make):
    store(registry, *RESOURCES)
    make()
    store(registry, condition("c1", "Patient/p1", "2024-02-01"))
    ingest.delete(registry, SOURCE, "Condition", "c2")
    assert make().counts == {"removed": 1, "updated": 1, "unchanged": 2}
    (left,) = told(registry, "Condition").values()
    assert left["meta"]["versionId"] == "2" and versions(registry, "Condition") == 1
    with pytest.raises(FhirError):
        ingest.update(registry, number(registry), "Condition", left["id"], left)
    assert agrees(registry) == []
    store(registry, condition("c2", "Patient/p1", "2024-03-01"))
    assert make().counts == {"created": 1, "unchanged": 3}
    assert agrees(registry) == []


def test_there_must_be_something_to_make_it_of(database, content, tmp_path):
    with closing(open_registry(database, content, sites=())) as empty:
        with pytest.raises(PseudonymiseError, match="there is no site to make it of"):
            pseudonymise(empty, "office", (), DISGUISE, tmp_path)
        assert name_sites(empty.store) == {}


def test_a_site_of_that_name_that_somebody_made_meanwhile_is_left_alone(registry, make):
    store(registry, *RESOURCES)

    def take_the_name(*_):
        if "office" not in name_sites(registry.store).values():
            store(registry, patient("own"), site=make_site(registry, "office"))

    with pytest.raises(FhirError, match="office is another site") as refused:
        make(progress=take_the_name)
    assert refused.value.kind == "conflict" and told(registry, "Patient").keys() == {"own"}
    with pytest.raises(PseudonymiseError, match="a site of its own"):
        make()


def test_nothing_goes_while_tables_are_filled_from_what_was_read_before(registry, make):
    store(registry, *RESOURCES)
    make()
    registry.store.jobs.submit(OF_ALL, "reindex", {})
    ingest.delete(registry, SOURCE, "Condition", "c2")
    with pytest.raises(FhirError) as refused:
        make()
    assert refused.value.kind == "conflict" and "made anew" in str(refused.value)
    assert len(told(registry, "Condition")) == 2


@pytest.mark.parametrize("mode", ["retain-until-withdrawal", "erase", "erased"])
def test_who_withdraws_leaves_no_version_of_what_is_told_no_more(registry, make, mode):
    person = patient("w", deceasedDateTime="2024-08-01")
    store(registry, *RESOURCES, person, *(condition(f"w{m}", "Patient/w", f"2024-0{m}-01") for m in (5, 7)))
    make()
    ids = told(registry, "Patient").keys() | told(registry, "Condition").keys()
    if mode == "erased":
        erase(registry, SOURCE, "w", "consent-withdrawn", Event("destroy", "test"), BASE)
    else:
        store(registry, {"resourceType": "Consent", "id": "w", **consent("w", mode, "2024-06-30")})
    counts = make().counts
    if mode == "retain-until-withdrawal":
        assert counts == {"removed": 1, "updated": 1, "unchanged": 5}
        assert versions(registry, "Patient") == 3
        assert not any("deceasedDateTime" in each for each in told(registry, "Patient").values())
    else:
        assert counts == {"removed": 3, "unchanged": 4}
        gone = ids - told(registry, "Patient").keys() - told(registry, "Condition").keys()
        assert len(gone) == 3 and not any(id in row for id in gone for row in rows(registry))
    assert agrees(registry) == []


def test_who_is_erased_during_a_run_goes_in_the_next(registry, make):
    """The run has read the sources as of the moment before."""
    store(registry, *RESOURCES, patient("w"), condition("w1", "Patient/w", "2024-05-01"))
    erased = []

    def erase_somebody(*_):
        if not erased:
            erased.append(erase(registry, SOURCE, "w", "consent-withdrawn", Event("destroy", "test"), BASE))

    with pytest.raises(PseudonymiseError, match=r"Somebody was erased while this run .* run it again"):
        make(progress=erase_somebody)
    assert len(told(registry, "Patient")) == 3
    assert make().counts == {"removed": 2, "unchanged": 4}
    assert agrees(registry) == []


def rows(registry):
    """All rows of the site, as texts."""
    tables = registry.store.tables
    with registry.store.read(EVERYWHERE) as connection:
        for table in (tables.fixed | tables.derived).values():
            column = table.c.get("_site", table.c.get("site"))
            if column is not None and table.name != "site":
                yield from map(str, connection.execute(select(table).where(column == number(registry))))


def test_nothing_that_identifies_is_stored_or_found(registry, make):
    store(registry, *RESOURCES)
    store(registry, *RESOURCES, site=make_site(registry, "klinik-b"))
    make(LINKED)
    stored = [row.lower() for row in rows(registry)]
    assert len(stored) > 50 and not [row for row in stored for word in PLANTED if word in row]
    for query, found in (
        ("Patient?gender=female", True),
        ("Patient?name=Quillfeather", False),
        (f"Patient?identifier={NATIONAL}|85.07.30-033.28", False),
        ("Patient?identifier=85.07.30-033.28", False),
        ("Patient?birthdate=1961-04-05", False),
        ("Patient?address-city=Ghent", False),
        ("Patient?_id=p1", False),
        ("Condition?code=C50.9", True),
        ("Condition?onset-date=2024-01-31", False),
        ("Condition?subject=Patient/p1", False),
        ("Condition?patient.name=Quillfeather", False),
        ("Practitioner?name=Quillfeather", False),
    ):
        type, _, parameters = query.partition("?")
        pairs = [tuple(pair.split("=", 1)) for pair in parameters.split("&")]
        for site, expected in ((SOURCE, True), (number(registry), found)):
            bundle = json.parse(search(registry, site, type, pairs, Client(BASE)))
            assert bool(bundle.get("entry")) == expected, (site, query)


# --- one person at several sites ------------------------------------------------------------------------


def test_a_person_of_two_sites_is_one_patient(registry, make):
    b = make_site(registry, "klinik-b")
    store(registry, *RESOURCES)
    other = [{"system": NATIONAL, "value": "85073003328"}]  # the same, written in another way
    dead = patient("p1", identifier=other, deceasedDateTime="2024-05-01")
    store(registry, dead, condition("c1", "Patient/p1", "2024-03-31"), site=b)
    store(registry, patient("alone", identifier=[{"system": "urn:mrn", "value": "7"}]), site=b)
    assert make(LINKED).counts == {"created": 5}
    patients, conditions = told(registry, "Patient"), told(registry, "Condition")
    (person,) = (each for each in patients.values() if len(each["identifier"]) == 2)
    assert len(patients) == 2 and "link" not in person
    assert {each["subject"]["reference"] for each in conditions.values()} == {f"Patient/{person['id']}"}
    days = sorted(date.fromisoformat(each["onsetDateTime"]) for each in conditions.values())
    died = date.fromisoformat(person["deceasedDateTime"])
    assert [(died - day).days for day in days] == [91, 61, 31]  # 2024-01-31, 03-01, 03-31 to 05-01
    # Without the system they are two, with dates of their own.
    make(into="apart")
    assert len(told(registry, "Patient", "apart")) == 4


def test_identifiers_join_over_several_sites(registry, make):
    """The one at the first site is known to the second by one number and to the third by another."""
    insurer = "urn:insurer"
    numbers = [{"system": NATIONAL, "value": "85.07.30-033.28"}, {"system": insurer, "value": "A 1"}]
    store(registry, patient("p1", identifier=numbers[::-1]))
    for name, known in (("klinik-b", numbers[:1]), ("klinik-c", numbers[1:])):
        stranger = patient("s", identifier=[{"system": insurer, "value": f"B {name}"}])
        store(registry, patient("x", identifier=known), stranger, site=make_site(registry, name))
    make((KEY, "office", (NATIONAL, insurer), BASE))
    patients = told(registry, "Patient")
    assert sorted(len(each["identifier"]) for each in patients.values()) == [2, 2, 3]
    assert all(id in {each["value"] for each in found["identifier"]} for id, found in patients.items())
    assert make((KEY, "office", (NATIONAL, insurer), BASE)).counts == {"unchanged": 3}


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (({"gender": "female"}, {"gender": "male", "birthDate": "1961"}), {"gender": "female", "birthDate": "1961"}),
        (({"deceasedBoolean": False}, {"deceasedBoolean": True}), {"deceasedBoolean": True}),
        (({"deceasedBoolean": True}, {"deceasedDateTime": "2024-05"}), {"deceasedDateTime": "2024-05"}),
        (({"deceasedDateTime": "2024-05-02"}, {"deceasedDateTime": "2024-05"}), {"deceasedDateTime": "2024-05"}),
        (({"deceasedDateTime": "2024-05"}, {"deceasedDateTime": "2023-12-31"}), {"deceasedDateTime": "2023-12-31"}),
        (({}, {"link": [{"other": {"reference": "Patient/a"}, "type": "replaced-by"}]}), {}),
        (
            ({}, {"link": [{"other": {"reference": "Patient/b"}, "type": "seealso"}]}),
            {"link": [{"other": {"reference": "Patient/b"}, "type": "seealso"}]},
        ),
    ],
)
def test_what_is_said_of_one_person(others, expected):
    own = {"resourceType": "Patient", "id": "a", "identifier": [{"system": "s", "value": "a"}]}
    assert as_one([{**own, **other} for other in others]) == own | expected


def test_a_withdrawal_at_one_site_holds_for_the_person(registry, make):
    b = make_site(registry, "klinik-b")
    store(registry, *RESOURCES)
    store(registry, patient("q"), condition("c1", "Patient/q", "2024-03-31"), site=b)
    make(LINKED)
    store(registry, {"resourceType": "Consent", "id": "w", **consent("q", "erase", "2024-06-30")}, site=b)
    assert make(LINKED).counts == {"removed": 4}
    assert told(registry, "Patient") == told(registry, "Condition") == {}


# --- who else may write ---------------------------------------------------------------------------------


def test_nobody_else_writes_to_it(registry, make):
    store(registry, *RESOURCES)
    make()
    site, (id, *_) = number(registry), told(registry, "Patient")
    entry = {"resource": patient("x"), "request": {"method": "PUT", "url": "Patient/x"}}
    for attempt in (
        lambda: ingest.update(registry, site, "Patient", "x", patient("x")),
        lambda: ingest.create(registry, site, "Patient", {"resourceType": "Patient"}),
        lambda: ingest.delete(registry, site, "Patient", id),
        lambda: ingest.bundle(
            registry, site, {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, BASE
        ),
    ):
        with pytest.raises(FhirError) as refused:
            attempt()
        assert refused.value.kind == "method-not-allowed" and "pseudonymise" in str(refused.value)
    body = json.dumps({"resourceType": "Patient"})
    id = request_body(registry, site, body, True, BASE, 1000)
    do(registry, registry.store.jobs.claim("me", [KIND], id=id))
    assert registry.store.jobs.get(id).state == FAILED and "pseudonymise" in str(registry.store.jobs.get(id).error())
    assert versions(registry, "Patient") == 2
