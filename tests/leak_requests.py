"""Requests that try to learn of resources that who asks may not see, generated from a CapabilityStatement."""

from itertools import product
from urllib.parse import quote

from leak_world import MRN, OWN, patient

VERSIONS = ("1", "2")
ALL = "_count=200"


def reading(statement, secret, measures, each_param=False):
    """(method, path below the base) of reads, searches and operations.

    statement: a CapabilityStatement (dict). secret: the resources to learn of. measures: ids of Measures. each_param:
    whether to ask by each search parameter of their types too.
    """
    types = {each["type"]: each for each in statement["rest"][0]["resource"]}
    held = {}
    for resource in secret:
        held.setdefault(resource["resourceType"], []).append(resource["id"])
    met = sorted({*held, *(resource["resourceType"] for resource in OWN)})
    yield from (("GET", path) for path in ("", f"?{ALL}", "_history", "?_type=Patient,Observation", "?_summary=count"))
    for type in types if each_param else met:
        yield from (("GET", f"{type}?{ALL}"), ("GET", f"{type}?_summary=count"))
    for type, ids in held.items():
        yield from _of_type(types[type], ids)
        if each_param:
            yield from _by_params(types[type])
        yield from _through({name: types[name] for name in met}, type, ids)
    period = "periodStart=2024-01-01&periodEnd=2024-12-31"
    for measure in measures:
        yield "GET", f"Measure/{measure}/$evaluate-measure?{period}"
        yield "GET", f"Measure/{measure}/$evaluate-measure?{period}&reportType=subject-list"
        yield "GET", f"Measure/{measure}/$evaluate-measure?{period}&subject=Patient/p2&reportType=subject"
        yield "GET", f"Measure/{measure}/$table?{period}"
    for number, id in product(("1", "2"), held.get("Patient", ())):
        identifier = quote(f"{MRN}|{number}", safe="")
        yield "GET", f"Patient?identifier={identifier}&_id={id}"
        yield "GET", f"Observation?subject:Patient.identifier={identifier}"
        yield "GET", f"Observation?subject:identifier={identifier}"
        yield "GET", f"Patient?_has:Observation:patient:_has:Provenance:target:_id=prv-{id}"
        yield "GET", f"Observation?patient={id}&_revinclude:iterate=Provenance:target"
        yield "GET", f"Patient?_list=lst-{id}"
        yield "GET", f"Patient/{id}/$everything"
        yield "GET", f"Encounter/enc-{id}/$everything"
        yield "GET", f"Patient/{id}/*"
        yield from (("GET", f"Patient/{id}/{target}?{ALL}") for target in held)


def _of_type(declared, ids):
    type = declared["type"]
    for id in (*ids, "never-was"):
        yield from (("GET", f"{type}/{id}"), ("HEAD", f"{type}/{id}"), ("GET", f"{type}/{id}/_history"))
        yield from (("GET", f"{type}/{id}/_history/{version}") for version in VERSIONS)
        yield from (("GET", f"{type}?_id={id}"), ("GET", f"?_type={type}&_id={id}"))
    yield "GET", f"{type}/_history?{ALL}"
    yield "GET", f"{type}?_include=*&_revinclude=*&{ALL}"
    yield "GET", f"{type}?_total=accurate&_count=1"


def _by_params(declared):
    type = declared["type"]
    for param in declared["searchParam"]:
        if param["type"] == "special" or param["name"].startswith("_"):
            continue
        yield "GET", f"{type}?{param['name']}:missing=false&_summary=count"
        yield "GET", f"{type}?_sort={param['name']}&{ALL}"


def _through(types, type, ids):
    """Chains to the type, reverse chains from it, and what includes it, wherever a parameter leads."""
    for other, declared in types.items():
        for include in declared.get("searchInclude", ()):
            if include.startswith(f"{other}:") and include.endswith(f":{type}"):
                param = include.split(":")[1]
                yield "GET", f"{other}?{param}:{type}._id={','.join(ids)}"
                yield "GET", f"{other}?{param}={type}/{ids[0]}&_include={include}"
                yield "GET", f"{type}?_has:{other}:{param}:_id=never-was,{ids[0]}"
        for include in declared.get("searchRevInclude", ()):
            if include.startswith(f"{type}:"):
                param = include.split(":")[1]
                yield "GET", f"{other}?_revinclude={include}&{ALL}"
                yield "GET", f"{other}?_has:{type}:{param}:_id={ids[0]}"


def writing(secret):
    """(method, path, body or None, headers) of writes that meet ids, identifiers and versions of the resources."""
    for resource in secret:
        type, id = resource["resourceType"], resource["id"]
        bare = {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": f"{type}/{id}"}}
        path = f"{type}/{id}"
        yield "PATCH", path, [{"op": "test", "path": "/id", "value": id}], {}
        yield "DELETE", path, None, {"If-Match": 'W/"1"'}
        yield "PUT", path, resource | {"language": "de"}, {"If-Match": 'W/"1"'}
        yield "PUT", path, resource | {"language": "de"}, {"If-None-Match": "*"}
        yield "POST", "Basic", bare, {}
        entry = {"resource": bare, "request": {"method": "POST", "url": "Basic"}}
        yield "POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, {}
        asking = {"request": {"method": "GET", "url": path}}
        yield "POST", "", {"resourceType": "Bundle", "type": "batch", "entry": [asking]}, {}
        if "identifier" not in resource:
            continue
        condition = (
            f"identifier={quote(resource['identifier'][0]['system'] + '|' + resource['identifier'][0]['value'])}"
        )
        new = {name: value for name, value in resource.items() if name != "id"}
        yield "POST", type, new, {"If-None-Exist": condition}
        yield "PUT", f"{type}?{condition}", new, {}
        yield "PATCH", f"{type}?{condition}", [{"op": "add", "path": "/language", "value": "de"}], {}
        linked = bare | {"subject": {"reference": f"{type}?{condition}"}}
        entry = {"resource": linked, "request": {"method": "POST", "url": "Basic"}}
        yield "POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}, {}
        yield "DELETE", f"{type}?{condition}", None, {}
    # Ids of the other site become ids of one's own.
    yield "PUT", "Patient/p2", patient("p2", "77", family="Neu"), {}
    yield "GET", "Patient/p2/_history", None, {}
    yield "DELETE", "Patient/p2", None, {}
    yield "GET", "Patient/p2", None, {}
