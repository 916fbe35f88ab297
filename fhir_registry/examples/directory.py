"""The Bundle of the made-up hospitals and their physicians (https://hl7.org/fhir/R4/organization.html)."""

from . import codes
from .codes import concept


def entry(resource, url, method="POST", if_none_exist=None, full_url=None):
    """One transaction entry."""
    request = {"method": method, "url": url}
    if if_none_exist:
        request["ifNoneExist"] = if_none_exist
    return {**({"fullUrl": full_url} if full_url else {}), "resource": resource, "request": request}


def list_hospitals(registry, hospitals):
    """The Bundle of the hospitals and their physicians, which the patients' Bundles refer to by id."""
    entries = []
    for hospital in hospitals:
        system = f"https://{hospital.id}.example"
        organization = {
            "resourceType": "Organization",
            "id": hospital.id,
            "identifier": [{"system": "https://registry.example/sites", "value": hospital.id}],
            "active": True,
            "type": [concept((codes.HL7 + "organization-type", "prov", "Healthcare Provider"))],
            "name": hospital.name,
            "address": [{"city": hospital.city, "country": hospital.country}],
        }
        practitioner = {
            "resourceType": "Practitioner",
            "id": f"{hospital.id}-oncologist",
            "identifier": [{"system": f"{system}/staff", "value": "ONC-1"}],
            "active": True,
            "name": [{"family": "Sampledoctor", "given": [hospital.city], "prefix": ["Dr."]}],
        }
        entries += [entry(r, f"{r['resourceType']}/{r['id']}", "PUT") for r in (organization, practitioner)]
    return {"resourceType": "Bundle", "id": f"{registry}-directory", "type": "transaction", "entry": entries}
