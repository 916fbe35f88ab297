"""fsck, backup and restore as an operator uses them: lines, exit codes, what is next."""

import re
import sqlite3

from test_cli import run

from fhir_registry.ops import ingest
from fhir_registry.ops.open import open_registry


def test_backup_restore_and_fsck_on_the_command_line(tmp_path, content):
    registry = open_registry(f"sqlite:///{tmp_path / 'r.db'}", content)
    ingest.update(registry, 1, "Patient", "a", {"resourceType": "Patient", "id": "a", "birthDate": "1960"})
    registry.close()

    made = run(tmp_path, "backup", "b.zip", "--database", "r.db")
    assert made.returncode == 0 and "next: copy it to another place" in made.stdout
    again = run(tmp_path, "backup", "b.zip", "--database", "r.db")
    assert again.returncode == 1
    assert again.stderr.strip() == "Error: b.zip: it is there already; name another file, or add --force"

    back = run(tmp_path, "restore", "b.zip", "--database", "new.db")
    assert back.returncode == 0 and f"fsck --database sqlite:///{tmp_path}/new.db" in back.stdout
    sound = run(tmp_path, "fsck", "--database", "new.db", "--analyses")
    assert sound.returncode == 0 and re.fullmatch(r"analyses: 0 of 0 .*\n\d+ resources, all agrees\n", sound.stdout)

    with sqlite3.connect(tmp_path / "new.db") as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE 'index_date%' AND type = 'table'")
        (table,) = tables.fetchone()
        connection.execute(f"DELETE FROM \"{table}\" WHERE rid IN (SELECT rid FROM resource WHERE type = 'Patient')")
    connection.close()
    wrong = run(tmp_path, "fsck", "--database", "new.db")
    assert (
        wrong.returncode == 1
        and "fhir-registry fsck --repair makes it anew\n1 findings, 0 repaired, 1 left" in wrong.stdout
    )
    assert wrong.stdout.startswith(f"{table} Patient/a: 1 of its rows are missing, 0 are wrong; ")
    mended = run(tmp_path, "fsck", "--database", "new.db", "--repair")
    assert mended.returncode == 0 and "1 findings, 1 repaired, 0 left" in mended.stdout
    assert run(tmp_path, "fsck", "--database", "new.db").returncode == 0


def test_what_is_not_there_is_said(tmp_path):
    for command in (["fsck"], ["backup", "b.zip"]):
        result = run(tmp_path, *command, "--database", "none.db")
        assert result.returncode == 1 and "there is no file" in result.stderr
        assert not (tmp_path / "none.db").exists()
