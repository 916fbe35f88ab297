"""Codes of value sets, and hierarchies of code systems; the expected codes are read off the resources written here."""

import pytest

from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry
from fhir_registry.ops.terminology import Terminology

BASE = "http://base/fhir"
SITES, STAGES, LAB = "http://test/sites", "http://test/stages", "http://test/lab"


def concept(code, *children, display=None, **properties):
    found = {"code": code, "concept": list(children), "display": display}
    found["property"] = [{"code": name, "valueCode": value} for name, value in properties.items()]
    return {name: value for name, value in found.items() if value}


def code_system(id, url, *concepts, content="complete", **more):
    return {"id": id, "url": url, "content": content, "concept": list(concepts), "status": "active", **more}


def value_set(id, *include, exclude=(), version=None, **compose):
    compose = {"include": list(include), **({"exclude": list(exclude)} if exclude else {}), **compose}
    found = {"id": id, "url": f"http://test/vs/{id}", "status": "active", "compose": compose}
    return found | ({"version": version} if version else {})


def listed(system, *codes):
    return {"system": system, "concept": [{"code": code} for code in codes]}


def filtered(system, property, op, value):
    return {"system": system, "filter": [{"property": property, "op": op, "value": value}]}


def imported(*ids):
    return {"valueSet": [f"http://test/vs/{id}" for id in ids]}


CODE_SYSTEMS = [
    code_system(
        "sites",
        SITES,
        concept("lung", concept("upper-lobe"), concept("lower-lobe", concept("basal"))),
        concept("breast"),
        hierarchyMeaning="is-a",
    ),
    # The same kind of hierarchy in properties, as THO and LOINC write it.
    code_system(
        "stages",
        STAGES,
        concept("II", kind="early", display="Stage II"),
        concept("IIA", parent="II", kind="early"),
        concept("IIB", parent="II"),
        concept("IV", kind="late"),
        property=[{"code": "parent", "type": "code"}, {"code": "kind", "type": "code"}],
    ),
    code_system("flat", "http://test/flat", concept("a"), concept("b")),
    code_system("parts", "http://test/parts", concept("car", concept("wheel")), hierarchyMeaning="part-of"),
    code_system("some", "http://test/some", concept("x", concept("y")), content="fragment"),
]
VALUE_SETS = [
    value_set("psa", listed(LAB, "2857-1", "10886-0")),
    value_set("hb", listed(LAB, "718-7")),
    value_set("both", imported("psa"), imported("hb")),
    value_set("common", imported("psa", "both")),
    value_set("within", {**listed(LAB, "718-7", "2857-1"), **imported("psa")}),
    value_set("whole", {"system": LAB}),
    value_set("whole-and-one", {"system": LAB, **imported("both")}),
    value_set("less", imported("both"), exclude=[listed(LAB, "718-7", "zzz")]),
    value_set("none-left", imported("both"), exclude=[{"system": LAB}]),
    value_set("sites-but", {"system": SITES}, exclude=[listed(SITES, "lung", "breast")]),
    value_set("lab-but", {"system": LAB}, exclude=[listed(LAB, "718-7")]),
    value_set("is-a", filtered(SITES, "concept", "is-a", "lower-lobe")),
    value_set("descendent-of", filtered(SITES, "concept", "descendent-of", "lung")),
    value_set("is-not-a", filtered(SITES, "concept", "is-not-a", "lung")),
    value_set("equals", filtered(STAGES, "kind", "=", "early")),
    value_set("in", filtered(STAGES, "kind", "in", "early, late")),
    value_set("not-in", filtered(STAGES, "kind", "not-in", "early")),
    value_set("exists", filtered(STAGES, "kind", "exists", "true")),
    value_set("exists-not", filtered(STAGES, "kind", "exists", "false")),
    value_set("display", filtered(STAGES, "display", "=", "Stage II")),
    value_set("parent", filtered(STAGES, "parent", "=", "II")),
    value_set("regex", filtered(STAGES, "code", "regex", "I+")),
    value_set("unknown-property", filtered(STAGES, "colour", "=", "red")),
    value_set("no-system", filtered("http://test/nowhere", "kind", "=", "early")),
    value_set("of-a-fragment", filtered("http://test/some", "concept", "is-a", "x")),
    value_set("active-only", listed(LAB, "1"), inactive=False),
    value_set("of-unknown", imported("nowhere")),
    value_set("ring-1", imported("ring-2")),
    value_set("ring-2", imported("ring-1")),
    value_set("of-standard", {"valueSet": ["http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1"]}),
    value_set("old", listed(LAB, "old"), version="1") | {"url": "http://test/vs/versions"},
    value_set("new", listed(LAB, "new"), version="2") | {"url": "http://test/vs/versions"},
    {
        "id": "expanded",
        "url": "http://test/vs/expanded",
        "status": "active",
        "compose": {"include": [filtered("http://snomed.info/sct", "concept", "is-a", "93880001")]},
        "expansion": {
            "timestamp": "2020-01-01",
            "total": 4,
            "contains": [
                {"display": "a heading", "contains": [{"system": "http://snomed.info/sct", "code": "1"}]},
                {"system": "http://snomed.info/sct", "code": "2", "abstract": True},
                {"system": "http://snomed.info/sct", "code": "3"},
            ],
        },
    },
    {
        "id": "first-page",
        "url": "http://test/vs/first-page",
        "status": "active",
        "expansion": {"timestamp": "2020-01-01", "total": 2, "contains": [{"system": LAB, "code": "1"}]},
    },
]


def entry(type, resource):
    resource = {"resourceType": type, **resource}
    return {"resource": resource, "request": {"method": "PUT", "url": f"{type}/{resource['id']}"}}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def terminology(request, new_database, content):
    """What a search of a site with all these resources may ask."""
    registry = open_registry(new_database(request.param), content)
    entries = [*(entry("CodeSystem", r) for r in CODE_SYSTEMS), *(entry("ValueSet", r) for r in VALUE_SETS)]
    ingest.bundle(registry, 1, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, BASE)
    with registry.store.read(1) as connection:
        yield Terminology(registry, connection, 1, BASE)
    registry.close()


def of(system, *codes):
    return {(system, code) for code in codes}


@pytest.mark.parametrize(
    ("id", "expected"),
    [
        ("psa", of(LAB, "2857-1", "10886-0")),
        ("both", of(LAB, "2857-1", "10886-0", "718-7")),
        ("common", of(LAB, "2857-1", "10886-0")),
        ("within", of(LAB, "2857-1")),
        ("whole", {(LAB, None)}),
        ("whole-and-one", of(LAB, "2857-1", "10886-0", "718-7")),
        ("less", of(LAB, "2857-1", "10886-0")),
        ("none-left", set()),
        ("sites-but", of(SITES, "upper-lobe", "lower-lobe", "basal")),
        ("is-a", of(SITES, "lower-lobe", "basal")),
        ("descendent-of", of(SITES, "upper-lobe", "lower-lobe", "basal")),
        ("is-not-a", of(SITES, "breast")),
        ("equals", of(STAGES, "II", "IIA")),
        ("in", of(STAGES, "II", "IIA", "IV")),
        ("not-in", of(STAGES, "IIB", "IV")),
        ("exists", of(STAGES, "II", "IIA", "IV")),
        ("exists-not", of(STAGES, "IIB")),
        ("display", of(STAGES, "II")),
        ("parent", of(STAGES, "IIA", "IIB")),
        ("of-standard", of("http://hl7.org/fhir/administrative-gender", "male", "female", "other", "unknown")),
        ("expanded", of("http://snomed.info/sct", "1", "3")),
        ("versions|1", of(LAB, "old")),
        ("versions|2", of(LAB, "new")),
    ],
)
def test_codes_of_a_value_set(terminology, id, expected):
    assert set(terminology.expand(f"http://test/vs/{id}")) == expected


def test_a_value_set_is_named_by_canonical_or_place(terminology):
    expected = (("http://test/lab", "718-7"),)
    for name in ("http://test/vs/hb", "ValueSet/hb", f"{BASE}/ValueSet/hb"):
        assert terminology.expand(name) == expected
    assert ("https://registry.example/CodeSystem/drug", "fulvestrant") in terminology.expand(
        "https://registry.example/ValueSet/faslodex-index-drugs"
    )
    assert len(terminology.expand("http://hl7.org/fhir/ValueSet/administrative-gender")) == 4


@pytest.mark.parametrize(
    ("name", "code", "named"),
    [
        ("http://test/vs/nowhere", "not-found", "http://test/vs/nowhere"),
        ("http://test/vs/psa|7", "not-found", "http://test/vs/psa|7"),
        ("ValueSet/nowhere", "not-found", "ValueSet/nowhere"),
        ("http://hl7.org/fhir/ValueSet/administrative-gender|3.0.2", "not-found", "3.0.2"),
        ("http://test/vs/of-unknown", "not-found", "http://test/vs/nowhere"),
        ("http://test/vs/versions", "multiple-matches", "http://test/vs/versions"),
        ("http://test/vs/lab-but", "not-supported", LAB),
        ("http://test/vs/regex", "not-supported", "code regex"),
        ("http://test/vs/unknown-property", "not-supported", "colour"),
        ("http://test/vs/no-system", "not-supported", "http://test/nowhere"),
        ("http://test/vs/of-a-fragment", "not-supported", "http://test/some"),
        ("http://test/vs/active-only", "not-supported", "inactive"),
        ("http://test/vs/ring-1", "not-supported", "part of itself"),
        ("http://test/vs/first-page", "not-supported", "not whole"),
    ],
)
def test_what_is_not_known_exactly_is_refused_by_name(terminology, name, code, named):
    with pytest.raises(FhirError) as refused:
        terminology.expand(name)
    assert refused.value.status == 400
    assert refused.value.issues[0].code == code
    assert named in str(refused.value)


def test_below_and_above(terminology):
    assert set(terminology.below(SITES, "lung")) == of(SITES, "lung", "upper-lobe", "lower-lobe", "basal")
    assert set(terminology.above(SITES, "basal")) == of(SITES, "basal", "lower-lobe", "lung")
    assert set(terminology.below(STAGES, "II")) == of(STAGES, "II", "IIA", "IIB")
    assert set(terminology.above(STAGES, "IIA")) == of(STAGES, "II", "IIA")
    assert set(terminology.below(SITES, "unheard-of")) == of(SITES, "unheard-of")


@pytest.mark.parametrize(
    ("system", "code", "named"),
    [
        ("http://test/nowhere", "a", "http://test/nowhere"),
        ("http://test/flat", "a", "hierarchy"),
        ("http://test/parts", "car", "part-of"),
        ("http://test/some", "x", "all its concepts"),
        (None, "lung", "system|code"),
        (SITES, None, "system|code"),
    ],
)
def test_a_hierarchy_that_is_not_known_is_refused(terminology, system, code, named):
    for ask in (terminology.below, terminology.above):
        with pytest.raises(FhirError) as refused:
            ask(system, code)
        assert refused.value.status == 400
        assert named in str(refused.value)


def test_depth_and_size_are_bounded(registry):
    chain = [value_set(f"v{n}", imported(f"v{n + 1}")) for n in range(30)] + [value_set("v30", listed(LAB, "1"))]
    wide = value_set("wide", *(listed(f"{LAB}/{n}", *map(str, range(3_000))) for n in range(7)))
    leaves = [value_set(f"leaf{n}", listed(LAB, str(n))) for n in range(500)]
    many = value_set("many", *(imported(leaf["id"]) for leaf in leaves))
    entries = [entry("ValueSet", resource) for resource in (*chain, wide, *leaves, many)]
    ingest.bundle(registry, 1, {"resourceType": "Bundle", "type": "transaction", "entry": entries}, BASE)
    with registry.store.read(1) as connection:
        for name in ("v0", "wide", "many"):
            with pytest.raises(FhirError) as refused:
                Terminology(registry, connection, 1, BASE).expand(f"http://test/vs/{name}")
            assert (refused.value.status, refused.value.issues[0].code) == (400, "too-costly")
        assert Terminology(registry, connection, 1, BASE).expand("http://test/vs/v15") == ((LAB, "1"),)
