"""`fhir-registry export`: the files, their manifest, what is left out and refused (docs/deidentification.md)."""

import hashlib
import re
import stat
from contextlib import closing
from datetime import date

import pytest
from audit_events import erase
from audited_client import all_events
from click.testing import CliRunner
from sqlalchemy import select, update

from fhir_registry.core.audit import READS
from fhir_registry.edges.cli import main
from fhir_registry.fhir import json
from fhir_registry.ops import export as ops_export
from fhir_registry.ops import ingest
from fhir_registry.ops.open import make_site, open_registry

BASE = "https://server.example/fhir"
SITE = 1
NATIONAL = "https://national.example/id"
BREAST = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "C50.9"}]}
HEXADECIMAL = re.compile(rb"[0-9a-f]{32}")


def patient(id, **members):
    name = [{"family": "Quillfeather", "given": [id]}]
    identifier = [{"system": NATIONAL, "value": "85.07.30-033.28"}]
    born = {"gender": "female", "birthDate": "1961-04-05", "address": [{"city": "Ghent", "country": "BE"}]}
    return {"resourceType": "Patient", "id": id, "name": name, "identifier": identifier, **born, **members}


def condition(id, subject, day, **members):
    told = {"subject": {"reference": subject}, "code": BREAST, "onsetDateTime": day, "note": [{"text": "Quillfeather"}]}
    return {"resourceType": "Condition", "id": id, **told, **members}


RESOURCES = (
    patient("p1"),
    patient("p2", link=[{"other": {"reference": "Patient/p1"}, "type": "replaced-by"}]),
    condition("c1", "Patient/p1", "2024-01-31"),
    condition("c2", f"{BASE}/Patient/p2", "2024-03-01"),
    condition("c3", "Group/g1", "2024-03-01"),
    condition("c4", "Patient/p1", "2024-03-01", asserter={"reference": "Patient/p3"}),
    condition(
        "c5", "Patient/p1", "2024-03-01", modifierExtension=[{"url": "https://x.example/not", "valueBoolean": True}]
    ),
    {"resourceType": "Practitioner", "id": "dr-q", "name": [{"family": "Quillfeather"}]},
)


@pytest.fixture
def run(prepared, content, tmp_path, monkeypatch):
    """A function: exit code and lines of a command on a database with RESOURCES."""
    with closing(open_registry(prepared, content)) as registry:
        for resource in RESOURCES:
            ingest.update(registry, SITE, resource["resourceType"], resource["id"], resource)
    monkeypatch.setenv("FHIR_REGISTRY_DATABASE", prepared)
    monkeypatch.setenv("FHIR_REGISTRY_BASE_URL", BASE)
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments):
        result = CliRunner().invoke(main, [*map(str, arguments)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output.splitlines()

    assert invoke("key", "pseudonyms.key", "--secret")[0] == 0
    return invoke


def told(*more, folder="out", purpose="trial"):
    return ("export", folder, "--purpose", purpose, "--key", "pseudonyms.key", *more)


def read(path):
    return [json.parse(line) for line in path.read_bytes().splitlines()]


def test_the_files_and_what_is_said_of_them(run, tmp_path):
    code, lines = run(*told("--link", NATIONAL))
    assert code == 0, lines
    out = tmp_path / "out"
    assert sorted(path.name for path in out.iterdir()) == ["Condition.ndjson", "Patient.ndjson", "manifest.json"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["out"]
    manifest = json.parse((out / "manifest.json").read_bytes())
    assert (manifest["deidentified"], manifest["purpose"]) == (True, "trial")
    assert {(each["type"], each["url"], each["count"]) for each in manifest["output"]} == {
        ("Condition", "Condition.ndjson", 2),
        ("Patient", "Patient.ndjson", 2),
    }
    for each in manifest["output"]:
        assert hashlib.sha256((out / each["url"]).read_bytes()).hexdigest() == each["sha256"]
    assert manifest["leftOut"] == {
        "Practitioner": {"type-not-told": 1},
        "Condition": {"incomplete": 1, "no-patient": 1, "several-patients": 1},
    }
    # Both Patients are one person.
    small = {"smallClasses": 1, "personsInSmallClasses": 1}
    assert manifest["anonymity"] == {"k": 5, "persons": 1, "classes": 1, **small}
    decade = read(out / "Patient.ndjson")[0]["birthDate"][:3]
    assert f"  1: born {decade}0s, female, BE, C50" in lines
    assert "left out: Condition 1 incomplete, 1 no-patient, 1 several-patients" in lines
    for path in out.iterdir():
        text = path.read_bytes().lower()
        words = (b"quill", b"ghent", b"national", b"8507", b"dr-q", b'"p1"', b'"c1"', b"default", b"server", b"1961-04")
        assert not any(word in text for word in words), path


def test_merged_patients_have_one_shift_and_one_linkage(run, tmp_path):
    assert run(*told("--link", NATIONAL))[0] == 0
    # The lines are in the order of the pseudonyms, which only the key knows.
    first, second = sorted(read(tmp_path / "out" / "Condition.ndjson"), key=lambda each: each["onsetDateTime"])
    days = [date.fromisoformat(each["onsetDateTime"]) for each in (first, second)]
    assert (days[1] - days[0]).days == 30
    one, other = sorted(read(tmp_path / "out" / "Patient.ndjson"), key=lambda each: "link" in each)
    assert one["identifier"][1] == other["identifier"][1] and one["identifier"][0] != other["identifier"][0]
    assert other["link"] == [{"other": {"reference": f"Patient/{one['id']}"}, "type": "replaced-by"}]
    assert first["subject"] == {"reference": f"Patient/{one['id']}"}


def test_the_same_again_and_for_another_purpose(run, tmp_path):
    for folder, purpose in (("a", "trial"), ("b", "trial"), ("c", "other")):
        assert run(*told(folder=folder, purpose=purpose))[0] == 0
    a, b, c = ((tmp_path / each / "Patient.ndjson").read_bytes() for each in "abc")
    assert a == b and len(HEXADECIMAL.findall(a)) == 5  # two ids with their identifiers, and a link
    assert not {*HEXADECIMAL.findall(a)} & {*HEXADECIMAL.findall(c)}


def test_the_order_tells_nothing(run, tmp_path, prepared, content):
    with closing(open_registry(prepared, content)) as registry:
        for n in range(30):
            ingest.update(registry, SITE, "Patient", f"n{n}", patient(f"n{n}"))
    assert run(*told())[0] == 0
    ids = [each["id"] for each in read(tmp_path / "out" / "Patient.ndjson")]
    assert len(ids) == 32 and ids == sorted(ids)


def test_types_are_chosen(run, tmp_path):
    code, lines = run(*told("--type", "Patient"))
    assert code == 0 and not any(line.startswith("left out") for line in lines)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"Patient.ndjson", "manifest.json"}


def test_identified_is_what_is_stored(run, tmp_path, prepared, content):
    assert run("export", "out", "--identified")[0] == 0
    manifest = json.parse((tmp_path / "out" / "manifest.json").read_bytes())
    assert {each["type"]: each["count"] for each in manifest["output"]} == {
        "Condition": 5,
        "Patient": 2,
        "Practitioner": 1,
    }
    assert not {"purpose", "leftOut", "anonymity"} & manifest.keys()
    with closing(open_registry(prepared, content)) as registry, registry.store.read(SITE) as connection:
        stored = registry.store.reader.read(connection, SITE, "Patient", "p1").body
    assert (tmp_path / "out" / "Patient.ndjson").read_bytes().splitlines()[0] == stored


def test_another_site_is_another_export(run, tmp_path, prepared, content):
    with closing(open_registry(prepared, content)) as registry:
        ingest.update(registry, make_site(registry, "klinik-b"), "Patient", "p1", patient("p1"))
    assert run(*told("--link", NATIONAL, folder="a"))[0] == 0
    assert run(*told("--link", NATIONAL, "--site", "klinik-b", folder="b"))[0] == 0
    (there,) = read(tmp_path / "b" / "Patient.ndjson")
    (here,) = (each for each in read(tmp_path / "a" / "Patient.ndjson") if "link" not in each)
    assert there["identifier"][1] == here["identifier"][1] and there["id"] != here["id"]


def test_an_export_is_in_the_audit_log_where_access_is_controlled(run, prepared, content, monkeypatch):
    run("key", "token.pem")
    monkeypatch.setenv("FHIR_REGISTRY_ACCESS", "builtin")
    monkeypatch.setenv("FHIR_REGISTRY_TOKEN_KEYS", "token.pem")
    monkeypatch.setattr(ops_export, "TOLD_AT_ONCE", 1)
    assert run(*told())[0] == 0 and run("export", "all", "--identified", "--type", "Condition")[0] == 0
    with closing(open_registry(prepared, content)) as registry:
        rows = all_events(registry)
        assert {(row.chain, row.payload["interaction"]) for row in rows} == {(READS, "export")}
        whole = [row for row in rows if "asked" in row.private]
        assert [row.payload["count"] for row in whole] == [4, 5]
        assert [row.private["asked"]["reason"] for row in whole] == ["export, purpose trial", "export, identified"]
        # c5 is not told to others, and p3 is who asserts c4
        patients = [part["patient"] for row in rows for part in row.private["parts"]]
        assert patients == ["p1", "p2", *(["p1", "p2", "p3"])]
        erase(registry.store, "p1")
        assert [row.private["asked"]["reason"] for row in all_events(registry) if row.private.get("asked")] == [
            "export, purpose trial",
            "export, identified",
        ]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("export", "out"), "name --purpose and --key, or say --identified: then it tells who everybody is"),
        (told("--identified"), "name --purpose and --key, or say --identified: then it tells who everybody is"),
        (("export", "out", "--identified", "--link", "x"), "--link is for pseudonyms; leave it out with --identified"),
        (told(purpose="for Mr. Smith"), "--purpose has 1 to 64 characters"),
        (told("--site", "nowhere"), "there is no site 'nowhere'; sites are default"),
        (told("--type", "Patent"), "Patent is no resource type"),
        (told(folder="full"), "full is there already; name another folder"),
        (told("--key", "none.key"), "--key none.key cannot be read: No such file or directory"),
        (told("--key", "short.key"), "--key short.key holds no key of 32 bytes in hexadecimal"),
        (("key", "pseudonyms.key", "--secret"), "pseudonyms.key is there already; name another file"),
        (("key", "new.key", "--secret", "--jwks", "new.json"), "--jwks is for a private key"),
    ],
)
def test_what_is_refused_leaves_nothing(run, tmp_path, arguments, problem):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    (tmp_path / "short.key").write_text("00" * 31)
    before = sorted(tmp_path.rglob("*"))
    code, lines = run(*arguments)
    assert code == 1 and lines[-1].startswith(f"Error: {problem}"), lines
    assert sorted(tmp_path.rglob("*")) == before


def test_an_export_that_fails_leaves_nothing(run, tmp_path, prepared, content):
    with closing(open_registry(prepared, content)) as registry, registry.store.write(SITE) as writer:
        resource, version = registry.store.tables.resource.c, registry.store.tables.version
        rid = select(resource.rid).where(resource.type == "Patient", resource.id == "p2").scalar_subquery()
        writer.connection.execute(update(version).where(version.c.rid == rid).values(body='{"resourceType":'))
    before = sorted(tmp_path.rglob("*"))
    code, lines = run(*told())
    assert code == 1 and "not valid JSON" in lines[-1]
    assert sorted(tmp_path.rglob("*")) == before


def test_a_secret_is_for_its_owner_only(run, tmp_path):
    path = tmp_path / "pseudonyms.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and len(bytes.fromhex(path.read_text())) == 32
    run("key", "other.key", "--secret")
    assert path.read_text() != (tmp_path / "other.key").read_text()
