"""A host that says a little all the time holds nobody up (https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/)."""

import ipaddress
import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress

import pytest
from https_server import make_certificate

from fhir_registry.fhir.errors import FhirError
from fhir_registry.ops.outbound import Host, Patience, fetch

PATIENCE = Patience(connect=5, silent=1, total=1)
PAUSE, PIECES = 0.1, 30  # seconds, so that each answer takes three
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n"


@contextmanager
def dripping(certificate, quick, slow, rest):
    """(port, what was sent to its end) of a server that sends `quick`, a byte of `slow` at a time, and the rest."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    ended = []

    def answer():
        connection, _ = listening.accept()
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as client:
            client.recv(10_000)
            client.sendall(quick)
            for number in range(PIECES):
                client.sendall(slow[number : number + 1])
                time.sleep(PAUSE)
            client.sendall(rest)
            ended.append(rest)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1], ended
        thread.join()


@pytest.mark.parametrize(
    ("quick", "slow", "rest"),
    [
        (b"", b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * PIECES, b"\r\nContent-Length: 2\r\n\r\n{}"),  # the status line
        (HEAD % 2 + b"X-Slow: ", b"a" * PIECES, b"\r\n\r\n{}"),
        (HEAD % PIECES + b"\r\n", b" " * PIECES, b""),
    ],
)
def test_an_answer_that_comes_slowly_is_given_up(tmp_path, monkeypatch, quick, slow, rest):
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with dripping(certificate, quick, slow, rest) as (port, ended):
        host = Host("localhost", port, ipaddress.ip_network("127.0.0.0/8"))
        with pytest.raises(FhirError) as caught:
            list(fetch(f"https://localhost:{port}/keys", host, {}, PATIENCE, 10_000, "SETTING"))
    assert not ended  # it was not waited for
    assert (caught.value.kind, caught.value.issues[0].code) == ("too-large", "timeout")
