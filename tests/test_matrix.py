"""Searches of every kind answer what looking at every resource answers (https://hl7.org/fhir/R4/search.html).

The searches are in matrix_queries.py, the resources in matrix_world.py, who matches is decided in matrix_truth.py.
"""

import random
import uuid
from collections import Counter
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st
from matrix_queries import MODIFIERS, cells
from matrix_truth import Truth
from matrix_values import interval
from matrix_world import BASE, COUNTS, HIERARCHY, VALUE_SETS, population, terminology

from fhir_registry.core.paging import Client
from fhir_registry.fhir import json
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest, search
from fhir_registry.ops.open import open_registry
from fhir_registry.store.site import add_site
from fhir_registry.store.wall import EVERYWHERE

NOW = interval("2020-02-01T00:00:00Z")[0]
# When the bundles of a site come in: what searches by _lastUpdated tell apart.
MOMENTS = [interval(f"2020-01-15T0{time}Z")[0] for time in ("8:59:59.999", "9:00:00", "9:00:00.500")]
CLIENT = Client(BASE)
# Which way the engine goes: few candidates first, or a walk in the wanted order (docs/search.md).
PLANS = {"candidates": 5_000, "walk": 0}
SMALL = {**dict.fromkeys(COUNTS, 2), "Patient": 7, "Observation": 9, "ValueSet": 4}
SORTS = {
    "Patient": ["family", "given", "birthdate", "gender", "identifier", "organization", "_id", "_lastUpdated", "_tag"],
    "Observation": ["date", "code", "value-quantity", "subject", "combo-value-quantity", "status", "_lastUpdated"],
    "ValueSet": ["url", "name", "date", "version", "_id"],
    "Condition,Observation,DiagnosticReport": ["code", "patient", "_id", "_lastUpdated"],
    "RiskAssessment": ["probability", "subject", "date"],
}


class Sites:
    """A registry to which sites are added, and its clock; no tuple, so that Hypothesis does not print all of it."""

    def __init__(self, database_url, content):
        self.now = NOW
        self.registry = open_registry(database_url, content, clock=lambda: self.now)

    def add(self, resources):
        """A new site with these resources only, which came in at three moments."""
        site = add_site(self.registry.store, uuid.uuid4().hex)
        for number, self.now in enumerate(MOMENTS):
            entries = [_entry(resource) for resource in resources[number :: len(MOMENTS)]]
            ingest.bundle(
                self.registry, site, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, BASE
            )
        self.now = NOW
        return Ward(self.registry, site, [(resource["resourceType"], resource["id"]) for resource in resources])


class Ward:
    """A site, and the Truth about the resources `keys`: (type, id)."""

    def __init__(self, registry, site, keys):
        self.registry, self.site = registry, site
        self.truth = Truth(registry.content.search_params, BASE, NOW, VALUE_SETS, HIERARCHY)
        reader = registry.store.reader
        with registry.store.read(EVERYWHERE) as connection:
            for key, state in reader.states(connection, site, keys).items():
                stored = reader.read(connection, site, *key)
                self.truth.add(json.parse(stored.body), state.rid, state.updated)

    def ask(self, types, pairs):
        """(type, id) of the matches of all pages, in their order. types: one, or several with commas between."""
        found, path = [], types
        if "," in types:
            path, pairs = "", [("_type", types), *pairs]
        while pairs is not None:
            bundle = json.parse(search.search(self.registry, self.site, path, pairs, CLIENT))
            found += [(e["resource"]["resourceType"], e["resource"]["id"]) for e in bundle.get("entry", ())]
            assert len(found) == len(set(found)), f"{types}?{pairs}: the pages say the same again"
            following = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
            pairs = following and parse_qsl(urlsplit(following).query)
        return found


def _entry(resource):
    place = f"{resource['resourceType']}/{resource['id']}"
    return {"resource": resource, "request": {"method": "PUT", "url": place}}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def sites(request, new_database, content):
    """A registry for sites of their own."""
    opened = Sites(new_database(request.param), content)
    yield opened
    opened.registry.close()


@pytest.fixture(scope="module")
def ward(sites):
    """The site in which single searches are tried."""
    return sites.add([*terminology(), *population(random.Random(20), COUNTS)])


@pytest.mark.parametrize("plan", PLANS)
def test_every_cell(ward, plan):
    ward.registry.store.search.few = PLANS[plan]
    counted, found, wrong = Counter(), Counter(), []
    # The walk is the same code for most cells: every third is tried.
    for kind, types, name, value in cells()[:: 1 if PLANS[plan] else 3]:
        answer = ward.ask(types, [(name, value), ("_count", "1000"), ("_total", "none")])
        expected = ward.truth.search(types.split(","), [(name, value)])
        counted[kind] += 1
        found[kind] += bool(expected)
        if answer != expected:
            more, less = (sorted(id for _, id in set(a) - set(b)) for a, b in ((answer, expected), (expected, answer)))
            wrong.append(f"{types}?{name}={value}: too many {more}, missing {less}")
    print(f"\n{counted.total()} cells, {found.total()} with matches: {dict(counted)}")
    assert not wrong, f"{len(wrong)} differ:\n" + "\n".join(wrong[:20])
    assert counted.total() > 1_300
    # A kind of search that hardly ever finds anything would prove nothing.
    assert all(found[kind] * 4 > counted[kind] for kind in counted), found


def test_modifiers_of_other_types_are_refused(ward):
    for type_, code, own in MODIFIERS:
        for modifier in {modifier for *_, known in MODIFIERS for modifier in known} | {"iterate", "exat", ""}:
            if modifier not in own:
                with pytest.raises(FhirError) as refused:
                    ward.ask(type_, [(f"{code}:{modifier}", "http://x.test/a|b")])
                assert refused.value.status == 400, f"{code}:{modifier}"


def _grouped():
    """{types: {kind: {name: values}}} of the cells."""
    found = {}
    for kind, types, name, value in cells():
        found.setdefault(types, {}).setdefault(kind, {}).setdefault(name, []).append(value)
    return found


CELLS = _grouped()


@st.composite
def queries(draw):
    """(types, pairs, order, page size): criteria with alternatives, all of which must hold, in an order."""
    types = draw(st.sampled_from(sorted(CELLS)))
    pairs = []
    for _ in range(draw(st.sampled_from([0, 1, 1, 2, 2, 3]))):
        names = CELLS[types][draw(st.sampled_from(sorted(CELLS[types])))]
        name = draw(st.sampled_from(sorted(names)))
        most = 1 if name.endswith(":missing") else 4
        values = draw(st.lists(st.sampled_from(names[name]), min_size=1, max_size=most))
        pairs.append((name, ",".join(values)))
    codes = draw(st.lists(st.sampled_from(SORTS.get(types, ["_id", "_lastUpdated"])), max_size=3, unique=True))
    order = ",".join(draw(st.sampled_from(["", "-"])) + code for code in codes)
    return types, pairs, order, draw(st.integers(1, 5))


# Without shrinking, which would take minutes: the last note names the search that differs.
@settings(max_examples=40, phases=[Phase.generate], suppress_health_check=[HealthCheck.too_slow])
@given(
    seed=st.integers(0, 2**32),
    asked=st.lists(queries(), min_size=10, max_size=20),
    plan=st.sampled_from(sorted(PLANS)),
)
def test_combinations_orders_and_pages(sites, seed, asked, plan):
    ward = sites.add([*terminology(), *population(random.Random(seed), SMALL)])
    sites.registry.store.search.few = PLANS[plan]
    for types, pairs, order, count in asked:
        note(f"{types}?{pairs} sorted by {order}, {count} a page, {plan}")
        expected = ward.truth.search(types.split(","), pairs)
        control = [("_count", str(count))] + ([("_sort", order)] if order else [])
        assert ward.ask(types, pairs + control) == ward.truth.sort(expected, order)
