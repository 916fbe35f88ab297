"""`fhir-registry pseudonymise`: what it says, what it refuses, what is recorded (docs/cli.md)."""

from contextlib import closing

import pytest
from sqlalchemy import select, update
from test_export_cli import NATIONAL, condition, patient, run  # noqa: F401

from fhir_registry.core.audit import READS, WRITES
from fhir_registry.fhir import json
from fhir_registry.ops import ingest
from fhir_registry.ops.open import make_site, open_registry
from fhir_registry.store.site import name_sites

SITE = 1


def made(*more, into="office", purpose="office", key="pseudonyms.key"):
    return ("pseudonymise", "--into", into, "--purpose", purpose, "--key", key, *more)


def test_what_is_said(run, tmp_path, prepared, content):  # noqa: F811
    code, lines = run(*made())
    assert code == 0, lines
    assert lines[0] == "office is made of default: 4 created"
    assert "left out: Condition 1 incomplete, 1 no-patient, 1 several-patients" in lines
    assert "left out: Practitioner 1 type-not-told" in lines
    assert "1 persons in 1 classes of the same birth decade, sex, country and ICD-10 diagnoses" in lines
    assert not any(line.startswith("next") for line in lines)
    with closing(open_registry(prepared, content)) as registry:
        ingest.delete(registry, SITE, "Condition", "c1")
    code, lines = run(*made())
    assert lines[0] == "office is made of default: 1 removed, 3 unchanged" and lines[-1].startswith("next: fhir-reg")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pseudonyms.key"]


def test_sites_are_chosen(run, prepared, content):  # noqa: F811
    with closing(open_registry(prepared, content)) as registry:
        ingest.update(registry, make_site(registry, "klinik-b"), "Patient", "p1", patient("p1"))
    assert run(*made("--link", NATIONAL))[1][0] == "office is made of default, klinik-b: 3 created"
    assert run(*made("--site", "klinik-b", into="of-b"))[1][0] == "of-b is made of klinik-b: 1 created"
    # A site that is made is none of all.
    assert run(*made("--link", NATIONAL))[1][0] == "office is made of default, klinik-b: 3 unchanged"


def test_it_is_in_the_audit_log_where_access_is_controlled(run, prepared, content, monkeypatch):  # noqa: F811
    run("key", "token.pem")
    monkeypatch.setenv("FHIR_REGISTRY_ACCESS", "builtin")
    monkeypatch.setenv("FHIR_REGISTRY_TOKEN_KEYS", "token.pem")
    assert run(*made())[0] == 0
    with closing(open_registry(prepared, content)) as registry:
        ingest.delete(registry, SITE, "Condition", "c1")
    assert run(*made())[0] == 0
    with closing(open_registry(prepared, content)) as registry:
        site = {name: number for number, name in name_sites(registry.store).items()}["office"]
        of_source, of_site = (events(registry, number) for number in (SITE, site))
    reason = "pseudonymised into office, purpose office"
    assert of_source == [(READS, "export", 4, reason), (READS, "export", 3, reason)]
    assert of_site == [(WRITES, "import", 4, reason), (WRITES, "destroy", 1, "told no more")]
    assert run("pseudonymise", "--drop", "office")[0] == 0
    with closing(open_registry(prepared, content)) as registry:
        removed = (READS, "destroy", 3, f"site office, number {site}, is removed")
        assert events(registry, SITE) == [*of_source, removed] and events(registry, site) == of_site


def test_a_site_is_removed(run):  # noqa: F811
    assert run(*made())[0] == 0
    code, lines = run("pseudonymise", "--drop", "office")
    assert code == 0
    assert lines[0] == "office is removed with its 4 resources; its audit log stays"
    assert lines[1].startswith("next: fhir-registry erase --purge")
    assert run("pseudonymise", "--drop", "office") == (1, ["Error: office is no site"])
    assert run("fsck")[0] == run("audit", "verify")[0] == 0
    assert run(*made())[1][0] == "office is made of default: 4 created"


@pytest.mark.parametrize(
    "arguments",
    [(), ("--into", "a", "--purpose", "b"), ("--drop", "a", "--into", "a"), ("--drop", "a", "--site", "b")],
)
def test_a_site_is_either_made_or_removed(run, arguments):  # noqa: F811
    code, lines = run("pseudonymise", *arguments)
    assert code == 2 and lines[-1] == "Error: name --into, --purpose and --key, or --drop alone"


def test_an_erasure_says_where_a_pseudonym_is_left(run):  # noqa: F811
    assert run(*made())[0] == 0
    code, lines = run("erase", "Patient/p1", "--reason", "objection")
    assert code == 0
    assert lines[-1] == "site office may still tell of it by a pseudonym: fhir-registry pseudonymise --into office"
    assert run(*made())[1][0] == "office is made of default: 4 removed"


def events(registry, site):
    """What the log of a site says of this command, the oldest first."""
    with registry.store.ask(site) as connection:
        rows = registry.store.audit.page(connection, site, 10)
    return [
        (row.chain, row.payload["interaction"], row.payload["count"], row.private["asked"]["reason"])
        for row in sorted(rows, key=lambda row: (row.chain, row.seq))
        if row.payload["route"] == "fhir-registry pseudonymise"
    ]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (made("--site", "nowhere"), "nowhere is no site; sites to name are default"),
        (made("--site", "office", into="other"), "office is made of others itself; sites to name are default"),
        (made(into="default"), "default is a site of its own; name a new one, which only this command writes to"),
        (made(into="a/b"), "The name of a site stands in URLs: it has no / and is none of . and .. and *"),
        (made(into="*"), "The name of a site stands in URLs: it has no / and is none of . and .. and *"),
        (made(purpose="other"), "office is made with another key, purpose or --link; name those, or a new site"),
        (made(key="other.key"), "office is made with another key, purpose or --link; name those, or a new site"),
        (made("--link", "x"), "office is made with another key, purpose or --link; name those, or a new site"),
        (made(purpose="for Mr. Smith"), "--purpose has 1 to 64 characters"),
        (made(key="nowhere.key"), "--key nowhere.key cannot be read"),
    ],
)
def test_what_is_refused_changes_nothing(run, arguments, problem):  # noqa: F811
    run("key", "other.key", "--secret")
    assert run(*made())[0] == 0
    code, lines = run(*arguments)
    assert code == 1 and problem in lines[-1], lines
    assert run(*made())[1][0] == "office is made of default: 4 unchanged"


def test_what_cannot_be_stored_is_said(run, prepared, content):  # noqa: F811
    """Such as what an older release has stored, which knew a rule less (con-5)."""
    terms = "http://terminology.hl7.org/CodeSystem/condition"
    status = {"clinicalStatus": {"coding": [{"system": f"{terms}-clinical", "code": "active"}]}}
    status |= {"verificationStatus": {"coding": [{"system": f"{terms}-ver-status", "code": "entered-in-error"}]}}
    wrong = json.dumps(condition("c1", "Patient/p1", "2024-01-31", **status)).decode()
    with closing(open_registry(prepared, content)) as registry, registry.store.write(SITE) as writer:
        resource, version = registry.store.tables.resource.c, registry.store.tables.version
        rid = select(resource.rid).where(resource.type == "Condition", resource.id == "c1").scalar_subquery()
        writer.connection.execute(update(version).where(version.c.rid == rid).values(body=wrong))
    code, lines = run(*made())
    assert code == 1 and "1 resources could not be stored; the first: Condition" in lines[-1]
