"""XML page by page as fhircrackr reads it: POST _search, XPath; argument: base URL, as in test_clients.py.

https://github.com/POLAR-fhiR/fhircrackr
"""

import sys

import requests
from lxml import etree

FHIR = {"f": "http://hl7.org/fhir"}
XML = {"Accept": "application/fhir+xml"}


def crack(base, type, search):
    """The Bundles, as XML trees, of a search by POST and its next links."""
    answer = requests.post(f"{base}/{type}/_search", data=search, headers=XML, timeout=60)
    while True:
        answer.raise_for_status()
        assert answer.headers["Content-Type"].startswith("application/fhir+xml")
        bundle = etree.fromstring(answer.content)
        yield bundle
        following = bundle.xpath("f:link[f:relation/@value='next']/f:url/@value", namespaces=FHIR)
        if not following:
            return
        answer = requests.get(following[0], headers=XML, timeout=60)


def main(base):
    bundles = list(crack(base, "Patient", {"family": "Page", "_count": "10", "_sort": "birthdate"}))
    assert [int(bundle.xpath("count(f:entry)", namespaces=FHIR)) for bundle in bundles] == [10, 10, 5]
    path = "f:entry/f:resource/f:Patient/f:birthDate/@value"
    dates = [date for bundle in bundles for date in bundle.xpath(path, namespaces=FHIR)]
    assert len(dates) == 25 and dates == sorted(dates)
    statement = etree.fromstring(requests.get(f"{base}/metadata", headers=XML, timeout=60).content)
    assert statement.xpath("string(f:fhirVersion/@value)", namespaces=FHIR) == "4.0.1"

    patient = '<Patient xmlns="http://hl7.org/fhir"><name><family value="M&#252;ller"/></name></Patient>'
    created = requests.post(
        f"{base}/Patient", data=patient, headers=XML | {"Content-Type": "application/fhir+xml"}, timeout=60
    )
    assert created.status_code == 201
    assert etree.fromstring(created.content).xpath("string(f:name/f:family/@value)", namespaces=FHIR) == "Müller"
    refused = requests.get(f"{base}/Patient?nonsense=1", headers=XML, timeout=60)
    assert refused.status_code == 400
    assert etree.fromstring(refused.content).tag == "{http://hl7.org/fhir}OperationOutcome"


if __name__ == "__main__":
    main(sys.argv[1])
