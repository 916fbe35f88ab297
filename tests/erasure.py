"""Two persons with everything a registry may hold of them, for tests of erasure. The marks of one are in MARK."""

from rest_client import basic, patient

MARK = "zqmark"
GONE, STAYS = f"{MARK}-1", "other-2"


def put(resource):
    return {"request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}, "resource": resource}


def person(id):
    """A Patient with a name and an identifier that hold its id."""
    return patient(f"mrn-{id}", id=id, name=[{"family": f"Family {id}"}], birthDate="1960-02-03")


def observation(id, subject, **members):
    text = {"code": {"text": f"note of {subject}"}, "valueString": f"said by {subject}"}
    told = {"resourceType": "Observation", "id": id, "status": "final", "subject": {"reference": f"Patient/{subject}"}}
    return told | text | members


def records(id):
    """A person, records of it, and what tells of these alone."""
    encounter = {"resourceType": "Encounter", "id": f"enc-{id}", "status": "finished", "class": {"code": "AMB"}}
    return [
        person(id),
        encounter | {"subject": {"reference": f"Patient/{id}"}},
        observation(f"obs-{id}", id, encounter={"reference": f"Encounter/enc-{id}"}),
        {"resourceType": "Provenance", "id": f"prov-{id}", **provenance(f"Observation/obs-{id}")},
        {"resourceType": "Consent", "id": f"consent-{id}", **consent(id)},
        basic(f"Patient/{id}", id=f"basic-{id}", text=narrative(id)),
    ]


def narrative(words):
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{words}</div>'}


def provenance(*targets):
    agent = [{"who": {"display": "Ward"}}]
    return {"target": [{"reference": each} for each in targets], "recorded": "2024-01-01T00:00:00Z", "agent": agent}


def coded(system, code):
    return {"coding": [{"system": system, "code": code}]}


def consent(subject, mode=None, when="2024-01-01", **members):
    """A Consent; with a mode a withdrawal."""
    url = "https://registry.example/CodeSystem/withdrawal"
    category = coded(url, mode) if mode else coded("http://loinc.org", "59284-0")
    told = {"status": "active", "scope": coded("http://terminology.hl7.org/CodeSystem/consentscope", "research")}
    told |= {"category": [category], "patient": {"reference": f"Patient/{subject}"}, "dateTime": when}
    told |= {"policyRule": coded("http://terminology.hl7.org/CodeSystem/v3-ActCode", "OPTOUT")}
    return told | ({"provision": {"type": "deny"}} if mode else {}) | members


def shared():
    """What names both."""
    members = [{"entity": {"reference": f"Patient/{id}"}} for id in (GONE, STAYS)]
    entries = [{"item": {"reference": f"Observation/obs-{id}"}} for id in (GONE, STAYS)]
    list_ = {"resourceType": "List", "id": "list", "status": "current", "mode": "working", "entry": entries}
    group = {"resourceType": "Group", "id": "group", "type": "person", "actual": True, "member": members}
    both = provenance(f"Observation/obs-{GONE}", f"Observation/obs-{STAYS}")
    return [
        list_ | {"text": narrative(f"of {GONE}")},
        group,
        {"resourceType": "Provenance", "id": "prov-both", **both},
        observation("twin", STAYS, hasMember=[{"reference": f"Observation/obs-{GONE}"}]),
    ]


def fill(rest):
    """Store all of it through a Rest, some in several versions, something deleted."""
    entries = [put(each) for id in (GONE, STAYS) for each in records(id)] + [put(each) for each in shared()]
    assert rest.push(*entries).status_code == 200
    assert rest.put(person(GONE) | {"birthDate": "1961-01-01"}).status_code == 200
    assert rest.put(shared()[1] | {"name": "second version"}).status_code == 200
    created = {"request": {"method": "POST", "url": "Observation"}, "resource": observation("gone-too", GONE)}
    assert rest.push(created).status_code == 200
    assert rest.put(observation("deleted", GONE)).status_code == 201
    assert rest.send("DELETE", "Observation/deleted").status_code == 204
