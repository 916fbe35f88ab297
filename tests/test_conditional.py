"""Conditional reads and writes (https://hl7.org/fhir/R4/http.html#cond-update); ids of the interface checklist."""

import threading

import pytest
from rest_client import body, issue, patient, serving

from fhir_registry.ops import ingest, read
from fhir_registry.ops.open import open_registry

ONE = "Patient?identifier=urn:mrn%7C1"


@pytest.fixture
def rest(prepared):
    with serving(prepared) as opened:
        yield opened


def version(response):
    return response.headers["ETag"][3:-1]


def test_rest_080_conditional_create(rest):
    """REST-080: 201, 200 and 412 for no, one and two matches."""
    condition = {"If_None_Exist": "identifier=urn:mrn%7C1"}
    first, again = (rest.post(patient(1), **condition) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Location"] == first.headers["Location"] and again.headers["ETag"] == 'W/"1"'
    assert body(again) == body(first)
    rest.post(patient(1))
    assert rest.post(patient(1), **condition).status_code == 412
    assert rest.total("Patient") == 2


def test_rest_081_one_of_many_at_once_creates(rest):
    """REST-081: of 32 equal conditional creates at once one is a 201, and one resource is there."""
    answers = []

    def send():
        answers.append(rest.post(patient(1), If_None_Exist="identifier=urn:mrn%7C1").status_code)

    threads = [threading.Thread(target=send) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200] * 31 + [201]
    assert rest.total("Patient") == 1


@pytest.mark.parametrize(
    "condition", ["", "foo=1", "_sort=_id", "_count=1", "identifier=", "identifier=1&foo=1", "%ff"]
)
def test_rest_082_083_a_condition_must_filter(rest, condition):
    """REST-082, REST-083: empty criteria and those of unknown and result parameters are refused, never `all`."""
    rest.post(patient(1))
    for response in (
        rest.post(patient(1), If_None_Exist=condition),
        rest.send("PUT", f"Patient?{condition}", patient(1, active=True)),
        rest.send("DELETE", f"Patient?{condition}"),
    ):
        assert response.status_code == 400 and issue(response)
    if condition:
        assert rest.post(patient(1), f"?{condition}").status_code == 400
    assert rest.total("Patient") == 1 and "active" not in rest.read("Patient")["entry"][0]["resource"]


class TestConditionalUpdate:
    """REST-084: the five rows."""

    def test_no_match_and_no_id_creates(self, rest):
        response = rest.send("PUT", ONE, patient(1))
        made = body(response)
        assert response.status_code == 201
        assert response.headers["Location"].endswith(f"/Patient/{made['id']}/_history/1")
        assert rest.read(f"Patient/{made['id']}") == made

    def test_no_match_with_id_creates_under_it(self, rest):
        assert rest.send("PUT", ONE, patient(1, id="mine")).status_code == 201
        assert rest.read("Patient/mine")["meta"]["versionId"] == "1"

    @pytest.mark.parametrize("own", [{}, {"id": "p"}])
    def test_one_match_is_updated(self, rest, own):
        rest.put(patient(1, id="p"))
        response = rest.send("PUT", ONE, patient(1, active=True, **own))
        assert (response.status_code, version(response)) == (200, "2")
        assert response.headers["Location"].endswith("/Patient/p/_history/2")
        assert rest.read("Patient/p")["active"] is True

    def test_one_match_with_another_id_is_refused(self, rest):
        rest.put(patient(1, id="p"))
        response = rest.send("PUT", ONE, patient(1, id="q"))
        assert response.status_code == 400 and issue(response)["expression"] == ["Patient.id"]
        assert rest.total("Patient") == 1

    def test_several_matches_are_refused(self, rest):
        rest.post(patient(1)), rest.post(patient(1))
        response = rest.send("PUT", ONE, patient(1, active=True))
        assert response.status_code == 412 and issue(response)["code"] == "multiple-matches"
        assert rest.total("Patient?active=true") == 0


def test_rest_085_if_match_without_a_match_creates_nothing(rest):
    """REST-085, also for a stale version of the match and for If-None-Match."""
    assert rest.send("PUT", ONE, patient(1), If_Match='W/"1"').status_code == 412
    assert rest.total("Patient") == 0
    rest.put(patient(1, id="p"))
    assert rest.send("PUT", ONE, patient(1, active=True), If_Match='W/"2"').status_code == 412
    assert rest.send("PUT", ONE, patient(1, active=True), If_None_Match="*").status_code == 412
    assert rest.send("PUT", ONE, patient(1, active=True), If_Match='W/"1"').status_code == 200


def test_rest_086_conditional_delete(rest):
    """REST-086: several matches are 412, and nothing is deleted; none is 204."""
    rest.put(patient(1, id="a")), rest.put(patient(1, id="b"))
    response = rest.send("DELETE", ONE)
    assert response.status_code == 412 and issue(response)
    assert rest.total("Patient") == 2
    rest.send("DELETE", "Patient/b")
    assert rest.send("DELETE", ONE, If_Match='W/"7"').status_code == 412
    gone = rest.send("DELETE", ONE)
    assert (gone.status_code, gone.data, version(gone)) == (204, b"", "2")
    assert rest.get("Patient/a").status_code == 410
    assert rest.send("DELETE", ONE).status_code == 204


def test_rest_087_conditions_see_their_own_site(database, content):
    """REST-087: what another site holds is no match."""
    registry = open_registry(database, content, sites=("north", "south"))
    condition = "identifier=urn:mrn%7C1"
    ingest.update(registry, 1, "Patient", "p", patient(1, id="p"))
    assert ingest.delete(registry, 2, "Patient", None, criteria=condition).version is None
    assert ingest.create(registry, 2, "Patient", patient(1), condition).status == 201
    updated = ingest.update(registry, 2, "Patient", None, patient(1, active=True), criteria=condition)
    assert (updated.status, updated.version, updated.id == "p") == (200, 2, False)
    assert read.read(registry, 1, "Patient", "p").version == 1
    registry.close()


def test_rest_088_criteria_in_the_url_of_a_create(rest):
    """REST-088: POST Type?criteria is a conditional create; two conditions exclude each other."""
    first, again = (rest.post(patient(1), "?identifier=urn:mrn%7C1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200) and body(first) == body(again)
    both = rest.post(patient(2), "?identifier=urn:mrn%7C2", If_None_Exist="identifier=urn:mrn%7C2")
    assert both.status_code == 400 and issue(both)
    assert rest.total("Patient") == 1


def test_rest_089_a_condition_may_name_its_type(rest):
    """REST-089: If-None-Exist with a leading `Patient?`."""
    assert rest.post(patient(1), If_None_Exist="Patient?identifier=urn:mrn%7C1").status_code == 201
    assert rest.post(patient(1), If_None_Exist="?identifier=urn:mrn%7C1").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_condition_for_creates_is_not_ignored_elsewhere(rest, method):
    assert rest.put(patient(id="p")).status_code == 201
    response = rest.send(method, "Patient/p", patient(id="p", active=True), If_None_Exist="identifier=urn:mrn%7C1")
    assert response.status_code == 400 and "If-None-Exist" in issue(response)["diagnostics"]
    assert body(rest.get("Patient/p"))["meta"]["versionId"] == "1"


def test_rest_018_056_058_059_versions(rest):
    """REST-018, REST-056, REST-058, REST-059: conditions of an update by id."""
    assert rest.put(patient(id="p"), If_None_Match="*").status_code == 201
    assert rest.put(patient(id="p", active=True), If_None_Match="*").status_code == 412
    assert rest.put(patient(id="p", active=True), If_Match='W/"2"').status_code == 412
    assert rest.put(patient(id="q"), If_Match="*").status_code == 412
    assert rest.put(patient(id="q"), If_Match='W/"1"').status_code == 412
    assert rest.put(patient(id="p", active=True), If_Match="*").status_code == 200
    assert rest.send("DELETE", "Patient/p", If_Match='W/"1"').status_code == 412
    assert rest.send("DELETE", "Patient/p", If_Match='W/"2"').status_code == 204


def test_rest_014_conditional_read(rest):
    """REST-014: the current version is not sent again, by tag and by date, with GET and with HEAD."""
    rest.put(patient(id="p"))
    modified = rest.get("Patient/p").headers["Last-Modified"]
    for method in ("GET", "HEAD"):
        for known in ({"If_None_Match": 'W/"1"'}, {"If_Modified_Since": modified}):
            response = rest.send(method, "Patient/p", **known)
            assert (response.status_code, response.data) == (304, b"")
            assert response.headers["ETag"] == 'W/"1"'
        assert rest.send(method, "Patient/p", If_None_Match='W/"0"').status_code == 200
        # RFC 9110, 13.1.3: with If-None-Match the date does not count.
        assert rest.send(method, "Patient/p", If_None_Match='W/"0"', If_Modified_Since=modified).status_code == 200


def test_rest_022_prefer_an_outcome(rest):
    """REST-022: every write says in words what it did."""
    told = [
        rest.post(patient(1), Prefer="return=OperationOutcome"),
        rest.send("PUT", ONE, patient(1, active=True), Prefer="return=OperationOutcome"),
        rest.post(patient(1), Prefer="return=OperationOutcome", If_None_Exist="identifier=urn:mrn%7C1"),
    ]
    assert [response.status_code for response in told] == [201, 200, 200]
    for response, number in zip(told, (1, 2, 2), strict=True):
        (only,) = body(response)["issue"]
        assert only["severity"] == "information" and only["diagnostics"].endswith(f"its version is {number}")


def test_what_the_registry_owns_cannot_be_reached_by_a_condition(rest):
    measure = rest.read("Measure?_count=1")["entry"][0]["resource"]
    query = f"Measure?_id={measure['id']}"
    assert rest.send("DELETE", query).status_code == 405
    assert rest.send("PUT", query, measure | {"title": "Other"}).status_code == 405
    assert rest.read(f"Measure/{measure['id']}") == measure
