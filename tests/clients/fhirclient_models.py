"""fhirclient of SMART, which reads metadata first and all strictly; argument: base URL, as in test_clients.py.

https://github.com/smart-on-fhir/client-py
"""

import sys

from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.fhirdate import FHIRDate
from fhirclient.models.humanname import HumanName
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException


def main(base):
    smart = FHIRClient(settings={"app_id": "registry", "api_base": base})
    smart.prepare()
    server = smart.server
    assert smart.ready and server.capabilityStatement.fhirVersion == "4.0.1"

    patient = Patient({"name": [{"family": "Client", "given": ["Smart"]}]})
    created = Patient(patient.create(server))
    assert created.id and created.meta.versionId == "1"
    created.birthDate = FHIRDate("1950-03-04")
    created.name.append(HumanName({"text": "Smart Client"}))
    created.update(server)
    read = Patient.read(created.id, server)
    assert (read.birthDate.isostring, len(read.name), read.meta.versionId) == ("1950-03-04", 2, "2")

    search = Patient.where(struct={"family": "Page", "birthdate": {"$and": ["ge1950", "lt2000"]}, "_count": "10"})
    pages = list(search.perform_iter(server))
    assert [len(page.entry) for page in pages] == [10, 10, 5]
    assert len({each.id for each in search.perform_resources_iter(server)}) == 25
    heights = Observation.where(struct={"code": "http://loinc.org|8302-2", "_count": "5"}).include("subject")
    bundle = next(heights.perform_iter(server))
    assert [entry.search.mode for entry in bundle.entry] == ["match"] * 5 + ["include"] * 5
    assert bundle.entry[0].resource.subject.resolved(Patient).name[0].family == "Page"

    transaction = Bundle({"type": "transaction"}).as_json()
    transaction["entry"] = [{"resource": patient.as_json(), "request": {"method": "POST", "url": "Patient"}}]
    answer = Bundle(Bundle(transaction).create(server))
    assert answer.type == "transaction-response" and answer.entry[0].response.status.startswith("201")

    read.delete(server)
    for id in (read.id, "never"):
        try:
            Patient.read(id, server)
        except FHIRNotFoundException:
            continue
        except Exception as problem:  # 410 is none of the errors that it knows
            assert "410" in str(problem)
            continue
        raise AssertionError(f"{id} was read")


if __name__ == "__main__":
    main(sys.argv[1])
