"""Each call of fhirpy, sync; argument: base URL of a server with the patients of test_clients.py.

https://github.com/beda-software/fhir-py
"""

import sys

from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import MultipleResourcesFound, OperationOutcome, ResourceNotFound

SYSTEM = "http://a.example/fhirpy"


def expect(problem, call):
    try:
        call()
    except problem:
        return
    raise AssertionError(f"{problem.__name__} was expected")


def main(base):
    client = SyncFHIRClient(base)

    patient = client.resource("Patient", name=[{"family": "Sync"}], identifier=[{"system": SYSTEM, "value": "1"}])
    patient.save()  # create
    assert patient.id and patient["meta"]["versionId"] == "1"
    patient["gender"] = "female"
    patient.save()  # update
    patient["active"] = True
    patient.save(fields=["active"])  # patch
    patient.patch(birthDate="1960-01-02")
    assert (patient["meta"]["versionId"], patient["gender"], patient["birthDate"]) == ("4", "female", "1960-01-02")
    patient.refresh()  # If-None-Match with a bare version: 304
    assert client.reference("Patient", patient.id).to_resource()["active"] is True

    patients = client.resources("Patient")
    same = patients.search(identifier=f"{SYSTEM}|1")
    assert same.get().id == patient.id and same.count() == 1
    found, created = same.get_or_create(client.resource("Patient", name=[{"family": "Sync"}]))
    assert (found.id, created) == (patient.id, False)
    other = client.resource("Patient", identifier=[{"system": SYSTEM, "value": "2"}])
    second, created = patients.search(identifier=f"{SYSTEM}|2").get_or_create(other)
    assert created
    changed, created = same.update(client.resource("Patient", identifier=[{"system": SYSTEM, "value": "1"}]))
    assert (changed.id, created, "gender" in changed) == (patient.id, False, False)
    assert same.patch(gender="other")["gender"] == "other"  # conditional patch

    everybody = patients.search(family="Page").sort("birthdate").limit(10)
    assert everybody.count() == 25
    dates = [each["birthDate"] for each in everybody]  # follows the next links
    assert dates == sorted(dates) and len(set(dates)) == 25
    heights = client.resources("Observation").search(code="http://loinc.org|8302-2").limit(5)
    answer = heights.include("Observation", "subject").fetch_raw()
    assert [entry["resource"]["resourceType"] for entry in answer["entry"]] == ["Observation"] * 5 + ["Patient"] * 5

    bundle = client.resource("Bundle", type="transaction")
    bundle["entry"] = [{"resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}]
    assert client.execute("", data=bundle)["entry"][0]["response"]["status"].startswith("201")

    second.delete()
    expect(ResourceNotFound, second.refresh)  # 410
    expect(ResourceNotFound, lambda: client.get("Patient", "never"))  # 404
    expect(OperationOutcome, lambda: client.resource("Patient", gender="unheard of").save())
    expect(OperationOutcome, lambda: patients.search(nonsense="1").fetch())
    expect(MultipleResourcesFound, lambda: patients.search(family="Page").patch(active=True))  # 412
    patients.search(_id=patient.id).delete()  # conditional delete


if __name__ == "__main__":
    main(sys.argv[1])
