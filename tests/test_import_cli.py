"""`fhir-registry import`: into which site, and what it leaves (docs/cli.md)."""

import json
import signal
import stat
import threading
from contextlib import ExitStack, closing

import pytest
from audited_client import all_events
from smart_client import builtin
from sqlalchemy import select
from test_cli import run

from fhir_registry.edges.import_files import ImportFailed, _carry_out, _claim
from fhir_registry.fhir.errors import error
from fhir_registry.ops.import_job import KIND_OF_FILES, request_files
from fhir_registry.ops.jobs import do
from fhir_registry.ops.open import make_site, open_registry
from fhir_registry.store.site import DEFAULT_NUMBER
from fhir_registry.store.wall import EVERYWHERE

LIMIT = 50_000_000


@pytest.fixture
def command(prepared, tmp_path):
    """A function: `fhir-registry import` of patients.ndjson, with more arguments and settings."""
    (tmp_path / "patients.ndjson").write_text(patient("p1") + patient("p2"))

    def invoke(*arguments, **settings):
        return run(tmp_path, "import", "patients.ndjson", *arguments, FHIR_REGISTRY_DATABASE=prepared, **settings)

    return invoke


def patient(id, **members):
    return json.dumps({"resourceType": "Patient", "id": id, **members}) + "\n"


def patients(registry, site):
    with registry.store.read(site) as connection:
        found = registry.store.reader.states(connection, site, [("Patient", id) for id in ("p1", "p2")])
    return sorted(id for _, id in found)


def test_into_a_site(registry, command, tmp_path):
    a, b = make_site(registry, "klinik-a"), make_site(registry, "klinik-b")
    settings = {f"FHIR_REGISTRY_{name}": str(value) for name, value in builtin(tmp_path).items()}
    done = command("--site", "klinik-b", **settings)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == "into site klinik-b" and "2 created" in done.stdout
    assert [patients(registry, site) for site in (DEFAULT_NUMBER, a, b)] == [[], [], ["p1", "p2"]]
    assert [len(all_events(registry, site)) for site in (DEFAULT_NUMBER, a)] == [0, 0]
    assert {row.payload["route"] for row in all_events(registry, b)} == {"fhir-registry import"}
    default = command()
    assert default.stdout.splitlines()[0] == "into site default" and "2 created" in default.stdout
    assert patients(registry, DEFAULT_NUMBER) == ["p1", "p2"]


def test_a_site_that_cannot_be(registry, command):
    made = make_site(registry, "office", "by what it is made")
    unknown, refused = command("--site", "klinik-b"), command("--site", "office")
    assert (unknown.returncode, refused.returncode) == (1, 1)
    assert unknown.stderr == "Error: there is no site 'klinik-b'; sites are default, office\n"
    told = "Error: site office is made of others by fhir-registry pseudonymise; import into those\n"
    assert refused.stderr == told and patients(registry, made) == []


def test_an_unfinished_import_of_another_site_is_left_alone(registry, command, tmp_path):
    """Though the file has changed since, by which one of the same site is cancelled."""
    b = make_site(registry, "klinik-b")
    path = tmp_path / "patients.ndjson"
    path.write_text(patient("p1"))
    default, own = (request_files(registry, site, [path], None, LIMIT, 1) for site in (DEFAULT_NUMBER, b))
    path.write_text(patient("p1") + patient("p2"))
    assert command("--site", "klinik-b").returncode == 0
    states = [registry.store.jobs.get(id).state for id in (default, own)]
    assert states == ["requested", "cancelled"] and patients(registry, DEFAULT_NUMBER) == []


def test_refusals_are_for_their_owner_only(registry, command, tmp_path):
    with (tmp_path / "patients.ndjson").open("a") as file:
        file.write(patient("p3", gender="Áo"))
    assert command("--errors", "errors.ndjson").returncode == 1
    path = tmp_path / "errors.ndjson"
    assert json.loads(path.read_text())["issue"][0]["diagnostics"].startswith("patients.ndjson, line 3: ")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# --- somebody else is at the same job -------------------------------------------------------------------


class Stop(threading.Event):
    """Never set: at the first wait something happens, later ones are too many."""

    def __init__(self, happens):
        super().__init__()
        self._happens = [happens]

    def wait(self, timeout=None):
        assert self._happens, "it waits for what will not be"
        self._happens.pop()()
        return False


def requested(registry, tmp_path):
    path = tmp_path / "patients.ndjson"
    path.write_text(patient("p1") + patient("p2"))
    return request_files(registry, DEFAULT_NUMBER, [path], None, LIMIT, 1)


@pytest.mark.parametrize("ended", ["cancelled", "removed"])
def test_a_job_that_is_ended_meanwhile_is_waited_for_no_more(registry, tmp_path, ended):
    jobs, id_ = registry.store.jobs, requested(registry, tmp_path)
    jobs.claim("me", [KIND_OF_FILES], id=id_).give_back(error("unavailable", "transient", "later"))

    def end():
        assert jobs.cancel(id_)
        assert ended == "cancelled" or jobs.remove(id_)

    with pytest.raises(ImportFailed, match=f"the job was {ended}; the same command begins anew"):
        _claim(jobs, id_, Stop(end))


def test_a_job_that_another_process_has_completed_is_told(registry, tmp_path, monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    id_ = requested(registry, tmp_path)
    do(registry, registry.store.jobs.claim("another", [KIND_OF_FILES], id=id_))
    (stored,) = _carry_out(registry, id_).result["output"]
    assert (stored["type"], stored["created"]) == ("Patient", 2)


def test_a_job_that_another_process_looks_at_is_waited_for(new_registry, content, tmp_path):
    """Of two equal commands at once; on SQLite one of them has had its turn."""
    with closing(open_registry(new_registry("postgresql"), content)) as registry, ExitStack() as another:
        id_ = requested(registry, tmp_path)
        connection = another.enter_context(registry.store.database.write(EVERYWHERE))
        connection.execute(select(registry.store.tables.jobs.job).with_for_update())
        job = _claim(registry.store.jobs, id_, Stop(another.close))
        assert (job.id, job.state) == (id_, "in-progress")
