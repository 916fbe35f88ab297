"""docs/outcomes.md names every parameter with its default, and every exclusion."""

import re
from pathlib import Path

from fhir_registry.content.measures import SHARED
from fhir_registry.endpoints import (
    adverse_events,
    discontinuation,
    exposure,
    prior_therapy,
    progression,
    response,
    survival,
    treatment_failure,
)
from fhir_registry.endpoints.parameters import REQUIRED
from fhir_registry.endpoints.population import EXCLUSIONS

DOCUMENT = (Path(__file__).resolve().parent.parent / "docs" / "outcomes.md").read_text()
TYPES = "drugs|terms|groups|combinations|integer|decimal|boolean|code|date"


def documented():
    """{parameter: (type, default)} of the tables."""
    found = {}
    for names, kind, defaults in re.findall(rf"^\| (`[^|]+`) \| ({TYPES}) \| ([^|]+) \|", DOCUMENT, re.MULTILINE):
        for name, default in zip(names.split(", "), defaults.split(", "), strict=True):
            found[name.strip("`")] = kind, default.strip("` ")
    return found


def test_parameters_are_documented():
    declared = {}
    modules = (adverse_events, discontinuation, exposure, prior_therapy, response, survival, treatment_failure)
    for parameters in (*(module.PARAMETERS for module in modules), progression.PFS_PARAMETERS):
        for name, parameter in parameters.items():
            declared[name] = parameter.kind, parameter.default
    written = documented()
    assert written.keys() == declared.keys()
    for name, (kind, default) in declared.items():
        assert written[name][0] == kind
        if default is REQUIRED:
            assert written[name][1] == "required"
        elif default is None:
            assert written[name][1] == "none"
        elif name in SHARED:
            assert written[name][1] == SHARED[name].removeprefix("https://registry.example/")
        elif kind in ("integer", "decimal"):
            assert float(written[name][1]) == default
        else:
            assert written[name][1] == str(default).lower()


def test_exclusions_are_documented_in_their_order():
    section = DOCUMENT.partition("\n## Exclusions\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `([a-z0-9-]+)` \| [^|]+ \|$", section, re.MULTILINE) == list(EXCLUSIONS)
