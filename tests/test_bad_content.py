"""Content that cannot serve stops the start, and the message holds the file and the element that are wrong."""

from copy import deepcopy

import pytest
from toy_registry import BASE, DRUGS, FILES, custom_measure, measure, write_files

from fhir_registry.content.errors import ContentError
from fhir_registry.content.registry import load_content
from fhir_registry.ops.open import open_registry

MEASURE = "measures/toy/Measure-bad.json"
PARAMETERS = "Measure.extension(measure-parameter)"
SELECT = "Measure.group[0].population[0].criteria.expression"
STRATIFIER = "Measure.group[0].stratifier[0].criteria.expression"


def endpoint(name="overall-survival", stratifiers=(), **parameters):
    return {MEASURE: measure("bad", name, "proportion", stratifiers, **{"indexDrugs": DRUGS, **parameters})}


def custom(select, stratifiers=(), **populations):
    return {MEASURE: custom_measure("bad", select, stratifiers, **(populations or {"numerator": "yes"}))}


def changed(path, change):
    """The file of the toy registry at a path, changed."""
    resource = deepcopy(FILES[path])
    change(resource)
    return {path: resource}


def without_study(resource):
    resource["useContext"][0]["valueReference"]["reference"] = "ResearchStudy/nobody"


def with_path(resource):
    resource["select"][0]["column"][0]["path"] = "subject.nothing"


def extending_nothing(resource):
    resource["extension"][0]["valueCanonical"] = f"{BASE}/ConceptMap/nothing"


def with_type(resource):
    resource["type"] = "date"


def second_group(resource):
    resource["group"].append(resource["group"][0])


SURVIVAL = "measures/toy/Measure-toy-survival.json"
DOSE_SITE = "profiles/toy/SearchParameter-toy-dose-site.json"
WEIGHT = "mappings/toy/ViewDefinition-toy-weight.json"
PRODUCTS = "profiles/toy/ConceptMap-toy-products.json"
TWO_GROUPS = custom("SELECT patient AS subject, 1 AS yes FROM patient")
second_group(TWO_GROUPS[MEASURE])

# What is wrong -> (files, element, part of the message); the file is the first of them.
BAD = {
    "ValueSet of a parameter": (
        endpoint(indexDrugs={"valueCanonical": f"{BASE}/ValueSet/nothing"}),
        "Measure.extension[0]",
        "no ValueSet or ConceptMap https://registry.example/ValueSet/nothing is held",
    ),
    "ValueSet of a stratifier": (
        endpoint(stratifiers=[f"regimen {BASE}/ValueSet/nothing"]),
        STRATIFIER,
        "the ValueSet https://registry.example/ValueSet/nothing is not held",
    ),
    "endpoint": (endpoint("cure"), "Measure.group.population.criteria.expression", "unknown endpoint 'cure'"),
    "parameter": (endpoint(horizon={"valueInteger": 1}), PARAMETERS, "unknown parameter 'horizon'"),
    "type of a parameter": (endpoint(horizonDays={"valueString": "1"}), PARAMETERS, "'horizonDays' is not a decimal"),
    "missing parameter": (
        {MEASURE: measure("bad", "overall-survival", "proportion", minAge={"valueInteger": 1})},
        PARAMETERS,
        "parameter 'indexDrugs' is missing",
    ),
    "characteristic": (endpoint(stratifiers=["height 170"]), STRATIFIER, "unknown characteristic 'height'"),
    "argument of a characteristic": (endpoint(stratifiers=["age old"]), STRATIFIER, "whole numbers are expected"),
    "study": (changed(SURVIVAL, without_study), "Measure.useContext", "the ResearchStudy nobody is not held"),
    "path of a column": (changed(WEIGHT, with_path), "select[0].column[0].path", "nothing"),
    "search for what has no date": (changed(DOSE_SITE, with_type), "SearchParameter.expression", "has no value for a"),
    "map to add to": (changed(PRODUCTS, extending_nothing), "ConceptMap.extension", "is not held"),
    "no SELECT": (custom("DELETE FROM patient"), SELECT, "is not one SELECT"),
    "two statements": (custom("SELECT 1 AS subject, 1 AS yes; SELECT 2"), SELECT, "';' is not the same"),
    "bracket closed too soon": (
        custom("SELECT 1 AS subject, 1 AS yes) AS a, (SELECT 1"),
        SELECT,
        "is not one SELECT",
    ),
    "table": (custom("SELECT code AS subject, 1 AS yes FROM tumour"), SELECT, "no such table: tumour"),
    "table of the store": (custom("SELECT rid AS subject, 1 AS yes FROM resource"), SELECT, "no such table: resource"),
    "mapped rows of all sites": (
        custom("SELECT patient AS subject, 1 AS yes FROM main.patient"),
        SELECT,
        "no such table: main.patient",
    ),
    "catalogue of the database": (
        custom("SELECT name AS subject, 1 AS yes FROM sqlite_master"),
        SELECT,
        "no such table: sqlite_master",
    ),
    "answers of another study": (
        custom("SELECT patient AS subject, 1 AS yes FROM halaven_dcr"),
        SELECT,
        "no such table: halaven_dcr",
    ),
    "site": (custom("SELECT _site AS subject, 1 AS yes FROM patient"), SELECT, "no such column: _site"),
    "column": (custom("SELECT patient AS subject, born AS yes FROM patient"), SELECT, "no such column: born"),
    "column in quotes": (
        custom('SELECT patient AS subject, "born" AS yes FROM patient'),
        SELECT,
        'no such column: "born"',
    ),
    "function": (custom("SELECT date('now') AS subject, 1 AS yes"), SELECT, "no such function: date"),
    "function that reads files": (
        custom("SELECT pg_read_file('x') AS subject, 1 AS yes"),
        SELECT,
        "no such function: pg_read_file",
    ),
    "column of the subject": (custom("SELECT patient, 1 AS yes FROM patient"), SELECT, "no column 'subject'"),
    "column of a population": (
        custom("SELECT patient AS subject FROM patient"),
        "Measure.group[0].population[1].criteria.expression",
        "no column 'yes'",
    ),
    "column of a stratifier": (
        custom("SELECT patient AS subject, 1 AS yes FROM patient", ["sex"]),
        STRATIFIER,
        "no column 'sex'",
    ),
    "column for nothing": (
        custom("SELECT patient AS subject, 1 AS yes, gender FROM patient"),
        SELECT,
        "nothing asks for the column 'gender'",
    ),
    "nothing to report": (
        custom("SELECT patient AS subject, reason FROM toy_survival", denominator_exclusion="reason"),
        "Measure.group[0].population",
        "a numerator or measure-observation",
    ),
    "population": (
        custom("SELECT patient AS subject, 1 AS yes FROM patient", denominator="yes"),
        "Measure.group[0].population[1].code",
        "population 'denominator'",
    ),
    "two groups": (TWO_GROUPS, "Measure.group", "a custom measure has one group"),
}


def start(folder, files, database):
    write_files(folder, FILES | files)
    open_registry(database, load_content(folder)).close()


@pytest.mark.parametrize("case", BAD)
def test_it_stops_the_start(tmp_path, case):
    files, element, message = BAD[case]
    with pytest.raises(ContentError) as problem:
        start(tmp_path, files, f"sqlite:///{tmp_path / 'toy.sqlite'}")
    assert problem.value.file == str(tmp_path / next(iter(files)))
    assert problem.value.element.endswith(element)
    assert message in problem.value.message


def test_good_content_starts(tmp_path, database):
    start(tmp_path, custom("SELECT patient AS subject, 1 AS yes FROM patient"), database)


def test_what_only_the_database_refuses(tmp_path, new_database):
    # SQLite compares whatever it is given.
    files = custom("SELECT patient AS subject, CASE WHEN gender > 1 THEN 1 ELSE 0 END AS yes FROM patient")
    with pytest.raises(ContentError, match=r"operator does not exist: text > integer") as problem:
        start(tmp_path, files, new_database("postgresql"))
    assert (problem.value.file, problem.value.element) == (str(tmp_path / MEASURE), SELECT)
