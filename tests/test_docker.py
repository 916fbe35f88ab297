"""The image and the compose files: linted, and their very steps and commands carried out without an engine."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import requests
import yaml
from docker_image import MOUNTED, ROOT, context, environment, health_command, new_image, of, read_dockerfile
from own_postgresql import OwnPostgreSQL
from own_server import FHIR, wait_until
from sqlalchemy import make_url

from fhir_registry.edges.config import PREFIX, Config, ConfigError, Settings
from fhir_registry.edges.credentials import BackendClient
from fhir_registry.examples import Example
from fhir_registry.fhir import json as exact

DOCKER = ROOT / "docker"
STAGES = read_dockerfile(DOCKER / "Dockerfile")
FINAL = STAGES[-1]
COMPOSE = [DOCKER / "compose.yaml", DOCKER / "compose.sqlite.yaml"]
# https://github.com/compose-spec/compose-spec/blob/main/05-services.md, those that are of use here
SERVICE_KEYS = {
    "image", "build", "entrypoint", "command", "environment", "secrets", "volumes", "ports", "depends_on",
    "healthcheck", "restart", "read_only", "tmpfs", "cap_drop", "cap_add", "security_opt", "init",
    "stop_grace_period", "shm_size",
}  # fmt: skip
PASSWORD_FILE = "FHIR_REGISTRY_DATABASE_PASSWORD_FILE"
SECRET, SOCKET = MOUNTED.split()  # PostgreSQL listens on nothing else here
STOP_SECONDS = 40  # as stop_grace_period


def services(path):
    return yaml.safe_load(path.read_text())["services"]


# --- what is written


@pytest.mark.skipif(sys.platform != "linux", reason="hadolint is installed on Linux only")
def test_the_dockerfile_has_nothing_that_hadolint_knows_better():
    hadolint = shutil.which("hadolint") or Path(sys.executable).parent / "hadolint"
    done = subprocess.run([hadolint, DOCKER / "Dockerfile"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_pinned_and_has_no_rights():  # SEC-36
    bases = [argument.split()[0] for stage in STAGES for name, argument in stage if name == "FROM"]
    assert len(STAGES) == 2 and all(base.partition(":")[2].split("-")[0].count(".") == 2 for base in bases)
    assert of(FINAL, "USER") == "65532:65532"
    assert of(FINAL, "ENTRYPOINT") == ["fhir-registry"] and of(FINAL, "CMD") == ["serve"]
    assert "/health/ready" in health_command(FINAL)[-1]
    settings = {name: value for name, value in environment(FINAL).items() if name.startswith(PREFIX)}
    with pytest.raises(ConfigError, match="ACCESS is none"):
        Config.from_env(settings)
    config = Config.from_env(settings | {f"{PREFIX}INSECURE_OPEN_ACCESS": "yes"})
    assert (config.host, str(config.data_dir)) == ("0.0.0.0", "/data")
    assert of(FINAL, "EXPOSE") == str(config.port)


def test_only_the_program_is_sent_to_the_build():
    names = {str(name) for name in context()}
    assert {"setup.cfg", "README.md", "fhir_registry/edges/cli.py", "server.py"} <= names
    content = {"fhir_registry", "profiles", "mappings", "measures"}
    files = {"server.py", "setup.cfg", "pyproject.toml", "README.md", "LICENSE"}
    assert {name.split("/")[0] for name in names} == content | files
    assert not any("__pycache__" in name for name in names)


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_compose_files_keep_to_the_specification(path):
    compose = yaml.safe_load(path.read_text())
    assert {key for key in compose if not key.startswith("x-")} <= {"name", "services", "secrets", "volumes"}
    volumes, secrets = compose.get("volumes", {}), compose.get("secrets", {})
    for name, service in compose["services"].items():
        assert set(service) <= SERVICE_KEYS, name
        assert "image" in service
        if "build" in service:
            built = (DOCKER / service["build"]["context"]).resolve()
            assert built == ROOT and (built / service["build"]["dockerfile"]).is_file()
        for volume in service.get("volumes", ()):
            source = volume.split(":")[0]
            assert source in volumes or (DOCKER / source).is_file()
        for secret in service.get("secrets", ()):
            assert secret in secrets
        for other, how in service.get("depends_on", {}).items():
            assert how == {"condition": "service_healthy"}
            assert "healthcheck" in compose["services"][other] or compose["services"][other]["image"] == "fhir-registry"
    assert all(set(secret) == {"file"} for secret in secrets.values())


@pytest.mark.parametrize("path", COMPOSE, ids=lambda path: path.name)
def test_services_have_few_rights_and_only_this_machine_reaches_them(path):  # SEC-36
    for name, service in services(path).items():
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "/tmp" in service["tmpfs"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        assert ("cap_add" in service or "privileged" in service) == (name == "database")
        for variable in service.get("environment", {}):
            assert "PASSWORD" not in variable or variable.endswith("_FILE")
            assert not variable.startswith(PREFIX) or variable.removeprefix(PREFIX).lower() in Settings().fields


def test_compose_has_the_parts_of_a_registry():
    server, worker = services(COMPOSE[0])["server"], services(COMPOSE[0])["worker"]
    assert server["environment"]["FHIR_REGISTRY_JOB_WORKERS"] == 0
    assert worker["command"] == ["worker"] and server["entrypoint"][-1].endswith("exec fhir-registry serve")
    assert "data:/data" in server["volumes"] and "volumes" not in worker  # the key that signs tokens
    for part in (server, worker):
        assert Config.from_env(environment(FINAL) | exported(part) | {PASSWORD_FILE: ""}).access == "builtin"
        assert part["environment"][PASSWORD_FILE] == SECRET
        assert Config.from_env(exported(part) | {PASSWORD_FILE: ""}).database.startswith(
            "postgresql+psycopg://registry@"
        )
    ignored = subprocess.run(["git", "check-ignore", "-q", "docker/database-password"], cwd=ROOT)
    assert ignored.returncode in (0, 128)  # 128: not a working tree


def test_the_user_of_the_database_is_no_superuser(tmp_path):
    """To whom the wall between sites would be none."""
    service = services(COMPOSE[0])["database"]
    assert "./database.sh:/docker-entrypoint-initdb.d/database.sh:ro" in service["volumes"]
    assert "POSTGRES_USER" not in service["environment"]  # the image makes a superuser of it
    with OwnPostgreSQL(tmp_path / "postgresql") as own:
        url = make_url(own.new_database(service["environment"]["POSTGRES_DB"]))
        given = {"POSTGRES_USER": url.username, "POSTGRES_DB": url.database, "POSTGRES_PASSWORD": 'it\'s \\ "one"'}
        variables = {"PATH": f"{own.programs}:{os.environ['PATH']}", "PGHOST": url.query["host"]}
        subprocess.run(["sh", DOCKER / "database.sh"], env=given | variables, check=True, capture_output=True)
        with psycopg.connect(url.set(drivername="postgresql").render_as_string(False), user="registry") as connection:
            query = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
            assert connection.execute(query).fetchone() == (False,)
            connection.execute("CREATE TABLE own (n integer)")


def exported(service):
    """The environment of a service, as text."""
    return {name: str(value) for name, value in service.get("environment", {}).items()}


# --- what is run


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    try:
        with new_image(tmp_path_factory.mktemp("image")) as image:
            image.build(STAGES)
            yield image
    except OSError as problem:
        pytest.skip(f"this machine lets nobody mount: {problem}")


class Container:
    """A process of the image with the rights that compose gives it."""

    def __init__(self, image, service, more):
        self._image = image
        self.environment = environment(FINAL) | exported(service) | more
        command = service.get("command", [] if "entrypoint" in service else of(FINAL, "CMD"))
        self.arguments = service.get("entrypoint", of(FINAL, "ENTRYPOINT")) + command
        self.folder, self.user = of(FINAL, "WORKDIR"), of(FINAL, "USER")

    def command(self, arguments):
        return self._image.command(arguments, self.folder, self.user, self.environment)

    def run(self, *arguments, given=None):
        return subprocess.run(self.command(arguments), input=given, capture_output=True, text=True, timeout=60)

    @contextmanager
    def running(self, log):
        """It runs; at the end it is stopped as by `docker stop`, and must end well."""
        with log.open("wb") as sink:
            process = subprocess.Popen(self.command(self.arguments), stdout=sink, stderr=sink)
        try:
            yield process
            process.send_signal(signal.SIGTERM)
            assert process.wait(STOP_SECONDS) == 0, log.read_text()
        finally:
            process.kill()
            process.wait()

    def healthy(self, process, log):
        assert process.poll() is None, log.read_text()
        return self.run(*health_command(FINAL)).returncode == 0


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


@contextmanager
def data_folder(image):
    """/data of a container: a new volume, which takes over the owner of the image's folder."""
    image.outside("mount -t tmpfs -o $(stat -c 'uid=%u,gid=%g,mode=%a' $root/data) tmpfs $root/data")
    try:
        yield
    finally:
        image.outside("umount $root/data")


def push(base, auth=None):
    """Send a made-up hospital and its patient."""
    for bundle in Example("halaven", 1, seed=1).bundles():
        answer = requests.post(base, exact.dumps(bundle), headers={"Content-Type": FHIR}, auth=auth, timeout=60)
        assert answer.status_code == 200, answer.text
    assert requests.get(f"{base}/Patient?_summary=count", auth=auth, timeout=60).json()["total"] == 1


def register(server, folder, base):
    """A client of the server, by the commands of docs/docker.md: what signs its requests."""
    made = server.run(
        "sh", "-c", "fhir-registry key /tmp/a.pem --jwks /tmp/a.json >&2 && cat /tmp/a.pem && rm /tmp/a.pem"
    )
    (folder / "client.pem").write_text(made.stdout)
    who = ("--name", "Klinik A", "--site", "klinik-a", "--scopes", "system/*.cruds")
    keys = server.run("cat", "/tmp/a.json").stdout
    registered = [
        server.run("fhir-registry", "client", "register", *who, "--jwks", place, given=keys)
        for place in ("/tmp/a.json", "-")
    ]
    assert [done.returncode for done in registered] == [0, 0], registered
    return BackendClient(base, registered[1].stdout.strip(), folder / "client.pem", "system/*.cruds")


def test_the_image_serves_from_a_file_of_its_volume(image, tmp_path):  # SEC-36
    port, log = free_port(), tmp_path / "log"
    container = Container(image, services(COMPOSE[1])["server"], {"FHIR_REGISTRY_PORT": port})
    with data_folder(image):
        refused = container.run("python", "-c", "open('/opt/fhir-registry/x', 'w')")
        assert "Read-only file system" in refused.stderr or "Permission denied" in refused.stderr
        assert container.run(*health_command(FINAL)).returncode != 0  # nothing listens yet
        with container.running(log) as process:
            wait_until(lambda: container.healthy(process, log))
            push(f"http://127.0.0.1:{port}/fhir")
        with container.running(log) as process:  # what was stored is still there
            wait_until(lambda: container.healthy(process, log))
            base = f"http://127.0.0.1:{port}/fhir"
            assert requests.get(f"{base}/Patient?_summary=count", timeout=60).json()["total"] == 1


def test_the_services_of_compose_work_together(image, new_database, postgresql_server, tmp_path):
    parts, port = services(COMPOSE[0]), free_port()
    url = new_database("postgresql")  # ...//postgres:@/name?host=folder of its socket
    user, _, place = url.partition("://")[2].partition("@")
    name, _, folder = place.partition("?host=")
    secret = tmp_path / "database-password"
    secret.write_text("not asked for\n")
    image.outside(f"mount --bind {folder}/{Path(SOCKET).name} $root{SOCKET}; mount --bind {secret} $root{SECRET}")
    database = f"postgresql+psycopg://{user.partition(':')[0]}@{name}?host=/run/database"
    base = f"http://127.0.0.1:{port}/fhir"
    more = {"FHIR_REGISTRY_DATABASE": database, "FHIR_REGISTRY_PORT": port, "FHIR_REGISTRY_BASE_URL": base}
    server, worker = (Container(image, parts[name], more) for name in ("server", "worker"))
    logs = tmp_path / "server.log", tmp_path / "worker.log"
    with data_folder(image), server.running(logs[0]) as process:
        wait_until(lambda: server.healthy(process, logs[0]))
        assert requests.get(f"{base}/Patient", timeout=60).status_code == 401
        auth = register(server, tmp_path, base)
        push(base, auth)
        with worker.running(logs[1]):
            report = f"{base}/Measure/halaven-dcr/$evaluate-measure?periodEnd=2025-06-30"
            asked = requests.get(report, headers={"Prefer": "respond-async"}, auth=auth, timeout=60)
            assert asked.status_code == 202
            place = f"{base}/{asked.headers['Content-Location'].partition('/fhir/')[2]}"
            wait_until(lambda: requests.get(place, auth=auth, timeout=60).status_code == 200)
            entry = requests.get(place, auth=auth, timeout=60).json()["entry"][0]
            assert entry["resource"]["resourceType"] == "MeasureReport"
