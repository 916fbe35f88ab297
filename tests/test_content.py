"""The content of the three registries, and what the loader refuses."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from fhir_registry.content.errors import ContentError
from fhir_registry.content.measures import Characteristic
from fhir_registry.content.registry import load_content
from fhir_registry.core.mapping import table_columns
from fhir_registry.core.validate import Validator
from fhir_registry.endpoints.catalogue import check_measure
from fhir_registry.endpoints.facts import DRUG_CLASSES, VIEWS
from fhir_registry.ops.lint import lint_content
from fhir_registry.ops.open import open_registry

BASE = "https://registry.example"
DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "mappings.md"


@pytest.fixture
def extra(tmp_path):
    """write(path, resource) into a folder of additional content; `load()` loads it."""

    class Extra:
        folder = tmp_path / "more"

        def write(self, path, resource):
            path = self.folder / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(resource if isinstance(resource, str) else json.dumps(resource))
            return path

        def load(self):
            return load_content(self.folder)

        def fails(self, path, resource, element=None):
            path = self.write(path, resource)
            with pytest.raises(ContentError) as failure:
                self.load()
            assert failure.value.file == str(path)
            if element is not None:
                assert failure.value.element == element
            return failure.value.message

    return Extra()


def test_the_three_registries_are_there(content):
    assert content.studies.keys() >= {"halaven", "faslodex", "lipusu-her2"}
    endpoints = {id: measure.endpoint for id, measure in content.measures.items()}
    assert endpoints == {
        "halaven-adverse-events": "adverse-events",
        "halaven-dcr": "best-overall-response",
        "faslodex-discontinuation": "discontinuation",
        "faslodex-prior-therapies": "prior-therapy",
        "faslodex-injections": "exposure",
        "lipusu-her2-os": "overall-survival",
        "lipusu-her2-pfs": "progression-free-survival",
        "lipusu-her2-ttf": "time-to-treatment-failure",
        "lipusu-her2-ttp": "time-to-progression",
    }
    assert {measure.study for measure in content.measures.values()} == {"halaven", "faslodex", "lipusu-her2"}


def test_trial_numbers(content):
    numbers = {id: [i["value"] for i in study.get("identifier", ())] for id, study in content.studies.items()}
    assert numbers == {"halaven": [], "faslodex": ["NCT00735215"], "lipusu-her2": ["NCT06481553"]}


def test_every_resource_is_valid_r4_and_keeps_its_profiles(content):
    validator = Validator(content.definitions, content.profiles, content.value_sets)
    for resource in content.resources:
        assert validator.validate(resource) == [], resource.get("url", resource["id"])
        assert validator.validate_profiles(resource) == [], resource.get("url", resource["id"])
    assert len(content.resources) > 50


def test_the_views_deliver_every_column_of_the_facts(content):
    views = {view.name: view for view in content.views}
    for name, row in VIEWS.items():
        columns = {column for column, _ in table_columns(views[name])}
        assert set(row._fields) - {"source"} <= columns, name
        assert "patient" in columns
    assert {"drug", "drug_code", "drug_text", "drug_class"} <= {c for c, _ in table_columns(views["medication"])}


def test_every_column_is_documented(content):
    sections = DOCUMENT.read_text().split("### `")[1:]
    documented = {s.partition("`")[0]: re.findall(r"^\| `(\w+)`", s, re.MULTILINE) for s in sections}
    assert documented == {view.name: [column.name for column in view.columns] for view in content.views}


def test_the_measures_ask_their_endpoints_rightly(content):
    parameters = {id: check_measure(measure) for id, measure in content.measures.items()}
    assert parameters["halaven-dcr"]["indexDrugs"] == {"eribulin"}
    assert parameters["halaven-dcr"]["windowDays"] == 730
    assert parameters["halaven-dcr"]["sdMinDays"] == 42
    assert parameters["faslodex-injections"]["mgPerInjection"] == 250
    survival = parameters["lipusu-her2-os"]
    assert survival["indexDrugs"] == {"paclitaxel-liposome"}
    assert survival["combineWith"] >= {"trastuzumab", "pertuzumab", "inetetamab", "trastuzumab-pertuzumab"}
    assert survival["combineWith"].isdisjoint({"trastuzumab-emtansine", "trastuzumab-deruxtecan", "pyrotinib"})
    assert survival["horizonDays"] == 1826.25


def test_each_measure_states_its_estimand(content):
    for measure in content.measures.values():
        text = measure.resource["description"]
        for attribute in ("Population:", "Treatment:", "Variable:", "Intercurrent events:", "Summary:"):
            assert attribute in text, f"{measure.id} has no {attribute}"


def test_maps_lead_to_codes_of_their_code_systems(content):
    systems = {r["url"]: {c["code"] for c in r.get("concept", ())} for r in content.resources if "concept" in r}
    for resource in content.resources:
        for group in resource.get("group", ()) if resource["resourceType"] == "ConceptMap" else ():
            codes = {target["code"] for element in group["element"] for target in element["target"]}
            assert codes <= systems[group["target"]], resource["url"]
    assert systems[f"{BASE}/CodeSystem/drug-class"] - {"hormonal"} == set(DRUG_CLASSES)
    # Every drug has a class.
    to_class = content.concept_maps[f"{BASE}/ConceptMap/drug-class"]
    for drug in systems[f"{BASE}/CodeSystem/drug"]:
        assert to_class.translate({"system": f"{BASE}/CodeSystem/drug", "code": drug}), drug


SUBJECT = {"reference": "Patient/p1"}
MILLIGRAM = {"value": 250, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
DOSE = {
    "resourceType": "MedicationAdministration",
    "status": "completed",
    "medicationCodeableConcept": {"coding": [{"system": "http://www.whocc.no/atc", "code": "L02BA03"}]},
    "subject": SUBJECT,
    "effectiveDateTime": "2024-01-15",
    "dosage": {"dose": MILLIGRAM},
}
RESPONSE = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": f"{BASE}/CodeSystem/observation-topic", "code": "recist-overall-response"}]},
    "subject": SUBJECT,
    "effectiveDateTime": "2024-03-15",
    "valueCodeableConcept": {"coding": [{"system": f"{BASE}/CodeSystem/observation-value", "code": "PR"}]},
}
VISIT = {
    "resourceType": "Encounter",
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    "type": [{"coding": [{"system": f"{BASE}/CodeSystem/visit", "code": "visit-1"}]}],
    "subject": SUBJECT,
    "period": {"start": "2024-01-15"},
}
THERAPY = {
    "resourceType": "MedicationStatement",
    "status": "completed",
    "medicationCodeableConcept": {"text": "Tamoxifen"},
    "subject": SUBJECT,
    "effectivePeriod": {"start": "2019", "end": "2023-12"},
}
PERSON = {"resourceType": "Patient", "identifier": [{"value": "x7"}], "birthDate": "1970", "gender": "female"}
CHANGES = [
    ("halaven-eribulin-administration", DOSE, {"dosage": {"rateQuantity": {"value": 1, "unit": "mg/h"}}}),
    ("halaven-eribulin-administration", DOSE, {"dosage": {"dose": MILLIGRAM | {"code": "g"}}}),
    ("halaven-eribulin-administration", DOSE, {"status": "unknown"}),
    ("halaven-tumour-response", RESPONSE, {"effectiveDateTime": None, "effectivePeriod": {"start": "2024-03-15"}}),
    ("halaven-tumour-response", RESPONSE, {"valueCodeableConcept": {"text": "better"}}),
    ("halaven-tumour-response", RESPONSE, {"code": {"text": "response"}}),
    ("faslodex-fulvestrant-administration", DOSE, {"dosage": None}),
    ("faslodex-study-encounter", VISIT, {"type": [{"text": "control"}]}),
    ("faslodex-study-encounter", VISIT, {"period": {"end": "2024-01-16"}}),
    ("faslodex-prior-therapy", THERAPY, {"effectivePeriod": None}),
    ("lipusu-her2-administration", DOSE, {"status": "on-hold"}),
    ("lipusu-her2-vital-status", PERSON, {"birthDate": None}),
]


@pytest.mark.parametrize(("profile", "resource", "change"), CHANGES)
def test_profiles_accept_what_is_right_and_refuse_what_is_not(content, profile, resource, change):
    validator = Validator(content.definitions, content.profiles, content.value_sets)
    right = resource | {"meta": {"profile": [f"{BASE}/StructureDefinition/{profile}"]}}
    wrong = {key: value for key, value in (right | change).items() if value is not None}
    assert validator.validate(right) == validator.validate(wrong) == validator.validate_profiles(right) == []
    assert validator.validate_profiles(wrong)


def test_hash_is_of_the_files(content, extra):
    study = {"resourceType": "ResearchStudy", "id": "toy", "status": "active"}
    extra.write("profiles/toy/ResearchStudy-toy.json", study)
    first = extra.load().hash
    assert content.hash == load_content().hash != first == extra.load().hash
    extra.write("profiles/toy/ResearchStudy-toy.json", study | {"title": "Toy"})
    assert extra.load().hash != first


def test_shared_content_comes_first(extra):
    extra.write(
        "profiles/aaa/ResearchStudy-aaa.json", {"resourceType": "ResearchStudy", "id": "aaa", "status": "active"}
    )
    kinds = [r.get("id") for r in extra.load().resources]
    assert kinds.index("aaa") > kinds.index("drug")


def test_map_of_a_registry_extends_a_shared_one(extra):
    extra.write(
        "profiles/toy/ConceptMap-toy-products.json",
        {
            "resourceType": "ConceptMap",
            "id": "toy-products",
            "extension": [
                {
                    "url": f"{BASE}/StructureDefinition/concept-map-extends",
                    "valueCanonical": f"{BASE}/ConceptMap/drug",
                }
            ],
            "url": f"{BASE}/ConceptMap/toy-products",
            "status": "active",
            "group": [
                {
                    "source": "https://hospital.example/products",
                    "target": f"{BASE}/CodeSystem/drug",
                    "element": [{"code": "YP-1", "target": [{"code": "pyrotinib", "equivalence": "equivalent"}]}],
                }
            ],
        },
    )
    maps = extra.load().concept_maps
    product = {"system": "https://hospital.example/products", "code": "YP-1"}
    assert maps[f"{BASE}/ConceptMap/drug"].translate(product) == "pyrotinib"
    assert maps[f"{BASE}/ConceptMap/drug-class"].translate(product) == "targeted"
    # What the shared map knew it still knows.
    eribulin = {"system": "http://www.whocc.no/atc", "code": "L01XX41"}
    assert maps[f"{BASE}/ConceptMap/drug"].translate(eribulin) == "eribulin"


def test_json_error_names_the_file(extra):
    assert "JSON" in extra.fails("profiles/toy/bad.json", '{"resourceType": "ValueSet",')
    assert "twice" in extra.fails("profiles/toy/bad.json", '{"resourceType": "ValueSet", "id": "a", "id": "b"}')


def test_missing_and_double_names_are_refused(extra):
    value_set = {"resourceType": "ValueSet", "id": "toy", "url": f"{BASE}/ValueSet/toy", "status": "active"}
    extra.fails("profiles/toy/a.json", {**value_set, "resourceType": "Patient"}, "resourceType")
    extra.fails("profiles/toy/a.json", {k: v for k, v in value_set.items() if k != "url"}, "ValueSet.url")
    extra.fails("profiles/toy/a.json", {k: v for k, v in value_set.items() if k != "id"}, "ValueSet.id")
    extra.write("profiles/toy/a.json", value_set)
    message = extra.fails("profiles/toy/b.json", value_set | {"id": "other"}, "ValueSet.url")
    assert "a.json" in message
    extra.fails("profiles/toy/b.json", value_set | {"url": f"{BASE}/ValueSet/other"}, "ValueSet.id")


def test_view_with_an_unknown_map_is_refused(extra):
    view = {
        "resourceType": "ViewDefinition",
        "url": f"{BASE}/ViewDefinition/toy",
        "name": "toy",
        "status": "active",
        "resource": "Observation",
        "select": [{"column": [{"name": "x", "path": "code", "tag": [{"name": "concept-map", "value": "absent"}]}]}],
    }
    assert "absent" in extra.fails("mappings/toy/view.json", view)
    view["select"][0]["column"][0] = {"name": "x", "path": "nonsense"}
    extra.fails("mappings/toy/view.json", view, "ViewDefinition.select[0].column[0].path")


def toy_measure(**changes):
    measure = {
        "resourceType": "Measure",
        "id": "toy",
        "url": f"{BASE}/Measure/toy",
        "status": "active",
        "useContext": [{"code": {"code": "program"}, "valueReference": {"reference": "ResearchStudy/halaven"}}],
        "group": [
            {"population": [{"criteria": {"language": "text/x-registry-endpoint", "expression": "exposure"}}]},
        ],
    }
    return measure | changes


def parameter(name, **value):
    url = f"{BASE}/StructureDefinition/measure-parameter"
    return {"url": url, "extension": [{"url": "name", "valueCode": name}, {"url": "value", **value}]}


@pytest.mark.parametrize(
    ("changes", "element", "word"),
    [
        ({"group": []}, "Measure.group.population.criteria", "endpoint"),
        ({"useContext": []}, "Measure.useContext", "program"),
        (
            {"useContext": [{"code": {"code": "program"}, "valueReference": {"reference": "ResearchStudy/absent"}}]},
            "Measure.useContext",
            "absent",
        ),
        (
            {"extension": [parameter("indexDrugs", valueCanonical=f"{BASE}/ValueSet/absent")]},
            "Measure.extension[0]",
            "absent",
        ),
        ({"extension": [parameter("minAge", valueInteger=1)] * 2}, "Measure.extension[1]", "twice"),
        ({"extension": [parameter("minAge")]}, "Measure.extension[0]", "value"),
    ],
)
def test_bad_measure_is_refused(extra, changes, element, word):
    message = extra.fails("measures/toy/Measure-toy.json", toy_measure(**changes), element)
    assert word in message


def test_parameters_have_the_types_of_their_values(extra):
    parameters = [
        parameter("indexDrugs", valueCanonical=f"{BASE}/ValueSet/halaven-index-drugs"),
        parameter("requireEnrolment", valueBoolean=False),
        parameter("minAge", valueInteger=0),
        parameter("cancer", valueCode="breast"),
    ]
    extra.write("measures/toy/Measure-toy.json", toy_measure(extension=parameters))
    measure = extra.load().measures["toy"]
    expected = {"indexDrugs": frozenset({"eribulin"}), "requireEnrolment": False, "minAge": 0, "cancer": "breast"}
    assert {name: measure.parameters[name] for name in expected} == expected
    # What a Measure does not say of drugs is said by the content that all share.
    assert measure.parameters["maintainedDrugs"] >= {
        "trastuzumab",
        "pertuzumab",
        "inetetamab",
        "pyrotinib",
        "lapatinib",
    }
    assert measure.parameters["substitutions"] == {
        ("nab-paclitaxel", "paclitaxel"),
        ("paclitaxel-liposome", "paclitaxel"),
        ("carboplatin", "cisplatin"),
    }
    assert measure.parameters["fixedCombinations"] == {
        ("trastuzumab-pertuzumab", "trastuzumab"),
        ("trastuzumab-pertuzumab", "pertuzumab"),
    }
    assert measure.parameters.keys() == expected.keys() | {"maintainedDrugs", "substitutions", "fixedCombinations"}


def test_unknown_endpoint_and_parameter_are_refused_by_the_catalogue(extra):
    criteria = {"language": "text/x-registry-endpoint", "expression": "quality-of-life"}
    extra.write("measures/toy/Measure-toy.json", toy_measure(group=[{"population": [{"criteria": criteria}]}]))
    with pytest.raises(ContentError, match="quality-of-life"):
        check_measure(extra.load().measures["toy"])
    index_drugs = parameter("indexDrugs", valueCanonical=f"{BASE}/ValueSet/halaven-index-drugs")
    wrong = toy_measure(extension=[index_drugs, parameter("horizont", valueInteger=1)])
    extra.write("measures/toy/Measure-toy.json", wrong)
    with pytest.raises(ContentError, match="horizont"):
        check_measure(extra.load().measures["toy"])


def divided_by(expression, code="x", language="text/x-registry-characteristic", **more):
    """A stratifier, or supplemental data."""
    return {"code": {"text": code}, "criteria": {"language": language, "expression": expression}} | more


def stratified(*stratifiers, **changes):
    measure = toy_measure(**changes)
    return measure | {"group": [{**measure["group"][0], "stratifier": list(stratifiers)}]}


def test_stratifiers_and_supplemental_data_are_read(extra):
    coding = {"system": f"{BASE}/CodeSystem/characteristic", "code": "antibodies", "display": "Antibodies"}
    antibodies = divided_by(f"antibodies {BASE}/ValueSet/halaven-index-drugs", code=None, description="Not this")
    age = divided_by("age 65", "age", description="Age in years")
    sex = divided_by("sex", "sex", usage=[{"text": "any"}])
    toy = stratified(antibodies | {"code": {"coding": [coding]}}, age, supplementalData=[age, sex])
    extra.write("measures/toy/Measure-toy.json", toy)
    measure = extra.load().measures["toy"]
    assert measure.stratifiers == (
        Characteristic(
            "antibodies",
            "Antibodies",
            f"antibodies {BASE}/ValueSet/halaven-index-drugs",
            "antibodies",
            (frozenset({"eribulin"}),),
            "Measure.group[0].stratifier[0]",
        ),
        Characteristic("age", "Age in years", "age 65", "age", ("65",), "Measure.group[0].stratifier[1]"),
    )
    assert [(each.code, each.text, each.element) for each in measure.supplemental] == [
        ("age", "Age in years", "Measure.supplementalData[0]"),
        ("sex", "sex", "Measure.supplementalData[1]"),
    ]


def test_the_registries_are_divided_as_the_definitions_say(content):
    # Section 1.9 lists the subgroups of the Lipusu registry.
    of_lipusu = {
        "hormone-receptor",
        "disease-onset",
        "prior-anti-her2",
        "antibodies",
        "age",
        "ecog",
        "visceral-metastasis",
    }
    codes = next(r for r in content.resources if r["id"] == "characteristic")["concept"]
    for measure in content.measures.values():
        declared = {each.code for each in measure.stratifiers}
        if measure.study == "lipusu-her2":
            assert declared == of_lipusu
        assert {"age", "ecog"} <= declared
        supplemental = {each.code for each in measure.supplemental}
        assert {"sex", "age-group", "menopause", "hormone-receptor"} <= supplemental
        assert declared | supplemental <= {concept["code"] for concept in codes}


@pytest.mark.parametrize(
    ("stratifiers", "supplemental", "element", "word"),
    [
        ([divided_by("sex", language="text/cql")], [], "Measure.group[0].stratifier[0].criteria", "language"),
        ([{"code": {"text": "x"}, "component": []}], [], "Measure.group[0].stratifier[0].criteria", "components"),
        ([divided_by("sex", "Sex")], [], "Measure.group[0].stratifier[0].code", "Sex"),
        ([], [divided_by("sex", "")], "Measure.supplementalData[0].code", "code"),
        (
            [divided_by("sex", "a"), divided_by(f"drug {BASE}/ValueSet/absent", "b")],
            [],
            "Measure.group[0].stratifier[1].criteria.expression",
            "absent",
        ),
        ([divided_by("sex"), divided_by("age 65")], [], "Measure.group[0].stratifier[1].code", "twice"),
        ([divided_by("age 65")], [divided_by("age 50")], "Measure.supplementalData[0].code", "twice"),
    ],
)
def test_bad_stratifier_is_refused(extra, stratifiers, supplemental, element, word):
    toy = stratified(*stratifiers, supplementalData=supplemental)
    assert word in extra.fails("measures/toy/Measure-toy.json", toy, element)


def test_maps_in_a_circle_are_refused(extra):
    def through(id, other):
        via = {"url": f"{BASE}/StructureDefinition/concept-map-via", "valueCanonical": f"{BASE}/ConceptMap/{other}"}
        return {
            "resourceType": "ConceptMap",
            "id": id,
            "url": f"{BASE}/ConceptMap/{id}",
            "status": "active",
            "group": [{"extension": [via], "source": "a", "target": "b", "element": []}],
        }

    extra.write("profiles/toy/ConceptMap-one.json", through("one", "two"))
    extra.fails("profiles/toy/ConceptMap-two.json", through("two", "one"), "ConceptMap.group[0]")


def lint(content):
    lint_content(content, Validator(content.definitions, content.profiles, content.value_sets))


def test_lint_finds_nothing_in_the_three_registries(content):
    lint(content)


def test_lint_finds_what_is_not_r4(extra):
    study = {"resourceType": "ResearchStudy", "id": "toy", "status": "running"}
    extra.write("profiles/toy/ResearchStudy-toy.json", study)
    with pytest.raises(ContentError) as failure:
        lint(extra.load())
    assert failure.value.file.endswith("profiles/toy/ResearchStudy-toy.json")
    assert failure.value.element == "ResearchStudy.status"


def test_bad_content_stops_the_start_before_the_database_is_touched(extra, tmp_path):
    extra.write("measures/toy/Measure-toy.json", toy_measure(status="running"))
    with pytest.raises(ContentError) as failure:
        open_registry(f"sqlite:///{tmp_path}/x.sqlite", extra.load())
    assert failure.value.file.endswith("measures/toy/Measure-toy.json")
    assert failure.value.element == "Measure.status"
    assert list(tmp_path.glob("x.sqlite*")) == []


def test_lint_finds_an_unknown_parameter(extra):
    extra.write("measures/toy/Measure-toy.json", toy_measure(extension=[parameter("horizont", valueInteger=1)]))
    with pytest.raises(ContentError, match=r"Measure-toy\.json.*horizont"):
        lint(extra.load())


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        ("shoe-size", "shoe-size"),
        ("age", "whole"),
        ("observation mood", "ecog"),
        ("condition gout", "breast"),
        ("metastasis liver hair", "pleura"),
    ],
)
def test_lint_finds_an_unknown_characteristic(extra, expression, word):
    drugs = parameter("indexDrugs", valueCanonical=f"{BASE}/ValueSet/halaven-index-drugs")
    extra.write("measures/toy/Measure-toy.json", stratified(divided_by(expression), extension=[drugs]))
    with pytest.raises(ContentError, match=word) as failure:
        lint(extra.load())
    assert failure.value.file.endswith("measures/toy/Measure-toy.json")
    assert failure.value.element == "Measure.group[0].stratifier[0].criteria.expression"


def test_lint_knows_the_topics_that_a_map_of_the_registry_adds(extra):
    drugs = parameter("indexDrugs", valueCanonical=f"{BASE}/ValueSet/halaven-index-drugs")
    toy = stratified(divided_by("observation mood"), divided_by("condition regional", "y"), extension=[drugs])
    extra.write("measures/toy/Measure-toy.json", toy)
    concept_map = {
        "resourceType": "ConceptMap",
        "id": "toy-topics",
        "extension": [
            {
                "url": f"{BASE}/StructureDefinition/concept-map-extends",
                "valueCanonical": f"{BASE}/ConceptMap/observation-topic",
            }
        ],
        "url": f"{BASE}/ConceptMap/toy-topics",
        "status": "active",
        "group": [
            {
                "source": "https://hospital.example/scales",
                "target": "https://hospital.example/topics",
                "element": [{"code": "7", "target": [{"code": "mood", "equivalence": "equivalent"}]}],
            }
        ],
    }
    extra.write("profiles/toy/ConceptMap-toy-topics.json", concept_map)
    lint(extra.load())


def test_lint_finds_views_and_columns_that_the_facts_miss(content):
    without = [view for view in content.views if view.name != "encounter"]
    with pytest.raises(ContentError, match="encounter"):
        lint(content._replace(views=tuple(without)))
    encounter = next(view for view in content.views if view.name == "encounter")
    short = replace(encounter, columns=tuple(c for c in encounter.columns if c.name != "disposition"))
    with pytest.raises(ContentError, match="disposition"):
        lint(content._replace(views=(*without, short)))


def test_misshapen_resource_names_its_file(extra):
    extra.fails("measures/toy/a.json", toy_measure(useContext=[{}]), "Measure")
    extra.fails("measures/toy/a.json", toy_measure(group="all"), "Measure")


def test_folder_without_content_is_refused(tmp_path):
    with pytest.raises(ContentError) as failure:
        load_content(tmp_path / "absent")
    assert Path(failure.value.file).name == "absent"
