"""What this server can do, generated from what is there (https://hl7.org/fhir/R4/capabilitystatement.html)."""

from fhir_registry import __version__
from fhir_registry.core.query_hints import MODIFIERS
from fhir_registry.fhir.dates import instant_literal

from .audit import CRITERIA as AUDIT_CRITERIA
from .audit import TYPE as AUDIT_EVENT

FORMATS = ("json", "xml", "application/fhir+json", "application/fhir+xml")
PATCH_FORMATS = (
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/fhir+json",
    "application/fhir+xml",
)
# Interactions that the edge routes for every type and for the system; tests exercise each one.
TYPE_INTERACTIONS = (
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
)
AUDIT_INTERACTIONS = ("read", "vread", "search-type")
SYSTEM_INTERACTIONS = ("transaction", "batch", "search-system", "history-system")
# Ids of the content's OperationDefinitions that are served.
OPERATIONS = (
    "encounter-everything",
    "evaluate-measure",
    "findings",
    "import",
    "patient-erase",
    "patient-everything",
    "table",
)
# Of these, those that a client need not wait for (docs/http.md).
ASYNCHRONOUS = ("evaluate-measure",)
COMPARTMENTS = ("patient", "practitioner", "relatedPerson", "device", "encounter")
# The base types whose parameters every resource type has.
_COMMON = ("Resource", "DomainResource")

_DOCUMENTATION = """\
Unknown search parameters are refused unless Prefer: handling=lenient, unknown modifiers always. \
Dates without a time zone are read in UTC. Beside the parameters of each type: _has, _list, _type on the whole system. \
Result parameters: _count, _sort, _total, _summary, _elements, _include and _revinclude (also :iterate); \
_explain=true shows the plan of a search. PATCH takes criteria as update and delete do. \
Sending the same Bundle again creates nothing new. \
With access control each write has a Provenance; the header X-Provenance adds one of the client's, without target. \
Operations that say so take Prefer: respond-async: GET of the Content-Location answers 202 until the result is there, \
DELETE cancels."""
_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_CLOSED = (
    "Every request but those for this statement, for [base]/openapi.json and for "
    "[base]/.well-known/smart-configuration, which says where clients get tokens, needs a token "
    "(Authorization: Bearer) with SMART scopes: SMART Backend Services."
)
_OPEN = "There is no access control: the server is for its own machine."


def capability(reg, base, oauth_uris=None):
    """The CapabilityStatement (dict) of a registry under the given base URL.

    oauth_uris: (name, URL) of the places where clients get tokens, None where there is no access control. `date` is
    now; everything else depends on them, content and version only.
    """
    # 0.2 s and 22 MB that a server needs only when somebody asks.
    from fhir.resources.R4B.capabilitystatement import CapabilityStatement

    search_params = reg.content.search_params
    types = sorted(reg.types)
    referring = _referring(search_params, types)
    resources = [_resource(reg.content, type, referring[type]) for type in types]
    if AUDIT_EVENT not in reg.types:
        resources.append(_audit_event(search_params))
    statement = CapabilityStatement(
        **_head(reg, base),
        fhirVersion="4.0.1",
        format=FORMATS,
        patchFormat=PATCH_FORMATS,
        rest=[
            {
                "mode": "server",
                "documentation": f"{_DOCUMENTATION} {_modifiers()}",
                "security": _security(oauth_uris),
                "resource": sorted(resources, key=lambda resource: resource["type"]),
                "interaction": [{"code": code} for code in SYSTEM_INTERACTIONS],
                "searchParam": [_search_param(p) for p in searched(search_params, types[0]) if p.base in _COMMON],
                "operation": [_operation(reg.content, definition) for definition in operations_of(reg.content)],
                "compartment": [f"http://hl7.org/fhir/CompartmentDefinition/{name}" for name in COMPARTMENTS],
            }
        ],
    )
    return statement.model_dump(mode="json", exclude_none=True)


def terminology_capability(reg, base):
    """The TerminologyCapabilities (dict) of a registry: which code systems it holds and for what it uses them."""
    from fhir.resources.R4B.terminologycapabilities import TerminologyCapabilities

    systems = [r for r in reg.content.resources if r["resourceType"] == "CodeSystem"]
    statement = TerminologyCapabilities(
        **_head(reg, base),
        description="Terminology serves validation and the search modifiers :in, :not-in, :above and :below. "
        "$expand, $lookup, $validate-code, $subsumes and $translate are not offered.",
        codeSystem=[
            {"uri": system["url"], "version": [{"code": system["version"]}]}
            for system in sorted(systems, key=lambda system: system["url"])
        ],
    )
    return statement.model_dump(mode="json", exclude_none=True)


def searched(search_params, type):
    """The SearchParams of a type, by code."""
    return sorted(search_params[type], key=lambda param: param.code)


def operations_of(content, type=None):
    """The OperationDefinitions (dicts) of what is served on instances of a type, or on the whole system, by code."""
    found = (r for r in content.resources if r["resourceType"] == "OperationDefinition" and r["id"] in OPERATIONS)
    served = (r for r in found if (r["system"] if type is None else type in r.get("resource", ())))
    return sorted(served, key=lambda r: r["code"])


def _head(reg, base):
    return {
        "status": "active",
        "date": instant_literal(reg.store.now()),
        "kind": "instance",
        "software": {"name": "FHIR Registry", "version": __version__},
        "implementation": {"description": "Oncology outcomes registry", "url": base},
    }


def _modifiers():
    kinds = [f"{kind} {' '.join(f':{name}' for name in names)}" for kind, names in MODIFIERS.items()]
    return (
        f"Modifiers: all but composite :missing; {'; '.join(kinds)}; of them :text, :of-type and :identifier where a "
        "value can have one, :above and :below where codes have a hierarchy and resources are parts of each other. "
        "Prefixes of date, number and quantity: eq ne gt lt ge le sa eb ap."
    )


def _security(oauth_uris):
    if oauth_uris is None:
        return {"description": _OPEN}
    service = {"coding": [{"system": _SERVICE, "code": "SMART-on-FHIR"}]}
    told = [{"url": name, "valueUri": url} for name, url in oauth_uris]
    extension = {"extension": [{"url": _OAUTH_URIS, "extension": told}]} if told else {}
    return {"service": [service], "description": _CLOSED} | extension


def _resource(content, type, referring):
    params = searched(content.search_params, type)
    includes = [f"{type}:{param.code}" for param in params if param.type == "reference"]
    resource = {
        "type": type,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{type}",
        "supportedProfile": sorted(url for url, profile in content.profiles.items() if profile.get("type") == type),
        "interaction": [{"code": code} for code in TYPE_INTERACTIONS],
        "versioning": "versioned",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical"],
        "searchInclude": ["*", *([f"{type}:*"] if includes else []), *includes],
        "searchRevInclude": ["*", *referring],
        "searchParam": [_search_param(param) for param in params],
        "operation": [_operation(content, definition) for definition in operations_of(content, type)],
    }
    return {name: value for name, value in resource.items() if value != []}


def _audit_event(search_params):
    """What can be done with AuditEvents where they are made from the audit log (docs/audit.md)."""
    params = [param for param in searched(search_params, AUDIT_EVENT) if param.code in AUDIT_CRITERIA]
    return {
        "type": AUDIT_EVENT,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{AUDIT_EVENT}",
        "documentation": "Made from the audit log. A search knows _count, and _sort=date or -date (the default), too.",
        "interaction": [{"code": code} for code in AUDIT_INTERACTIONS],
        "versioning": "versioned",
        "searchParam": [_search_param(param) for param in params],
    }


def _search_param(param):
    return {"name": param.code, "definition": param.url, "type": param.type}


def _referring(search_params, types):
    """{type: sorted `Source:code` of the references that may name it}."""
    found = {type: [] for type in types}
    for source in types:
        for param in searched(search_params, source):
            for target in (param.targets or types) if param.type == "reference" else ():
                if target in found:
                    found[target].append(f"{source}:{param.code}")
    return found


def _operation(content, definition):
    documentation = [definition["comment"]]
    if definition["id"] == "evaluate-measure":
        documentation.append(f"Measures: {', '.join(sorted({*content.measures, *content.custom_measures}))}")
    return {
        "name": definition["code"],
        # What constrains a definition of HL7 is known to clients by the name of that one.
        "definition": definition.get("base", definition["url"]),
        "documentation": " ".join(documentation),
    }
