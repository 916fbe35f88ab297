"""Imports read from allowed places only, over real connections (IMP-04, IMP-07)."""

import hashlib
import ipaddress
import os
import socket

import pytest
from https_server import make_certificate, serving_https

from fhir_registry.edges.config import Config, ConfigError
from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.import_places import SETTING, Places
from fhir_registry.ops.outbound import Host, resolve

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
LINE = b'{"resourceType": "Patient", "id": "p"}\n'


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def server(certificate, monkeypatch):
    """A running https server of localhost that the system trusts, with one file."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with serving_https(certificate) as server:
        server.answers["/a.ndjson"] = (200, {"ETag": 'W/"v1"'}, LINE)
        yield server


@pytest.fixture
def places(server):
    return Places(None, [Host("localhost", server.port, LOOPBACK)], limit=10_000)


def read(places, url, etag=None):
    with places.open(url, etag) as (file, identity):
        return file.read(), identity


def refused(places, url, etag=None, kind="bad-request"):
    with pytest.raises(FhirError) as caught:
        read(places, url, etag)
    assert caught.value.kind == kind, caught.value
    return str(caught.value)


def test_hosts_are_told_with_port_and_network():
    hosts = "Files.example, b.example:8443,c.example=10.0.0.0/8,d.example:1=fd00::/8"
    networks = ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")
    assert Config.from_env({"FHIR_REGISTRY_IMPORT_HOSTS": hosts}).import_hosts == (
        ("files.example", 443, None),
        ("b.example", 8443, None),
        ("c.example", 443, networks[0]),
        ("d.example", 1, networks[1]),
    )
    for wrong in ("https://a.example", "a.example:x", "a.example=", "a.example=10.0.0.1/8", "a_b/c", "*"):
        with pytest.raises(ConfigError, match="IMPORT_HOSTS"):
            Config.from_env({"FHIR_REGISTRY_IMPORT_HOSTS": wrong})
    with pytest.raises(ConfigError, match="is not a folder"):
        Config.from_env({"FHIR_REGISTRY_IMPORT_FOLDER": "/none"})


def test_an_allowed_host_is_read(server, places):
    url = f"https://localhost:{server.port}/a.ndjson"
    places.check(url)
    assert read(places, url) == (LINE, hashlib.sha256(LINE).hexdigest())
    assert server.asked == [("/a.ndjson", f"localhost:{server.port}")]


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254/latest/meta-data",
        "http://localhost:5432/",
        "https://localhost:5432/",
        "https://localhost/",
        "https://[::1]/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://LOCALHOST.:443/",
        "https://files.example@localhost/",
        "https://files.example.evil.example/",
        "https://evil.example/#@files.example/",
        "https://evil.example\\@files.example/",
        "https://files.example:99999/",
        "https://files.example:0/",
        "https://files.example/" + "a" * 8000,
        "file://[::1",
        "https://files.example/ HTTP/1.1\r\nX: y",
        "https://fıles.example/",
        "ftp://files.example/a",
        "//files.example/a",
        "file:///etc/passwd",
        "gopher://files.example",
        "",
    ],
)
def test_other_places_are_refused_before_anything_is_connected_to(url):  # IMP-04
    with pytest.raises(FhirError) as caught:
        Places(None, [Host("files.example", 443, None)]).check(url)
    assert caught.value.kind == "bad-request"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "ff02::1",
        "fec0::1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b:1::7f00:1",
    ],
)  # fmt: skip
def test_an_allowed_name_with_an_inner_address_is_refused(address):  # IMP-04
    with pytest.raises(FhirError) as caught:
        resolve(Host(address, 443, None), SETTING)  # an address is a name that stands for itself
    assert caught.value.issues[0].code == "security"


def test_addresses_are_of_the_network_that_is_named():
    for address, network in (("10.1.2.3", "10.1.0.0/16"), ("8.8.8.8", None), ("fd00::1", "fd00::/8")):
        host = Host(address, 443, network and ipaddress.ip_network(network))
        assert str(resolve(host, SETTING)) == address
    with pytest.raises(FhirError):
        resolve(Host("8.8.8.8", 443, ipaddress.ip_network("10.1.0.0/16")), SETTING)


def test_a_name_that_stands_for_another_address_a_moment_later(server, places, monkeypatch):  # IMP-04, DNS rebinding
    ask, answers = socket.getaddrinfo, iter(["127.0.0.1"])

    def ask_twice(host, *rest, **options):  # nobody listens at the second address
        return ask(next(answers, "127.0.0.2") if host == "localhost" else host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", ask_twice)
    assert read(places, f"https://localhost:{server.port}/a.ndjson")[0] == LINE
    told = refused(places, f"https://localhost:{server.port}/a.ndjson", kind="unavailable")
    assert "localhost could not be read" in told


def test_redirects_are_not_followed(server, places):  # IMP-04
    for status in (301, 302, 303, 307, 308):
        server.answers["/away"] = (status, {"Location": "/a.ndjson"}, b"")
        assert "redirects are not followed" in refused(places, f"https://localhost:{server.port}/away")
    assert {path for path, _ in server.asked} == {"/away"}


def test_a_host_whose_certificate_is_of_another_is_not_read(server):
    places = Places(None, [Host("127.0.0.1", server.port, LOOPBACK)])
    refused(places, f"https://127.0.0.1:{server.port}/a.ndjson", kind="unavailable")
    assert server.asked == []


def test_etags(server, places):  # IMP-07
    url = f"https://localhost:{server.port}/a.ndjson"
    for etag in ('W/"v1"', '"v1"', "v1"):
        assert read(places, url, etag)[0] == LINE
    refused(places, url, 'W/"v2"', "precondition-failed")
    server.answers["/a.ndjson"] = (200, {}, LINE)
    refused(places, url, "v1", "precondition-failed")


def test_what_a_host_may_do_wrong(server, places):
    url = f"https://localhost:{server.port}"
    answers = {
        "/gone": ((404, {}, b"secret"), "not-found"),
        "/denied": ((403, {}, b"secret"), "not-found"),
        "/busy": ((503, {}, b"secret"), "unavailable"),
        "/large": ((200, {}, b"x" * 10_001), "too-large"),
        "/short": ((200, {"Content-Length": "99"}, LINE), "unavailable"),
        "/chunks": ((200, {"Transfer-Encoding": "chunked"}, b"zz\r\n"), "unavailable"),
    }
    for path, (answer, kind) in answers.items():
        server.answers[path] = answer
        assert "secret" not in refused(places, url + path, kind=kind)


# --- file: ------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in-other").mkdir()
    for place in ("in/a b.ndjson", "in/deep/c.ndjson", "in-other/d.ndjson", "secret"):
        (tmp_path / place).write_bytes(LINE)
    os.symlink(tmp_path / "secret", tmp_path / "in" / "link")
    os.symlink(tmp_path / "in" / "deep", tmp_path / "in" / "near")
    os.mkfifo(tmp_path / "in" / "pipe")
    return tmp_path


def test_files_in_the_folder_are_read(folder):
    places = Places(folder / "in")
    for name in ("a%20b.ndjson", "deep/c.ndjson", "deep/../a b.ndjson", "near/c.ndjson"):
        places.check(f"file://{folder}/in/{name}")
        assert read(places, f"file://{folder}/in/{name}")[0] == LINE
    url, digest = f"file://localhost{folder}/in/deep/c.ndjson", hashlib.sha256(LINE).hexdigest()
    assert read(places, url, digest)[0] == LINE
    refused(places, url, "0" * 64, "precondition-failed")
    refused(places, f"file://{folder}/in/none", kind="not-found")


def test_files_elsewhere_are_refused(folder):  # IMP-04
    places = Places(folder / "in")
    for path in ("secret", "in-other/d.ndjson", "in/../secret", "in/%2e%2e/secret", "in/link", "in", "in%00/a", ""):
        url = f"file://{folder}/{path}"
        with pytest.raises(FhirError, match="does not lead into"):
            places.check(url)
        refused(places, url)
    for url in (
        "file:///etc/passwd",
        f"file://evil{folder}/in/a b.ndjson",
        f"file://{folder}/in/a b.ndjson?x",
        "file:in",
    ):
        refused(places, url)
    assert "no file" in refused(places, f"file://{folder}/in/pipe")
    assert "no file" in refused(places, f"file://{folder}/in/deep")
    assert "FOLDER" in refused(Places(), f"file://{folder}/in/deep/c.ndjson")
