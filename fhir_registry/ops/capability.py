"""What this server can do, generated from what is there (https://hl7.org/fhir/R4/capabilitystatement.html)."""

from fhir_registry import __version__
from fhir_registry.core.bundle import NOT_STORED
from fhir_registry.fhir.dates import instant_literal
from fhir_registry.reports.tables import TABLES

# Interactions that the edge routes for every type; tests exercise each one.
TYPE_INTERACTIONS = ("read", "vread", "update", "delete", "history-instance", "create", "search-type")
SYSTEM_INTERACTIONS = ("transaction", "batch")
TABLE = "https://registry.example/OperationDefinition/table"
EVALUATE_MEASURE = "http://hl7.org/fhir/OperationDefinition/Measure-evaluate-measure"
FINDINGS = "https://registry.example/OperationDefinition/findings"
# Search parameter types that the store compiles to SQL.
SEARCHED = frozenset({"string", "token", "date", "number", "quantity", "reference", "uri"})


def capability(reg, base):
    """The CapabilityStatement (dict) of a registry under the given base URL.

    `date` is now; everything else depends on content and version only.
    """
    # 0.2 s and 22 MB that a server needs only when somebody asks.
    from fhir.resources.R4B.capabilitystatement import CapabilityStatement

    content = reg.content
    statement = CapabilityStatement(
        status="active",
        date=instant_literal(reg.store.now()),
        kind="instance",
        fhirVersion="4.0.1",
        format=["json", "application/fhir+json"],
        software={"name": "FHIR Registry", "version": __version__},
        implementation={"description": "Oncology outcomes registry", "url": base},
        rest=[
            {
                "mode": "server",
                "documentation": "Unknown search parameters and modifiers are refused unless Prefer: handling=lenient. "
                "Dates without a time zone are read in UTC. Sending the same Bundle again creates nothing new.",
                "security": {"description": "No access control in this version; loopback interface only."},
                "interaction": [{"code": code} for code in SYSTEM_INTERACTIONS],
                "resource": [_resource(content, type) for type in stored_types(content)],
            }
        ],
    )
    return statement.model_dump(mode="json", exclude_none=True)


def stored_types(content):
    """Names of the resource types that can be written, sorted."""
    return sorted(content.definitions.resource_types - NOT_STORED)


def _resource(content, type):
    resource = {
        "type": type,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{type}",
        "interaction": [{"code": code} for code in TYPE_INTERACTIONS],
        "versioning": "versioned",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": False,
        "conditionalDelete": "not-supported",
        "referencePolicy": ["literal", "logical"],
        "searchParam": [
            {"name": p.code, "definition": p.url, "type": p.type}
            for p in sorted(content.search_params.get(type, ()), key=lambda p: p.code)
            if p.type in SEARCHED
        ],
    }
    profiles = sorted(url for url, profile in content.profiles.items() if profile.get("type") == type)
    if profiles:
        resource["supportedProfile"] = profiles
    operations = []
    if type == "ResearchStudy":
        operations.append(_operation("findings", FINDINGS, "What may be wrong with the data of a study."))
    if type == "Measure":
        measures = sorted({*content.measures, *content.custom_measures})
        documentation = f"Also as $evaluate. Measures: {', '.join(measures)}"
        operations.append(_operation("evaluate-measure", EVALUATE_MEASURE, documentation))
    if type in ("Measure", "ResearchStudy"):
        operations.append(_operation("table", TABLE, f"Analysis data as CSV or Parquet. Tables: {', '.join(TABLES)}"))
    return resource | ({"operation": operations} if operations else {})


def _operation(name, definition, documentation):
    return {"name": name, "definition": definition, "documentation": documentation}
