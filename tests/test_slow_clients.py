"""Clients that send or read slowly cost the others nothing (https://owasp.org/API-Security/editions/2023/en/0xa4-unrestricted-resource-consumption/)."""

import select
import socket
import threading
import time
from contextlib import suppress

import pytest
import requests
from own_server import FHIR, OwnServer, wait_until

HEAD = f"POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FHIR}\r\n"
CLIENTS = 200
BODY_SECONDS = 6


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request, new_database, tmp_path_factory):
    settings = {"body_seconds": BODY_SECONDS, "job_workers": 0}
    with OwnServer(new_database(request.param), tmp_path_factory.mktemp("server"), **settings) as server:
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": []}
        for number in range(500):
            patient = {"resourceType": "Patient", "name": [{"family": f"{number}", "text": "x" * 4000}]}
            entry = {"resource": patient, "request": {"method": "POST", "url": "Patient"}}
            bundle["entry"].append(entry)
        assert requests.post(server.base, json=bundle, timeout=60).ok
        yield server


class Trickle:
    """So many connections that each send a byte now and then, until they are closed or the block ends."""

    def __init__(self, server, head):
        self._connections = [server.connect() for _ in range(CLIENTS)]
        self._stop = threading.Event()
        for connection in self._connections:
            connection.sendall(head)
        self._sender = threading.Thread(target=self._send)

    def __enter__(self):
        self._sender.start()
        return self._connections

    def __exit__(self, *_):
        self._stop.set()
        self._sender.join()
        for connection in self._connections:
            connection.close()

    def _send(self):
        while not self._stop.wait(1):
            for connection in self._connections:
                with suppress(OSError):  # it was closed
                    connection.send(b" ")


def write_and_read(server):
    created = requests.post(f"{server.base}/Patient", json={"resourceType": "Patient"}, timeout=BODY_SECONDS - 1)
    assert created.status_code == 201
    assert requests.get(created.headers["Location"], timeout=BODY_SECONDS - 1).status_code == 200


# SEC-21, REL-23: nobody else waits, nothing is locked, and the slow ones are sent away
def test_sec_21_others_are_served_while_200_send_a_byte_a_second(server):
    with Trickle(server, f"{HEAD}Content-Length: 100000\r\n\r\n{{".encode()) as slow:
        for _ in range(10):
            write_and_read(server)
        answers = [connection.recv(65536) for connection in slow]
    assert all(answer.startswith(b"HTTP/1.1 408 ") and b'"code":"timeout"' in answer for answer in answers)


# SEC-21: what is sent fast buys no time to stand still, nor does a byte now and then
def test_sec_21_a_large_body_that_stands_still_is_sent_away(server):
    with server.connect() as idle, server.connect() as slow:
        for connection in (idle, slow):
            connection.sendall(f"{HEAD}Content-Length: 20000000\r\n\r\n".encode() + b" " * 5_000_000)
        for _ in range(3 * BODY_SECONDS):
            if select.select([slow], [], [], 1)[0]:
                break
            slow.sendall(b" ")
        for connection in (idle, slow):
            assert connection.recv(65536).startswith(b"HTTP/1.1 408 ")


# SEC-21: nor is the time of the client that for which the server has no room
def test_sec_21_what_comes_steadily_has_the_time_it_needs(new_registry, tmp_path):
    settings = {"body_seconds": 2, "request_seconds": 2, "max_body_bytes": 300_000, "job_workers": 0}
    bundle = b'{"resourceType":"Bundle","type":"batch"}'
    with (
        OwnServer(new_registry("sqlite"), tmp_path, **settings) as server,
        server.connect() as steady,
        server.connect() as waiting,
    ):
        for connection in (steady, waiting):
            connection.sendall(f"{HEAD}Content-Length: {280_000 + len(bundle)}\r\n\r\n".encode() + b" " * 130_000)
            time.sleep(0.2)  # it has reached the server: who comes first goes first
        waiting.sendall(b" " * 150_000 + bundle)
        for _ in range(50):  # for longer than all these seconds together
            steady.sendall(b" " * 3_000)
            time.sleep(0.1)
        steady.sendall(bundle)
        for connection in (steady, waiting):
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


# SEC-21
def test_sec_21_others_are_served_while_200_send_a_header_slowly(server):
    with Trickle(server, b"GET /fhir/metadata HTTP/1.1\r\nX-Slow: "):
        for _ in range(10):
            write_and_read(server)


# REL-23: an answer waits for its reader without a transaction and without a thread
def test_rel_23_others_are_served_while_200_do_not_read_their_answers(server):
    slow = []
    try:
        for _ in range(CLIENTS):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.connect(("127.0.0.1", server.port))
            connection.sendall(b"GET /fhir/Patient?_count=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
            slow.append(connection)
            if len(slow) % 40 == 0:
                write_and_read(server)
        answer = b""
        while len(answer) < 2_000_000:  # whole, however late
            answer += slow[0].recv(65536)
    finally:
        for connection in slow:
            connection.close()
    write_and_read(server)


# REL-23: what was committed stays, whether or not the client waits for the answer; to send it again is safe
@pytest.mark.parametrize("stays", [True, False])
def test_rel_23_a_client_that_leaves_before_the_answer_may_send_the_same_again(server, stays):
    url = f"{server.base}/Patient/left-{stays}"
    body = f'{{"resourceType":"Patient","id":"left-{stays}","gender":"other"}}'.encode()
    head = f"PUT /fhir/Patient/left-{stays} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FHIR}\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    with server.connect() as connection:
        connection.sendall(head.encode() + body)
        if stays:
            wait_until(lambda: requests.get(url, timeout=30).status_code == 200)
    again = requests.put(url, data=body, headers={"Content-Type": FHIR}, timeout=30)
    assert again.status_code == 200 if stays else again.ok
    assert again.headers["ETag"] == 'W/"1"'  # no second version
    assert requests.get(f"{url}/_history", timeout=30).json()["total"] == 1
