"""The outside fixture of searches: every request and the ids that it finds (https://hl7.org/fhir/R4/search.html).

The requests are the rows T01 to T29, S01 to S14, D01 to D28, Q01 to Q11, X01 to X04, R01 to R09 and H01 to H11 of the
interface checklist. Each is asked in both plans: few candidates first, and a walk.
"""

import csv
from urllib.parse import quote

import pytest
from searches import BASE, ids, served_fixture


@pytest.fixture(scope="module")
def requests(cases):
    """[(id, request, expected)]."""
    with open(cases / "cases/interop/search_cases.tsv", encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    assert len(rows) == 106
    return [row[:3] for row in rows]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def client(request, cases, new_database, content):
    with served_fixture(new_database(request.param), content, cases) as client:
        yield client


@pytest.mark.parametrize("few", [5000, 0])
def test_what_each_request_finds(client, requests, few):
    client.application.extensions["fhir_registry"].store.search.few = few
    wrong = []
    for name, request, expected in requests:
        place, _, query = request.replace("http://base/fhir", BASE).partition("?")
        response = client.get(f"/fhir/{place}?{quote(query, safe='=&%+')}")
        if response.status_code == 200:
            bundle = response.get_json()
            found = " ".join(sorted(ids(bundle))) or "(total 0)"
            if few:  # a walk does not count
                assert bundle["total"] == len(ids(bundle))
        else:
            found = f"HTTP {response.status_code}"
        if found != (expected if expected.startswith(("(", "HTTP")) else " ".join(sorted(expected.split()))):
            wrong.append((name, request, expected, found))
    assert wrong == []
