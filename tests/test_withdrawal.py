"""Withdrawals: what is refused after one, and what reports use of the data (section 5, row 6; docs/consent.md)."""

import pytest
from erasure import consent, observation, person, put
from rest_client import BASE, body, issue, serving
from test_import_job import LIMIT, SITE, import_body, lines, run

from fhir_registry.ops.import_job import KIND_OF_FILES, request_files
from fhir_registry.ops.jobs import KINDS, do
from fhir_registry.ops.withdrawn import WITHDRAWAL

ID = "p"


def withdrawal(mode, when="2024-06-30", id="w", subject=ID, **members):
    profile = "https://registry.example/StructureDefinition/withdrawal"
    return {
        "resourceType": "Consent",
        "id": id,
        "meta": {"profile": [profile]},
        **consent(subject, mode, when, **members),
    }


def seen(id, day, **members):
    return observation(id, ID, effectiveDateTime=day, **members)


@pytest.fixture
def rest(prepared):
    with serving(prepared) as rest:
        assert rest.push(put(person(ID)), put(person("q")), put(seen("old", "2024-05-01"))).status_code == 200
        yield rest


def says(response, *words):
    assert response.status_code == 422, response.get_data(as_text=True)
    told = issue(response)
    assert told["code"] == "business-rule" and all(word in told["diagnostics"] for word in words), told
    return True


@pytest.mark.parametrize("mode", ["stop-collection", "erase"])
def test_nothing_new_is_stored(rest, mode):
    assert rest.put(withdrawal(mode)).status_code == 201
    early = seen("early", "2024-01-01")
    assert says(rest.put(early), "new", "Consent/w", mode)
    assert says(rest.post(early), "Consent/w") and says(rest.push(put(person("r")), put(early)), "Consent/w")
    assert rest.get("Patient/r").status_code == 404  # the whole transaction
    batch = body(rest.push(put(person("r")), put(early), type="batch"))
    assert [entry["response"]["status"][:3] for entry in batch["entry"]] == ["201", "422"]
    assert [code for *_, code, _ in import_body(rest.registry, lines(person("s"), early))[1]] == ["business-rule"]
    assert rest.get("Observation/early").status_code == 404 and rest.get("Patient/s").status_code == 200
    assert rest.put(observation("of-q", "q")).status_code == 201


def test_what_is_dated_up_to_the_withdrawal_may_still_come(rest):
    assert rest.put(withdrawal("retain-until-withdrawal")).status_code == 201
    for day, status in (("2024-06-30", 201), ("2024-06", 201), ("2024-07-01", 422), ("2025", 422)):
        assert rest.put(seen(f"o-{day}", day)).status_code == status, day
    assert says(rest.put(person(ID) | {"deceasedDateTime": "2024-08-01"}), "dated after")
    assert rest.put(person(ID) | {"deceasedDateTime": "2024-06-01"}).status_code == 200


def test_a_correction_is_stored_when_it_is_not_dated_later(rest):
    assert rest.put(seen("later", "2024-07-15")).status_code == 201
    assert rest.put(withdrawal("stop-collection")).status_code == 201
    assert rest.put(seen("old", "2024-04-01")).status_code == 200
    assert says(rest.put(seen("old", "2024-08-01")), "dated after")
    assert rest.put(seen("later", "2024-07-15")).status_code == 200  # the same again
    assert says(rest.put(seen("later", "2024-07-16")), "dated after")
    assert rest.send("DELETE", "Observation/old").status_code == 204
    assert says(rest.put(seen("old", "2024-04-01")), "new")


def test_a_withdrawal_holds_as_long_as_it_is_active(rest):
    assert rest.put(withdrawal("stop-collection")).status_code == 201
    assert says(rest.put(seen("o", "2024-01-01")), "new")
    assert rest.put(withdrawal("stop-collection", status="inactive")).status_code == 200
    assert rest.put(seen("o", "2024-01-01")).status_code == 201


def test_its_own_bundle_may_hold_data(rest):
    """What stands in one transaction with it was collected before it was known."""
    assert rest.push(put(withdrawal("stop-collection")), put(seen("with", "2024-06-01"))).status_code == 200
    assert says(rest.put(seen("after", "2024-06-01")), "new")


def test_a_withdrawal_may_name_its_patient_by_url(rest):
    told = withdrawal("stop-collection", patient={"reference": f"http://localhost/fhir/Patient/{ID}"})
    assert rest.put(told).status_code == 201
    assert says(rest.put(seen("o", "2024-01-01")), "new", "Consent/w")
    assert rest.put(observation("of-q", "q")).status_code == 201


@pytest.mark.parametrize("mode", ["stop-collection", "retain-until-withdrawal", "erase"])
def test_who_has_withdrawn_does_not_come_again_under_another_id(rest, mode):
    own = {"identifier": person(ID)["identifier"]}
    twin = person("twin") | own
    assert rest.put(twin).status_code == 201  # that the two are one, nobody has said
    assert rest.put(withdrawal(mode)).status_code == 201
    for again in (person("again") | own, twin | {"id": "third"}):
        assert says(rest.put(again), f"Patient/{ID}", "Consent/w", mode)
        assert says(rest.post(again), "Consent/w")
        about = observation("late", "again", effectiveDateTime="2024-08-01")
        assert says(rest.push(put(person("again") | own), put(about)), "Consent/w")
    assert says(rest.put(person("q") | own), "Consent/w")  # not new, but not this person until now
    assert rest.get("Patient/again").status_code == 404
    assert rest.put(twin | {"gender": "other"}).status_code == 200
    elsewhere = {"identifier": [own["identifier"][0] | {"system": "urn:other"}]}
    assert rest.put(person("again") | elsewhere).status_code == 201


def test_who_has_withdrawn_may_be_merged_and_the_withdrawal_holds_on(rest):
    assert rest.put(withdrawal("stop-collection")).status_code == 201
    link = {"link": [{"other": {"reference": f"Patient/{ID}"}, "type": "replaces"}]}
    assert rest.put(person("q") | {"identifier": person(ID)["identifier"]} | link).status_code == 200
    assert says(rest.put(observation("of-q", "q")), "new", "Consent/w")


@pytest.mark.parametrize("mode", ["stop-collection", "retain-until-withdrawal", "erase"])
@pytest.mark.parametrize("base", ["", f"{BASE}/"])
def test_nor_does_who_has_withdrawn_and_was_deleted(rest, mode, base):
    """Until the withdrawal is taken back."""
    own = {"identifier": person(ID)["identifier"]}
    withdrawn = withdrawal(mode, patient={"reference": f"{base}Patient/{ID}"})
    assert rest.put(withdrawn).status_code == 201
    assert rest.put(person(ID) | {"gender": "female"}).status_code == 200
    assert rest.send("DELETE", f"Patient/{ID}").status_code == 204
    for again in (person("again") | own, person("q") | own):
        assert says(rest.put(again), f"Patient/{ID}", "Consent/w", mode)
        assert says(rest.post(again), "Consent/w")
        assert [code for *_, code, _ in import_body(rest.registry, lines(again))[1]] == ["business-rule"]
    late = observation("late", ID, effectiveDateTime="2024-08-01") | {"subject": {"identifier": own["identifier"][0]}}
    assert says(rest.put(late), "Consent/w")
    assert rest.put(person("r")).status_code == 201
    assert rest.put(withdrawn | {"status": "inactive"}).status_code == 200
    assert rest.put(person("again") | own).status_code == 201


@pytest.mark.parametrize(("base", "status"), [("", 422), (f"{BASE}/", 422), ("https://other.example/fhir/", 201)])
def test_a_withdrawal_holds_for_who_is_linked_here(rest, tmp_path, base, status):
    """A link may be absolute; a Patient of another server is somebody else (docs/security.md)."""
    link = {"link": [{"other": {"reference": f"{base}Patient/{ID}"}, "type": "replaces"}]}
    assert rest.put(person("q") | link).status_code == 200
    assert rest.put(withdrawal("stop-collection")).status_code == 201
    assert rest.put(observation("of-q", "q")).status_code == status
    options = {"content_type": "application/fhir+ndjson", "headers": {"Prefer": "respond-async"}}
    assert rest.open("/fhir/$import", method="POST", data=lines(observation("more", "q")), **options).status_code == 202
    do(rest.registry, rest.registry.store.jobs.claim("me", KINDS))
    file = tmp_path / "file.ndjson"
    file.write_bytes(lines(observation("filed", "q")))
    run(rest.registry, KIND_OF_FILES, request_files(rest.registry, SITE, [file], BASE, LIMIT, 1))
    for id in ("more", "filed"):
        assert rest.get(f"Observation/{id}").status_code == (404 if status == 422 else 200), id


@pytest.mark.parametrize(("base", "status"), [("", 200), (f"{BASE}/", 200), ("https://other.example/fhir/", 422)])
def test_only_a_link_here_makes_both_one(rest, base, status):
    assert rest.put(withdrawal("retain-until-withdrawal")).status_code == 201
    link = {"link": [{"other": {"reference": f"{base}Patient/{ID}"}, "type": "replaces"}]}
    assert rest.put(person("q") | {"identifier": person(ID)["identifier"]} | link).status_code == status


def test_a_record_may_name_its_patient_by_an_identifier(rest):
    assert rest.put(withdrawal("stop-collection")).status_code == 201
    for id, status in ((ID, 422), ("q", 201)):
        subject = {"identifier": person(id)["identifier"][0]}
        assert rest.put(observation(f"logical-{id}", id) | {"subject": subject}).status_code == status
    other = {"identifier": {"system": "urn:other", "value": person(ID)["identifier"][0]["value"]}}
    assert rest.put(observation("of-another-system", ID) | {"subject": other}).status_code == 201


def test_a_withdrawal_that_would_not_hold_is_refused(rest):
    """It tells by an identifier whose it is, or not at all; with the profile and without."""
    by_identifier = withdrawal("erase", patient={"identifier": person(ID)["identifier"][0]})
    bare = {name: value for name, value in by_identifier.items() if name != "meta"}
    of_nobody = {name: value for name, value in bare.items() if name != "patient"}
    for each in (by_identifier, bare, of_nobody):
        assert says(rest.put(each), "patient.reference") and says(rest.push(put(each)), "patient.reference")
    assert rest.total("Consent") == 0
    other = {"coding": [{"system": WITHDRAWAL, "code": "retain-until-withdrawal"}]}
    for more in ([*withdrawal("erase")["category"], other], [{"coding": [{"system": WITHDRAWAL, "code": "all"}]}]):
        assert says(
            rest.put({"resourceType": "Consent", "id": "w"} | consent(ID, "erase") | {"category": more}), "one mode"
        )
    _, refused = import_body(rest.registry, lines(by_identifier))
    assert [code for *_, code, _ in refused] == ["business-rule"]
    assert rest.put(bare | {"status": "inactive"}).status_code == 201


def test_another_consent_means_nothing(rest):
    assert rest.put({"resourceType": "Consent", "id": "w", **consent(ID)}).status_code == 201
    assert rest.put(seen("o", "2024-07-01")).status_code == 201


def test_a_withdrawal_of_a_merged_patient_is_that_of_the_person(rest):
    merged = person("m") | {"link": [{"other": {"reference": f"Patient/{ID}"}, "type": "replaced-by"}]}
    assert rest.push(put(merged), put(withdrawal("stop-collection", subject="m"))).status_code == 200
    assert says(rest.put(seen("o", "2024-01-01")), "Consent/w")


def test_the_period_says_from_when(rest):
    provision = {"type": "deny", "period": {"start": "2024-09-01"}}
    assert rest.put(withdrawal("retain-until-withdrawal", provision=provision)).status_code == 201
    assert (
        rest.put(seen("o", "2024-08-31")).status_code == 201 and rest.put(seen("o2", "2024-09-02")).status_code == 422
    )


@pytest.mark.parametrize(
    "change, element",
    [
        ({"category": [{"text": "leave me alone"}]}, "category"),
        ({"dateTime": None}, "dateTime"),
        ({"provision": {"type": "permit"}}, "provision.type"),
        ({"provision": None}, "provision"),
        ({"patient": None}, "patient"),
    ],
)
def test_the_profile_is_checked(rest, change, element):
    wrong = {name: value for name, value in (withdrawal("erase") | change).items() if value is not None}
    response = rest.put(wrong)
    assert response.status_code in (400, 422)
    told = body(response)["issue"]
    assert any(element in expression for each in told for expression in each.get("expression", ())), told
