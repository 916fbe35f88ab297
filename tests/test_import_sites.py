"""With access control each site imports from a folder of its own (https://owasp.org/API-Security/editions/2023/en/0xa1-broken-object-level-authorization/)."""

import pytest
from rest_client import issue, serving
from smart_client import SmartClient, bearer, builtin

from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.import_places import Places
from fhir_registry.ops.jobs import KINDS, do

ASYNC = {"Prefer": "respond-async"}
A, B = "klinik-a", "klinik-b"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder for both sites with a file of each, and one beside them."""
    made = tmp_path_factory.mktemp("in")
    for name in (A, B):
        (made / name).mkdir()
        (made / name / "all.ndjson").write_bytes(b'{"resourceType": "Patient", "id": "of-%s"}\n' % name.encode())
    (made / "beside.ndjson").write_bytes(b'{"resourceType": "Patient", "id": "beside"}\n')
    return made


@pytest.fixture(scope="module")
def rest(new_registry, tmp_path_factory, folder):
    settings = builtin(tmp_path_factory.mktemp("keys"), IMPORT_FOLDER=str(folder))
    with serving(new_registry("sqlite"), **settings) as opened:
        yield opened


def imports(rest, url, site):
    """The answer to a client of the site that wants the file imported, and the id of the patient that it then reads."""
    token = bearer(SmartClient(rest.registry, site=site).token(rest))
    asked = {"inputFormat": "application/fhir+ndjson", "storageDetail": {"type": "file"}, "input": [{"url": url}]}
    sent = {"json": asked, "content_type": "application/json"}
    answer = rest.open("/fhir/$import", method="POST", headers=token | ASYNC, **sent)
    if answer.status_code == 202:
        do(rest.registry, rest.registry.store.jobs.claim("me", KINDS))
    found = rest.get("Patient?_elements=id", **token).get_json(force=True)
    return answer, [entry["resource"]["id"] for entry in found.get("entry", ())]


def test_a_file_of_another_site_is_not_read(rest, folder):
    elsewhere = f"{A}/all.ndjson", f"{B}/../{A}/all.ndjson", "beside.ndjson", f"{A}/none.ndjson"
    told = set()
    for path in elsewhere:
        answer, found = imports(rest, f"file://{folder}/{path}", B)
        assert (answer.status_code, found) == (400, []), path
        told.add(issue(answer)["diagnostics"])
    assert len(told) == 1  # whether there is such a file is not told
    for name in (A, B):
        answer, found = imports(rest, f"file://{folder}/{name}/all.ndjson", name)
        assert (answer.status_code, found) == (202, [f"of-{name}"])


@pytest.mark.parametrize("name", ["..", ".", "", "a/../..", f"{B}/../{A}"])
def test_a_name_that_leads_out_of_the_folder_has_none(folder, name):
    url = f"file://{folder}/{A}/all.ndjson"
    with pytest.raises(FhirError, match="does not lead into"):
        Places(folder, by_site=True).of_site(name).check(url)
    Places(folder, by_site=True).of_site(A).check(url)
    Places(folder).of_site(name).check(url)
