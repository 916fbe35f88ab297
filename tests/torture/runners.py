"""Clients of several servers over one database, each in a thread of its own."""

import random
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path

from own_postgresql import OwnPostgreSQL
from own_server import Client, NoAnswer, OwnServer

IDLE_SECONDS = 5


@contextmanager
def track(database, folder, servers, workers, clients, seed):
    """Runners on servers of their own over one empty database, `sqlite` or `postgresql`."""
    with ExitStack() as stack:
        if database == "sqlite":
            url = f"sqlite:///{folder}/races.sqlite"
        else:
            url = stack.enter_context(OwnPostgreSQL(Path(folder) / "postgresql")).new_database("races", plain=True)
        ports = []
        for number in range(servers):
            (place := Path(folder) / f"server{number}").mkdir()
            ports.append(stack.enter_context(OwnServer(url, place, workers)).port)
        runners = Runners(ports, clients, seed)
        stack.callback(runners.one.close)
        yield runners


class Runners:
    """Clients of all servers, each in a thread. one: a Runner for this thread; statuses: how often each came."""

    def __init__(self, ports, clients, seed):
        self.ports, self.clients, self.seed, self.statuses = ports, clients, seed, Counter()
        self.one = Runner(ports, 0, random.Random(seed))

    def run(self, work, clients=None):
        """Call work(Runner) in a thread for each client, all begun at once; returns what they gave, in order."""
        clients = clients or self.clients
        given, failed, start = [None] * clients, [], threading.Barrier(clients)

        def run_one(number):
            runner = Runner(self.ports, number, random.Random(f"{self.seed} {number}"))
            try:
                start.wait()
                given[number] = work(runner)
            except Exception as problem:
                failed.append(problem)
            finally:
                runner.close()
                self.statuses.update(runner.statuses)

        threads = [threading.Thread(target=run_one, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]
        return given


class Runner:
    """One client: a connection to each server, used in turn, so that what one process wrote another is asked for."""

    def __init__(self, ports, number, dice):
        self.number, self.dice, self.statuses = number, dice, Counter()
        self._ports, self._clients, self._turn = ports, [Client(port) for port in ports], number
        self._sent = time.monotonic()

    def send(self, method, path, body=None, **headers):
        """The Answer, after as many 503 as there may be; `If_Match="..."` is the header If-Match."""
        headers = {name.replace("_", "-"): text for name, text in headers.items()}
        while True:
            self._turn += 1
            client = self._clients[self._turn % len(self._clients)]
            if time.monotonic() - self._sent > IDLE_SECONDS:
                self.close()  # the servers may have done so; the next request opens them again
            self._sent = time.monotonic()
            answer = client.fhir(method, path, body, headers)
            self.statuses[answer.status] += 1
            if answer.status != 503:
                return answer
            time.sleep(self.dice.uniform(0, 0.2))

    def abandon(self, method, path, body):
        """Send a request, and go before the answer comes."""
        client = Client(self._ports[self._turn % len(self._ports)], seconds=self.dice.uniform(0.0005, 0.01))
        try:
            client.fhir(method, path, body)
        except NoAnswer:
            self.statuses["abandoned"] += 1
        finally:
            client.close()

    def push(self, *entries):
        """The Answer to a transaction."""
        return self.send("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)})

    def total(self, query):
        """How many resources a search finds."""
        return self.send("GET", f"{query}&_summary=count").json()["total"]

    def versions(self, path):
        """Resources of a history, newest first."""
        return [entry["resource"] for entry in self.history(f"{path}/_history")]

    def history(self, path):
        """Yield the entries of a history, newest first."""
        path += "?_count=1000"
        while path:
            page = self.send("GET", path).json()
            yield from page.get("entry", ())
            links = {link["relation"]: link["url"] for link in page["link"]}
            path = links.get("next", "").partition("/fhir/")[2]

    def close(self):
        for client in self._clients:
            client.close()


def entry(method, url, resource, **conditions):
    """An entry of a transaction."""
    return {"resource": resource, "request": {"method": method, "url": url, **conditions}}
