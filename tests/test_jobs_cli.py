"""The commands `fhir-registry jobs` (docs/cli.md), beside a server or without."""

import pytest
from click.testing import CliRunner

from fhir_registry.edges.cli import main
from fhir_registry.fhir.errors import error
from fhir_registry.ops.open import make_site
from fhir_registry.store.site import EVERY_NUMBER
from fhir_registry.store.wall import EVERYWHERE


@pytest.fixture
def run(prepared):
    """A function of arguments -> (exit code, lines)."""

    def called(*arguments):
        result = CliRunner().invoke(main, ["jobs", "--database", prepared, *arguments])
        return result.exit_code, result.output.splitlines()

    return called


def test_jobs_are_listed_shown_cancelled_and_retried(registry, run):
    jobs = registry.store.jobs
    assert run() == (0, ["no jobs"])
    failed, waiting = jobs.submit(1, "evaluate", {}), jobs.submit(1, "import", {})
    job = jobs.claim("vm/7/1", ("evaluate",))
    with registry.store.database.write(EVERYWHERE) as connection:
        job.save(connection, {"at": 1}, 3, 40)
    code, (last, first, nobody) = run("list")
    assert (code, last.split()[:3], first.split()[:3]) == (
        0,
        [waiting, "requested", "import"],
        [failed, "in-progress", "evaluate"],
    )
    assert first.endswith("7 % (3 of 40)")
    assert nobody == "nobody does jobs at the moment: start fhir-registry worker, or a server"
    jobs.see("vm/7/1")
    assert len(run()[1]) == 2
    code, lines = run("show", failed[:12])
    told = dict(line.split(maxsplit=1) for line in lines)
    assert (told["id"], told["process"], told["progress"]) == (failed, "vm/7/1", "7 % (3 of 40)")
    job.fail(error("unprocessable", "business-rule", "Nobody is in the study"))
    assert "problem    Nobody is in the study" in run("show", failed)[1]
    assert run("cancel", failed) == (1, [f"Error: job {failed} is failed: there is nothing to cancel"])
    assert run("retry", failed) == (0, [f"job {failed} is requested again"])
    assert run("retry", failed) == (1, [f"Error: job {failed} is requested: only a failed job is tried again"])
    assert jobs.get(failed).checkpoint == {"at": 1}
    assert run("cancel", waiting) == (0, [f"job {waiting} is cancelled"])
    assert jobs.get(waiting).state == "cancelled"


def test_whose_they_are(registry, run):
    """A client is told of where there are clients."""
    jobs = registry.store.jobs
    first = jobs.submit(make_site(registry, "klinik-b"), "import", {"trail": {"interaction": "import", "client": "c"}})
    second, third = jobs.submit(1, "evaluate", {}), jobs.submit(EVERY_NUMBER, "evaluate", {})
    jobs.see("vm/7/1")
    listed = {words[0]: words[4:] for words in map(str.split, run("list")[1])}
    assert listed == {first: ["klinik-b", "c"], second: ["default", "-"], third: ["*", "-"]}
    for site, id in (("klinik-b", first), ("default", second), ("*", third)):
        code, (line,) = run("list", "--site", site)
        assert (code, line.split()[0]) == (0, id)
    assert run("list", "--site", "none") == (1, ["Error: there is no site 'none'; sites are *, default, klinik-b"])
    assert run("show", first)[1][2:4] == ["site       klinik-b", "client     c"]
    assert run("show", second)[1][2:4] == ["site       default", "state      requested"]


def test_what_is_not_there_is_said(registry, run):
    registry.store.jobs.submit(1, "evaluate", {})
    registry.store.jobs.submit(1, "evaluate", {})
    assert run("show", "zzz") == (1, ["Error: there is no job zzz; fhir-registry jobs lists them"])
    assert run("show", "") == (1, ["Error: several jobs begin with ; give more of it"])
    assert run("show", "%")[0] == 1


def test_a_database_without_a_registry_is_not_made_one(new_database, tmp_path):
    missing = tmp_path / "none.db"
    result = CliRunner().invoke(main, ["jobs", "--database", str(missing)])
    assert (result.exit_code, "there is no file" in result.output, missing.exists()) == (1, True, False)
    result = CliRunner().invoke(main, ["jobs", "--database", new_database("postgresql")])
    assert (result.exit_code, "it holds no registry" in result.output) == (1, True)
