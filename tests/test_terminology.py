"""ConceptMaps and ValueSets as look-ups; the expected codes are read off the maps written here."""

import timeit

import pytest

from fhir_registry.content.errors import ContentError
from fhir_registry.content.terminology import ALIAS, MATCH, TEXT, VIA, ConceptMap, ValueSet

ATC, RXNORM, DRUG, KIND = "http://atc.test", "http://rxnorm.test", "http://drug.test", "http://class.test"
DRUG_MAP = "http://maps.test/drug"


def group(source, target, codes, match=None, alias=None, via=None, unmapped=None):
    extensions = [(MATCH, "valueCode", match), (ALIAS, "valueUri", alias), (VIA, "valueCanonical", via)]
    found = {
        "extension": [{"url": url, key: value} for url, key, value in extensions if value],
        "target": target,
        "element": [
            {"code": code, "target": [{"code": to, "equivalence": "equivalent"}]} for code, to in codes.items()
        ],
    }
    return found | ({"source": source} if source else {}) | ({"unmapped": unmapped} if unmapped else {})


def concept_map(*groups, url=DRUG_MAP, maps=None):
    return ConceptMap.from_resource({"resourceType": "ConceptMap", "url": url, "group": list(groups)}, maps)


def concept(*codings, text=None):
    found = {"coding": [{"system": system, "code": code} for system, code in codings]}
    return found | ({"text": text} if text else {})


def test_code_of_its_system_only():
    drugs = concept_map(group(ATC, DRUG, {"L01CD01": "paclitaxel"}))
    assert drugs.translate(concept((ATC, "L01CD01"))) == "paclitaxel"
    assert drugs.translate({"system": ATC, "code": "L01CD01"}) == "paclitaxel"
    assert drugs.translate(concept((RXNORM, "L01CD01"))) is None
    assert drugs.translate(concept((ATC, "L01CD0"))) is None
    assert drugs.translate(concept((ATC, "l01cd01"))) is None


@pytest.mark.parametrize(
    "nothing", [None, [], (), {}, "", {"coding": []}, {"coding": [{"display": ""}]}, {"coding": [{}]}]
)
def test_nothing_is_nothing(nothing):
    assert concept_map(group(ATC, DRUG, {"L01CD01": "paclitaxel"})).translate(nothing) is None


def test_alias_of_a_system():
    drugs = concept_map(group(ATC, DRUG, {"L01CD01": "paclitaxel"}, alias="urn:oid:1.2.3"))
    assert drugs.translate(concept(("urn:oid:1.2.3", "L01CD01"))) == "paclitaxel"


def test_longest_prefix_and_exact_before_prefix():
    kinds = concept_map(
        group(ATC, KIND, {"C77": "distant", "C77.3": "regional", "C": "other"}, match="prefix"),
        group(ATC, KIND, {"C77.31": "special"}),
    )
    expected = {"C77": "distant", "C77.0": "distant", "C77.3": "regional", "C77.39": "regional", "C77.31": "special"}
    for code, kind in (expected | {"C1": "other", "D77": None}).items():
        assert kinds.translate(concept((ATC, code))) == kind


def test_exact_code_of_a_later_coding_beats_a_prefix_of_the_first():
    kinds = concept_map(group(ATC, KIND, {"L01": "chemo"}, match="prefix"), group(RXNORM, KIND, {"1": "targeted"}))
    assert kinds.translate(concept((ATC, "L01FD01"), (RXNORM, "1"))) == "targeted"
    assert kinds.translate(concept((ATC, "L01FD01"), (RXNORM, "2"))) == "chemo"


def test_codings_in_their_order():
    drugs = concept_map(group(ATC, DRUG, {"A": "a", "B": "b"}))
    assert drugs.translate(concept((ATC, "B"), (ATC, "A"))) == "b"


def test_text_in_front_refines_and_text_behind_fills():
    drugs = concept_map(
        group(
            TEXT,
            DRUG,
            {"力扑素": "paclitaxel-liposome", "paclitaxel liposome": "paclitaxel-liposome"},
            match="contains",
        ),
        group(ATC, DRUG, {"L01CD01": "paclitaxel"}),
        group(TEXT, DRUG, {"paclitaxel": "paclitaxel"}, match="contains"),
    )
    paclitaxel = (ATC, "L01CD01")
    assert drugs.translate(concept(paclitaxel)) == "paclitaxel"
    assert drugs.translate(concept(paclitaxel, text="注射用紫杉醇脂质体(力扑素)")) == "paclitaxel-liposome"
    assert drugs.translate(concept(paclitaxel, text="PACLITAXEL   Liposome\n30 mg")) == "paclitaxel-liposome"
    assert drugs.translate("Paclitaxel 100 mg") == "paclitaxel"
    assert drugs.translate({"coding": [{"system": "x", "code": "y", "display": "Paclitaxel"}]}) == "paclitaxel"


def test_whole_text_and_part_of_text():
    values = concept_map(
        group(TEXT, KIND, {"PR": "PR"}), group(TEXT, KIND, {"stable": "SD", "unstable disease": "PD"}, match="contains")
    )
    assert values.translate(" pr ") == "PR"
    assert values.translate("prior") is None
    assert values.translate("disease is stable") == "SD"
    assert values.translate("unstable") is None  # a Latin part begins a word
    assert values.translate("unstable disease, not stable") == "PD"  # the longest part wins


def test_beginning_of_a_text():
    values = concept_map(group(TEXT, KIND, {"stable": "SD", "stable but": "other"}, match="prefix"))
    assert values.translate("Stable disease") == "SD"
    assert values.translate("stable but worse") == "other"
    assert values.translate("not stable") is None


def test_group_without_source_is_of_any_system():
    values = concept_map(group(None, KIND, {"CR": "CR"}))
    assert values.translate("CR") == values.translate(concept(("http://local.test", "CR"))) == "CR"
    assert values.translate("cr") is None


def test_target_code_stands_for_itself():
    drugs = concept_map(group(ATC, DRUG, {"L01CD01": "paclitaxel"}))
    assert drugs.translate(concept((DRUG, "paclitaxel"))) == "paclitaxel"
    assert drugs.translate(concept((DRUG, "aspirin"))) is None


def test_list_takes_the_first_item_that_is_known():
    drugs = concept_map(group(ATC, DRUG, {"A": "a", "B": "b"}))
    assert drugs.translate([concept((ATC, "x")), concept((ATC, "B")), concept((ATC, "A"))]) == "b"
    assert drugs.translate((concept((ATC, "x")), concept((ATC, "A")))) == "a"


def test_unmapped_comes_after_all_items():
    fixed = concept_map(group(ATC, KIND, {"A": "a"}, unmapped={"mode": "fixed", "code": "other"}))
    assert fixed.translate([concept((ATC, "x")), concept((ATC, "A"))]) == "a"
    assert fixed.translate([concept((ATC, "x"))]) == "other"
    assert fixed.translate([]) is None
    provided = concept_map(group(ATC, KIND, {"A": "a"}, unmapped={"mode": "provided"}))
    assert provided.translate(concept((ATC, "x"), (ATC, "y"))) == "x"
    assert provided.translate("only a text") is None


def test_via_looks_up_what_the_other_map_gives():
    drugs = concept_map(group(ATC, DRUG, {"A": "a", "B": "b"}))
    classes = concept_map(
        group(ATC, KIND, {"B": "ignored"}),
        group(DRUG, KIND, {"a": "chemo", "b": "targeted"}, via=DRUG_MAP),
        url="http://maps.test/class",
        maps={DRUG_MAP: drugs},
    )
    assert classes.translate(concept((ATC, "A"))) == "chemo"
    assert classes.translate(concept((DRUG, "b"))) == "targeted"
    assert classes.translate(concept((ATC, "B"))) == "ignored"  # groups count in their order
    assert classes.translate(concept((ATC, "C"))) is None


@pytest.mark.parametrize(
    "bad",
    [
        group(ATC, KIND, {"A": "a"}, match="contains"),
        group(TEXT, KIND, {"A": "a"}, match="suffix"),
        group(DRUG, KIND, {"A": "a"}, via="http://maps.test/absent"),
        group(ATC, KIND, {"A": "a"}, unmapped={"mode": "other-map", "url": DRUG_MAP}),
        {"source": ATC, "target": KIND, "element": [{"code": "A"}]},
        {"source": ATC, "target": KIND, "element": [{"target": [{"code": "a"}]}]},
    ],
)
def test_bad_map_is_refused_with_its_place(bad):
    with pytest.raises(ContentError) as failure:
        concept_map(group(ATC, KIND, {"Z": "z"}), bad)
    assert failure.value.file == DRUG_MAP
    assert failure.value.element.startswith("ConceptMap.group[1]")


def test_hit_by_code_takes_about_a_microsecond():
    drugs = concept_map(group(ATC, DRUG, {f"L01CD{n}": f"drug-{n}" for n in range(500)}))
    value = {"coding": [{"system": ATC, "code": "L01CD77"}]}
    assert min(timeit.repeat(lambda: drugs.translate(value), number=2000, repeat=5)) / 2000 < 5e-6


def value_set(compose, code_systems=None, value_sets=None):
    resource = {"resourceType": "ValueSet", "url": "http://sets.test/one", "compose": compose}
    return ValueSet.from_resource(resource, code_systems, value_sets).codes


def test_value_set_of_concepts_whole_systems_and_other_sets():
    concepts = [{"code": "a"}, {"code": "b"}]
    assert value_set({"include": [{"system": DRUG, "concept": concepts}]}) == {(DRUG, "a"), (DRUG, "b")}
    held = {DRUG: {"a", "b", "c"}}
    assert value_set({"include": [{"system": DRUG}]}, held) == {(DRUG, "a"), (DRUG, "b"), (DRUG, "c")}
    without_b = {"include": [{"system": DRUG}], "exclude": [{"system": DRUG, "concept": [{"code": "b"}]}]}
    assert value_set(without_b, held) == {(DRUG, "a"), (DRUG, "c")}
    other = {"http://sets.test/other": ValueSet("http://sets.test/other", frozenset({(DRUG, "b"), (ATC, "x")}))}
    assert value_set({"include": [{"valueSet": ["http://sets.test/other"]}]}, None, other) == {(DRUG, "b"), (ATC, "x")}
    both = {"include": [{"system": DRUG, "valueSet": ["http://sets.test/other"]}]}
    assert value_set(both, held, other) == {(DRUG, "b")}  # both conditions hold


@pytest.mark.parametrize(
    "include",
    [
        {"system": "http://snomed.info/sct"},
        {"system": DRUG, "filter": [{"property": "concept", "op": "is-a", "value": "a"}]},
        {"valueSet": ["http://sets.test/absent"]},
    ],
)
def test_value_set_that_needs_a_terminology_server_is_refused(include):
    with pytest.raises(ContentError) as failure:
        value_set({"include": [include]})
    assert failure.value.element.startswith("ValueSet.compose.include[0]")
