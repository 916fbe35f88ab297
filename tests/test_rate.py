"""How many requests a client may send (https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm)."""

import pytest
import requests
from own_server import OwnServer

from fhir_registry.edges.rate import SLOTS, RateLimiter


@pytest.fixture
def path(tmp_path):
    RateLimiter.make_table(tmp_path / "limits")
    return tmp_path / "limits"


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


# SEC-22. 60 a minute: one a second, and what 10 seconds bring at once, beside the first
def test_sec_22_a_burst_then_the_rate(path):
    clock = Clock()
    limiter = RateLimiter(path, 60, 0, clock)
    assert [limiter.wait("10.0.0.1") for _ in range(13)] == [0] * 11 + [1, 1]
    assert limiter.wait("10.0.0.2") == 0
    clock.now += 1
    assert [limiter.wait("10.0.0.1") for _ in range(2)] == [0, 1]
    clock.now += 100
    assert [limiter.wait("10.0.0.1") for _ in range(12)] == [0] * 11 + [1]


# SEC-22: the limit survives several workers
def test_sec_22_processes_share_the_count(path):
    clock = Clock()
    one, other = (RateLimiter(path, 60, 0, clock) for _ in range(2))
    for _ in range(5):
        assert one.wait("10.0.0.1") == other.wait("10.0.0.1") == 0
    assert one.wait("10.0.0.1") == 0
    assert one.wait("10.0.0.1") == other.wait("10.0.0.1") == 1


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "client"),
    [
        (0, "10.0.0.1", "1.1.1.1", "10.0.0.1"),  # whoever says so
        (1, "10.0.0.1", "1.1.1.1", "1.1.1.1"),
        (1, "10.0.0.1", "6.6.6.6, 1.1.1.1", "1.1.1.1"),  # the first is made up
        (2, "10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
        (2, "10.0.0.1", "1.1.1.1", "1.1.1.1"),
        (1, "10.0.0.1", None, "10.0.0.1"),
        (0, "2001:db8::1", None, "2001:db8::ffff"),  # one network
        (0, "::ffff:10.0.0.1", None, "10.0.0.1"),  # a socket for both kinds
        (1, "10.0.0.1", "unknown", "unknown"),
        # With the port of the connection, another one each time (RFC 7239, 6).
        (1, "10.0.0.1", "1.1.1.1:51111", "1.1.1.1"),
        (1, "10.0.0.1", "6.6.6.6:1, 1.1.1.1:51111", "1.1.1.1"),
        (1, "10.0.0.1", "2001:db8::1", "2001:db8::ffff"),
        (1, "10.0.0.1", "[2001:db8::1]", "2001:db8::ffff"),
        (1, "10.0.0.1", "[2001:db8::1]:443", "2001:db8::ffff"),
        (1, "10.0.0.1", "[::ffff:1.1.1.1]:443", "1.1.1.1"),
        (1, "10.0.0.1", "unknown:7", "unknown"),
        (1, "10.0.0.1", "a:b:c", "a:b:c"),
        (1, "10.0.0.1", "[2001:db8::1", "2001:db8::ffff"),
    ],
)
def test_sec_22_who_the_client_is(path, proxies, peer, forwarded, client):
    clock = Clock()
    limiter = RateLimiter(path, 60, proxies, clock)
    while not limiter.wait(peer, forwarded):
        pass
    assert RateLimiter(path, 60, 0, clock).wait(client) == 1


def test_more_clients_than_places_are_still_counted(path):
    clock = Clock()
    limiter = RateLimiter(path, 6, 0, clock)
    assert [limiter.wait("busy") for _ in range(3)] == [0, 0, 10]
    for number in range(SLOTS // 8):
        clock.now += 0.0001
        assert limiter.wait(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}") == 0
    assert limiter.wait("busy") > 0


# SEC-22
def test_sec_22_a_server_answers_429_and_says_when_to_come_again(new_database, tmp_path):
    settings = {"workers": 2, "job_workers": 0, "max_requests_per_minute": 30, "trusted_proxies": 1}
    with OwnServer(new_database("sqlite"), tmp_path, **settings) as server:
        answers = [
            requests.get(f"{server.base}/metadata", headers={"X-Forwarded-For": "1.1.1.1"}, timeout=20)
            for _ in range(20)
        ]
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert {answer.status_code for answer in answers} == {200, 429}
        assert 1 <= int(refused.headers["Retry-After"]) <= 2
        assert refused.json()["issue"][0]["code"] == "throttled"
        other = requests.get(f"{server.base}/metadata", headers={"X-Forwarded-For": "1.1.1.2"}, timeout=20)
        assert other.status_code == 200
        assert all(requests.get(f"{server.root}/health/ready", timeout=20).ok for _ in range(20))


def test_sec_22_clients_of_ipv4_are_not_one_network_of_ipv6(path):
    limiter = RateLimiter(path, 60, 0, Clock())
    assert [limiter.wait("::ffff:10.0.0.1") for _ in range(12)] == [0] * 11 + [1]
    assert limiter.wait("::ffff:10.0.0.2") == 0
