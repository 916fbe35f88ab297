"""Facts read from the mapped tables, and which patients are one person (endpoints/facts.py)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, select, type_coerce, update

from fhir_registry.endpoints.facts import VIEWS
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry
from fhir_registry.store.facts import read_facts, subject_ranges
from fhir_registry.store.persons import _find_survivors, survivors
from fhir_registry.store.tables import Tables

DAY = 86_400_000_000
URL = "http://localhost/fhir"


def put(registry, type, id, /, **more):
    return ingest.update(registry, 1, type, id, {"resourceType": type, "id": id, **more})


def facts(registry, subjects=None):
    with registry.store.read(1) as connection:
        return list(read_facts(registry.store, connection, 1, subjects))


def test_every_view_has_the_columns_of_its_facts(content):
    tables = Tables(content.views).mapped
    for view, row_type in VIEWS.items():
        missing = set(row_type._fields[1:]) | {"patient"}
        assert missing - {column.name for column in tables[view].columns} == set()


def test_facts_of_a_patient(registry):
    put(registry, "Patient", "p", gender="female", birthDate="1960-05", deceasedDateTime="2021-02-03T10:00:00+09:00")
    put(
        registry,
        "MedicationAdministration",
        "m2",
        status="completed",
        medicationCodeableConcept={"text": "zzz"},
        subject={"reference": "Patient/p"},
        effectiveDateTime="2020-03",
    )
    put(
        registry,
        "MedicationAdministration",
        "m1",
        status="completed",
        medicationReference={"reference": "Medication/drug"},
        subject={"reference": "Patient/p"},
        effectiveDateTime="2020-03-04",
    )
    put(registry, "Medication", "drug", code={"text": "eribulin", "coding": [{"code": "L01XX41"}]})
    put(registry, "Patient", "q")
    person, other = facts(registry)
    assert (person.subject, other.subject) == ("p", "q")
    assert person.first_known_dead is None
    (patient,) = person.patients
    assert patient.source[:2] == ("Patient/p", 1)
    assert (patient.gender, patient.birth_lo, patient.birth_hi) == ("female", -3532, -3502)  # May 1960
    assert (patient.deceased, patient.death_lo) == (True, 18661)  # 2021-02-03, the zone is not applied
    first, second = person.administrations
    assert [first.source.resource, second.source.resource] == [
        "MedicationAdministration/m1",
        "MedicationAdministration/m2",
    ]
    assert (first.drug_code, first.drug_text) == ("L01XX41", "eribulin")
    assert (first.start, first.start_lo, first.start_hi) == ("2020-03-04", 18325, 18325)
    assert (second.start_lo, second.start_hi, second.drug_text) == (18322, 18352, "zzz")
    assert (other.administrations, other.conditions) == ([], [])
    assert [person.subject for person in facts(registry, ["q", "never"])] == ["q"]


VISIT = {"class": {"code": "AMB"}, "status": "finished"}


def test_a_subject_that_is_none_or_too_long_is_in_the_key_of_its_row(registry):
    put(registry, "Encounter", "of-nobody", **VISIT)
    for id_ in ("of-one", "of-two"):
        subject = {"reference": f"http://{'x' * 3000}/Patient/{id_}"}
        put(registry, "Encounter", id_, subject=subject, **VISIT)
    put(registry, "Encounter", "of-nobody", **VISIT | {"status": "cancelled"})
    with registry.store.read(1) as connection:
        query = "SELECT _id, patient, status FROM encounter ORDER BY _id"
        (nobody, _, status), (_, one, _), (_, two, _) = connection.exec_driver_sql(query)
    assert (nobody, status) == ("of-nobody", "cancelled")
    assert one != two
    assert {len(one), len(two)} == {200}
    assert facts(registry) == []


def test_source_keeps_the_submission_of_the_creation(registry):
    put(registry, "Patient", "p")
    put(registry, "Patient", "q")
    put(registry, "Patient", "p", gender="male")
    p, q = facts(registry)
    assert (p.patients[0].source.version, q.patients[0].source.version) == (2, 1)
    assert p.patients[0].source.submission < q.patients[0].source.submission


def test_merged_patients_are_one_person(registry):
    def replaced(id, by):
        link = [{"other": {"reference": f"Patient/{by}"}, "type": "replaced-by"}]
        put(registry, "Patient", id, link=link)
        put(registry, "Condition", f"of-{id}", subject={"reference": f"Patient/{id}"})

    replaced("a", "c")
    replaced("b", "a")
    put(registry, "Patient", "c")
    replaced("y", "x")
    replaced("x", "y")
    replaced("lost", "never")
    people = facts(registry)
    assert [person.subject for person in people] == ["c", "lost", "x"]
    assert [row.source.resource for row in people[0].patients] == ["Patient/c", "Patient/a", "Patient/b"]
    assert [row.source.resource for row in people[0].conditions] == ["Condition/of-a", "Condition/of-b"]
    assert [row.source.resource for row in people[2].patients] == ["Patient/x", "Patient/y"]


def test_the_surviving_patient_alone_may_tell_of_a_merger(registry):
    def replaces(id, *old):
        put(registry, "Patient", id, link=[{"other": {"reference": f"Patient/{o}"}, "type": "replaces"} for o in old])

    replaces("c", "a", "b", "never")
    put(registry, "Patient", "a")
    put(registry, "Patient", "b", link=[{"other": {"reference": "Patient/d"}, "type": "replaced-by"}])
    put(registry, "Patient", "d")
    people = facts(registry)
    assert [[row.source.resource for row in person.patients] for person in people] == [
        ["Patient/c", "Patient/a"],
        ["Patient/d", "Patient/b"],
    ]


def replaced(id, by):
    return "Patient", id, {"link": [{"other": {"reference": by}, "type": "replaced-by"}]}


def test_mergers_across_pages_by_url_and_with_what_is_not_here(registry):
    """Chains a -> m -> z, a circle, a merger told by the URL of the server, one with nobody."""
    for type_, id_, body in (
        replaced("a", "Patient/m"),
        replaced("m", f"{URL}/Patient/z"),
        replaced("k", "Patient/l"),
        replaced("l", "Patient/j"),
        replaced("j", "Patient/l"),
        replaced("n", "Patient/never"),
        ("Patient", "z", {}),
        ("Patient", "zz", {"link": [{"other": {"reference": f"{URL}/Patient/b"}, "type": "replaces"}]}),
        ("Patient", "b", {}),
        ("Patient", "c", {}),
        ("Condition", "of-m", {"subject": {"reference": f"{URL}/Patient/m"}}),
        ("Condition", "more-of-z", {"subject": {"reference": "Patient/z"}}),
        ("Condition", "z-of-z", {"subject": {"reference": f"{URL}/Patient/z"}}),
        ("Condition", "stray", {"subject": {"reference": "Patient/nobody"}}),
    ):
        put(registry, type_, id_, **body)
    members = {"c": "c", "j": "jkl", "n": "n", "z": "zam", "zz": ["zz", "b"]}
    alive = {patient: subject for subject, patients in members.items() for patient in patients}
    with registry.store.read(1) as connection:

        def read(*more, **named):
            return list(read_facts(registry.store, connection, 1, *more, base=URL, **named))

        people = read()
        assert {p.subject: [row.source.resource[8:] for row in p.patients] for p in people} == {
            subject: list(patients) for subject, patients in members.items()
        }
        assert [p.subject for p in people] == sorted(members)
        conditions = {p.subject: [row.source.resource for row in p.conditions] for p in people if p.conditions}
        assert conditions == {"z": ["Condition/more-of-z", "Condition/of-m", "Condition/z-of-z"]}
        assert survivors(registry.store, connection, 1, [*alive, "nobody"], URL) == alive
        assert survivors(registry.store, connection, 1, ["a", "b"]) == {"a": "m", "b": "b"}, "without a URL"
        assert read([*alive, "nobody"]) == people
        assert read(after="c", until="z") == people[1:4]
        for size in (1, 3, 100):
            ranges = subject_ranges(registry.store, connection, 1, size)
            assert len(ranges) == 10 // size + 1
            assert [p for after, until in ranges for p in read(after=after, until=until)] == people


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("abcdefg")))
def test_a_chain_ends_where_walking_ends(replaced_by):
    """Against a walk of as many steps as there are patients, after which one is at the end or goes round."""
    found = _find_survivors({"g": None, **dict.fromkeys("abcdef"), **replaced_by})
    for start in "abcdefg":
        here = start
        for _ in range(7):
            here = replaced_by.get(here, here)
        circle = [here]
        while (here := replaced_by.get(here, here)) not in circle:
            circle.append(here)
        assert found[start] == min(circle)


def test_the_day_on_which_death_became_known(database, content):
    now = [18_000 * DAY + DAY // 2]
    registry = open_registry(database, content, clock=lambda: now[0])
    put(registry, "Patient", "p", deceasedBoolean=False)
    put(registry, "Patient", "dated", deceasedBoolean=True)
    now[0] += 10 * DAY
    put(registry, "Patient", "p", deceasedBoolean=True)
    now[0] += 10 * DAY
    put(registry, "Patient", "p", deceasedBoolean=True, gender="male")
    put(registry, "Patient", "dated", deceasedDateTime="2019-01-01")
    assert [(person.subject, person.first_known_dead) for person in facts(registry)] == [("dated", None), ("p", 18_010)]
    registry.close()


def test_a_damaged_text_in_which_death_may_have_become_known_is_named(registry, caplog):
    for dead in (False, True):
        put(registry, "Patient", "p", deceasedBoolean=dead)
    version = registry.store.tables.version
    with registry.store.database.write(1) as connection:
        (rid,) = connection.execute(select(version.c.rid).where(version.c.type == "Patient").distinct()).scalars()
        first = (version.c.rid == rid, version.c.version == 1)
        connection.execute(update(version).where(*first).values(body=type_coerce(b"\xff", LargeBinary)))
    with pytest.raises(FhirError, match="is damaged"):
        facts(registry)
    assert f"table version, rid {rid}, version 1" in caplog.text


def test_facts_of_more_people_than_a_page(registry):
    entries = [
        {"resource": resource, "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}}
        for number in range(450)
        for resource in (
            {"resourceType": "Patient", "id": f"p{number:03}"},
            {"resourceType": "Condition", "id": f"c{number}", "subject": {"reference": f"Patient/p{number:03}"}},
        )
    ]
    ingest.bundle(registry, 1, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, "http://x")
    people = facts(registry)
    assert [person.subject for person in people] == [f"p{number:03}" for number in range(450)]
    assert all(row.source.resource == f"Condition/c{int(p.subject[1:])}" for p in people for row in p.conditions)
    assert {len(person.conditions) for person in people} == {1}
