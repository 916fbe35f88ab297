"""Value sets and hierarchies in searches over HTTP (https://hl7.org/fhir/R4/search.html#token)."""

import pytest
from searches import get, ids, served

LAB, SITES = "http://test/lab", "http://test/sites"
MANY = 5_000


def observation(id, code, system=LAB):
    coding = {"system": system, "code": code}
    subject = {"reference": "Patient/p1"}
    return {
        "resourceType": "Observation",
        "id": id,
        "status": "final",
        "code": {"coding": [coding]},
        "subject": subject,
    }


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, new_database, content):
    codes = [{"code": f"c{number}"} for number in range(MANY)]
    large = {"resourceType": "ValueSet", "id": "large", "url": "http://test/vs/large", "status": "active"}
    system = {"resourceType": "CodeSystem", "id": "sites", "url": SITES, "status": "active", "content": "complete"}
    lung = {"code": "lung", "concept": [{"code": "upper-lobe"}, {"code": "lower-lobe"}]}
    with served(
        new_database(request.param),
        content,
        large | {"compose": {"include": [{"system": LAB, "concept": codes}]}},
        system | {"concept": [lung, {"code": "breast"}]},
        {"resourceType": "Patient", "id": "p1"},
        observation("o1", "c0"),
        observation("o2", f"c{MANY - 1}"),
        observation("o3", f"c{MANY}"),
        observation("o4", "c0", "http://test/other"),
        observation("o5", "lung", SITES),
        observation("o6", "upper-lobe", SITES),
        observation("o7", "breast", SITES),
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        # T23, T24: sets of thousands of codes work as small ones do
        ("Observation?code:in=http://test/vs/large", "o1 o2"),
        ("Observation?code:not-in=http://test/vs/large", "o3 o4 o5 o6 o7"),
        ("Observation?code:in=ValueSet/large&_sort=-_id", "o2 o1"),
        ("Observation?code:in=http://test/vs/large&code:in=ValueSet/large&patient=p1", "o1 o2"),
        ("Observation?code:in=http://hl7.org/fhir/ValueSet/administrative-gender", ""),
        ("Patient?_has:Observation:patient:code:in=http://test/vs/large", "p1"),
        (f"Observation?code:below={SITES}|lung", "o5 o6"),
        (f"Observation?code:above={SITES}|upper-lobe", "o5 o6"),
        (f"Observation?code:below={SITES}|upper-lobe,{SITES}|breast", "o6 o7"),
    ],
)
def test_found(client, request_, expected):
    assert ids(get(client, request_)) == expected.split()


@pytest.mark.parametrize(
    ("request_", "named"),
    [
        ("Observation?code:in=http://test/vs/nowhere", "http://test/vs/nowhere"),
        ("Observation?code:not-in=ValueSet/nowhere", "ValueSet/nowhere"),
        ("Observation?code:below=http://test/nowhere|a", "http://test/nowhere"),
        ("Observation?code:above=lung", "system|code"),
        ("Observation?patient.name:in=http://test/vs/large", ":in"),
    ],
)
@pytest.mark.parametrize("handling", ["strict", "lenient"])
def test_refused_by_name(client, request_, named, handling):
    outcome = get(client, request_, status=400, Prefer=f"handling={handling}")
    assert named in outcome["issue"][0]["diagnostics"]


def test_codes_of_all_sets_of_a_search_are_bounded(client):
    assert ids(get(client, "Observation?code:in=http://test/vs/large,ValueSet/large&code:in=ValueSet/large")) == [
        "o1",
        "o2",
    ]
    sets = ",".join(["http://test/vs/large"] * 5)
    assert get(client, f"Observation?code:in={sets}", status=400)["issue"][0]["code"] == "too-costly"
