"""What is refused before any route runs, over real sockets (https://www.rfc-editor.org/rfc/rfc9112#section-11.2)."""

import asyncio
import gzip
import json
import socket
import time
from contextlib import suppress

import pytest
import requests
from own_server import FHIR, OwnServer, exchange

from fhir_registry.edges.serve import STUCK, _bound
from fhir_registry.edges.work_memory import COST, HELD, OWN, WorkMemory, largest_body
from fhir_registry.ops.token_keys import new_key

HEAD = f"POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FHIR}\r\n"
PATIENT = b'{"resourceType":"Patient"}'
HIDDEN = "GET /fhir/metadata HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def server(request, new_database, tmp_path_factory):
    settings = {"max_body_bytes": 100_000, "job_workers": 0}
    with OwnServer(new_database(request.param), tmp_path_factory.mktemp("server"), **settings) as server:
        yield server


def statuses(answer):
    """The status of each response in what came back on a connection."""
    return [int(part[:3]) for part in answer.split(b"HTTP/1.1 ")[1:]]


# SEC-24
@pytest.mark.parametrize(
    "lengths",
    [
        "Content-Length: 4\r\nContent-Length: 26\r\n",
        "Content-Length: +26\r\n",
        "Content-Length: 2 6\r\n",
        "Content-Length: -1\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "X: y\r\n folded: z\r\nContent-Length: 26\r\n",
        "X: y\rContent-Length: 26\r\n",
    ],
)
def test_sec_24_lengths_that_two_readers_may_read_differently_are_refused(server, lengths):
    answer = server.exchange(f"{HEAD}{lengths}\r\n".encode() + PATIENT + HIDDEN.encode())
    assert statuses(answer) == [400], answer


def test_headers_that_decide_are_refused_when_they_cannot_be_read_and_not_passed_over(server):
    # Without it the create would be unconditional, and store the same patient again and again.
    for header in (b"If-None-Exist: name=M\xfcller", b'If-Match: W/"\xc3\xa9"', b"Prefer: return=\xff"):
        head = HEAD.encode() + header + b"\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(PATIENT)
        answer = server.exchange(head + PATIENT)
        assert statuses(answer) == [400] and b"ASCII" in answer, header
    # A proxy of the hospital may name who has logged in.
    head = HEAD.encode() + b"X-Remote-User: M\xfcller\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(PATIENT)
    assert statuses(server.exchange(head + PATIENT)) == [201]


def test_sec_24_a_name_with_an_underscore_is_not_the_one_with_a_hyphen(server):
    for header in ("Content_Length: 3", "If_None_Exist: identifier=a|b", "Content_Type: text/plain"):
        head = f"{HEAD}{header}\r\nContent-Length: {len(PATIENT)}\r\nConnection: close\r\n\r\n"
        for _ in range(2):
            assert statuses(server.exchange(head.encode() + PATIENT)) == [201], header


# SEC-24: Transfer-Encoding counts, as RFC 9112 says, and nothing is read behind such a body
@pytest.mark.parametrize("length", ["", "Content-Length: 4\r\n", "Content-Length: 400\r\n"])
def test_sec_24_a_chunked_body_is_the_last_of_its_connection(server, length):
    body = f"{len(PATIENT):x}\r\n".encode() + PATIENT + b"\r\n0\r\n\r\n"
    answer = server.exchange(f"{HEAD}{length}Transfer-Encoding: chunked\r\n\r\n".encode() + body + HIDDEN.encode())
    assert statuses(answer) == [201] and b"connection: close" in answer


# SEC-01
@pytest.mark.parametrize(
    "sent",
    [
        b"Content-Length: 500\r\n\r\n" + PATIENT,
        b"Transfer-Encoding: chunked\r\n\r\n1a\r\n" + PATIENT,
        b"Transfer-Encoding: chunked\r\n\r\n1a\r\n" + PATIENT + b"\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n1a\r\n" + PATIENT + b"\r\nzz\r\n",
    ],
)
def test_sec_01_a_body_that_ends_early_is_never_taken_for_a_whole_one(server, sent):
    answer = server.exchange(HEAD.encode() + sent, close=True)
    assert statuses(answer) == [400] and b'"code":"incomplete"' in answer


# SEC-01
@pytest.mark.parametrize("announced", [True, False])
def test_sec_01_a_body_beyond_the_limit_is_413_and_the_connection_closed(server, announced):
    if announced:
        answer = server.exchange(f"{HEAD}Content-Length: 100001\r\n\r\n".encode() + PATIENT)
    else:
        chunk = b"4000\r\n" + b" " * 0x4000 + b"\r\n"
        answer = server.exchange(f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode() + chunk * 8)
    assert statuses(answer) == [413] and b"connection: close" in answer and b'"code":"too-long"' in answer


# SEC-25
def test_sec_25_the_limit_is_on_the_unpacked_body(server):
    packed = gzip.compress(PATIENT + b" " * 100_000)
    headers = {"Content-Type": FHIR, "Content-Encoding": "gzip"}
    assert requests.post(f"{server.base}/Patient", packed, headers=headers, timeout=20).status_code == 413


# SEC-20
def test_sec_20_long_headers_and_urls_are_refused(server):
    long = requests.get(f"{server.base}/Patient", headers={"X-Long": "a" * 8_193}, timeout=20)
    assert long.status_code == 431 and long.json()["issue"][0]["code"] == "too-long"
    assert requests.get(f"{server.base}/Patient?name={'a' * 66_000}", timeout=20).status_code == 414
    many = {f"X-{number}": "a" for number in range(101)}
    assert requests.get(f"{server.base}/Patient", headers=many, timeout=20).status_code == 431


# SEC-23
def test_sec_23_trace_is_405_and_other_ways_to_name_a_method_are_nothing(server):
    assert requests.request("TRACE", f"{server.base}/Patient/a", timeout=20).status_code == 405
    requests.put(
        f"{server.base}/Patient/a", data=b'{"resourceType":"Patient","id":"a"}', headers={"Content-Type": FHIR}
    )
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert requests.get(f"{server.base}/Patient/a", headers={name: "DELETE"}, timeout=20).status_code == 200
    assert requests.get(f"{server.base}/Patient?_method=DELETE", timeout=20).status_code == 400
    assert requests.get(f"{server.base}/Patient/a", timeout=20).status_code == 200


# SEC-24
@pytest.mark.parametrize("hosts", ["", "Host: a\r\nHost: b\r\n", "Host: a b\r\n"])
def test_sec_24_a_request_names_one_host(server, hosts):
    answer = server.exchange(f"GET /fhir/Patient HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n".encode())
    assert statuses(answer) == [400]


# REL-23: an answer that nobody takes ends with the connection, after a minute
@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such option")
def test_rel_23_connections_whose_client_takes_nothing_are_given_up():
    with _bound("127.0.0.1", 0) as bound:
        bound.listen()
        with socket.create_connection(bound.getsockname()), bound.accept()[0] as accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == STUCK


# SEC-33
def test_sec_33_headers_name_no_version(server):
    for path in ("fhir/metadata", "fhir/Nothing", "health/live", "metrics"):
        headers = requests.get(f"{server.root}/{path}", timeout=20).headers
        assert headers.pop("server") == "fhir-registry" and "x-powered-by" not in headers


def test_a_server_of_little_memory_takes_smaller_bodies():
    assert largest_body(50_000_000, 1, memory=512_000_000) == (512_000_000 - OWN) // (COST + HELD)
    assert largest_body(50_000_000, 1, memory=16_000_000_000) == 50_000_000
    assert largest_body(50_000_000, 4, memory=2_000_000_000) < largest_body(50_000_000, 1, memory=2_000_000_000)


# SEC-01: what is held together is bounded; who gets no room waits for it, and small bodies go ahead
def test_sec_01_large_bodies_come_in_one_after_the_other(server):
    filling = b" " * 80_000
    uploads = [server.connect() for _ in range(4)]
    try:
        for upload in uploads:
            upload.sendall(f"{HEAD}Content-Length: {80_000 + len(PATIENT)}\r\n\r\n".encode() + filling)
        small = requests.post(f"{server.base}/Patient", json=json.loads(PATIENT), timeout=20)
        assert small.status_code == 201
        for upload in uploads:
            upload.sendall(PATIENT)
        assert [statuses(upload.recv(65536)) for upload in uploads] == [[201]] * 4
    finally:
        for upload in uploads:
            upload.close()


def test_sec_01_no_more_than_two_of_the_largest_bodies_are_held():
    class Request:
        held = working = 0
        paused = False

    async def fill(memory, request, size):
        with suppress(TimeoutError):
            async with asyncio.timeout(0.05):
                for _ in range(size):
                    await memory.hold(request, 1)

    async def fill_all():
        memory, (old, young, small) = WorkMemory(1000), (Request() for _ in range(3))
        await fill(memory, old, 600)
        await fill(memory, young, 1000)
        assert (young.held, young.paused) == (400, True)
        await fill(memory, small, 1000)
        assert (small.held, small.paused) == (100, True)
        await fill(memory, old, 400)
        assert (old.held, old.paused) == (1000, False)
        memory.give_back(old)
        await fill(memory, young, 600)
        assert (young.held, young.paused) == (1000, False)

    asyncio.run(fill_all())


class Large:
    """A request whose body takes all that WorkMemory(1000) lets be worked on."""

    def __init__(self):
        self.held = self.working = 0
        self.refusal, self.body, self.headers = None, bytes(1000), {}


@pytest.mark.parametrize("how", ["late", "gone"])
def test_who_gets_his_turn_in_the_moment_in_which_he_stops_waiting_gives_it_back(how):
    async def take_turns():
        memory, first, second, third = WorkMemory(1000), Large(), Large(), Large()
        await memory.take(first, 1)
        waiting = asyncio.create_task(memory.take(second, 0.02))
        if how == "late":
            asyncio.get_running_loop().call_later(0.01, memory.give_back, first)
        await asyncio.sleep(0)  # it waits by now
        if how == "late":
            time.sleep(0.03)  # both are due when the loop goes on
        else:
            memory.give_back(first)
            waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        assert second.working == 1000
        memory.give_back(second)
        await memory.take(third, 0.01)
        assert (third.working, third.refusal) == (1000, None)

    asyncio.run(take_turns())


# --- where a token is needed -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def closed(new_registry, tmp_path_factory):
    """A server at which who asks is to say who he is."""
    folder = tmp_path_factory.mktemp("closed")
    (folder / "token.pem").write_bytes(new_key())
    settings = {"access": "builtin", "token_keys": folder / "token.pem", "job_workers": 0, "body_seconds": 120}
    with OwnServer(new_registry("sqlite"), folder, **settings) as server:
        yield server


CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n" + (b"4000\r\n" + b" " * 0x4000 + b"\r\n") * 5
FORM = "POST /auth/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"


@pytest.mark.parametrize("sent", [b"Content-Length: 65537\r\n\r\n{", CHUNKS], ids=["announced", "chunked"])
def test_sec_01_a_long_body_without_a_token_is_refused_unread(closed, sent):
    """It would take memory for as long as it may come; so the answer is there before the body is."""
    answer = closed.exchange(HEAD.encode() + sent)
    assert statuses(answer) == [401] and answer.count(b"connection: close") == 1, answer
    assert b"www-authenticate: Bearer\r\n" in answer and b'"code":"login"' in answer
    answer = closed.exchange(FORM.encode() + sent)
    assert statuses(answer) == [413] and b'"code":"too-long"' in answer and b"connection: close" in answer


def test_sec_01_a_short_body_without_a_token_and_a_long_one_with_any_are_read(closed):
    for size, header, challenge in (
        (65_536, "", b"Bearer\r\n"),
        (65_537, "Authorization: Bearer x\r\n", b"Bearer error="),
    ):
        head = f"{HEAD}{header}Content-Length: {size}\r\n\r\n".encode()
        answer = exchange(("127.0.0.1", closed.port), head + b" " * size, until=b"}]}")
        assert statuses(answer) == [401] and b"www-authenticate: " + challenge in answer, answer
        assert b"connection: close" not in answer
