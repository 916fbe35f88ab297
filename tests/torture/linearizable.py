"""A concurrent history of reads and writes, with kills, that must be explained by one order (REL-13, REL-17, REL-18).

    python tests/torture/linearizable.py --seconds 60 --runs 20 --seed 1 --database sqlite|postgresql

Clients read, search, update, patch and delete 50 resources over several worker processes while workers, the server or
the database are killed. Each resource's answers must have an order (registers.py); all together must be strictly
serializable (version_order.py); no reader may see another sum of accounts, and none may miss what was created before.
Exits 1 if anything is wrong.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from contextlib import ExitStack, closing
from pathlib import Path

from own_postgresql import OwnPostgreSQL
from own_server import Client, OwnServer
from recorded import OPEN
from register_clients import RegisterClient
from register_resources import read_histories
from registers import check_registers
from version_order import check_versions


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of one run")
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=float, default=6, help="seconds from one kill to the next; 0 for none")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    print(f"seed {options.seed}, {options.database}", flush=True)
    failed = False
    for run in range(options.runs):
        with tempfile.TemporaryDirectory(prefix="torture-") as folder:
            problems, told = record_and_check(options, options.seed + run, Path(folder))
        print(f"run {run}: {told}; {len(problems)} problems", flush=True)
        for problem in problems:
            print("PROBLEM", problem)
        failed |= bool(problems)
    sys.exit(failed)


def record_and_check(options, seed, folder):
    """One run; returns (problems, what was done in words). options: as on the command line."""
    with ExitStack() as stack:
        postgresql, database = None, f"sqlite:///{folder / 'registry.sqlite'}"
        if options.database == "postgresql":
            postgresql = stack.enter_context(OwnPostgreSQL(folder / "postgresql"))
            database = postgresql.new_database("torture", plain=True)
        server = stack.enter_context(OwnServer(database, folder, options.workers))
        clients = record(options, seed, server, postgresql)
        with closing(Client(server.port)) as client:
            histories = read_histories(client)
        log = server.log.read_text(errors="replace")
    problems = [problem for client in clients for problem in client.problems]
    if "Traceback" in log:
        problems.append("a traceback in the log of the server: " + log[log.index("Traceback") :][:2000])
    operations = [operation for client in clients for operation in client.operations]
    started = time.monotonic()
    problems += check(clients, operations, histories)
    kinds = Counter(operation.kind for operation in operations)
    open_ = sum(operation.end == OPEN for operation in operations)
    creates = sum(len(client.created) for client in clients)
    told = f"{len(operations):,} operations, {open_} without answer, {creates} creates, "
    return problems, told + f"checked in {time.monotonic() - started:.1f} s, {dict(kinds.most_common())}"


def record(options, seed, server, postgresql):
    """Let the clients run while processes are killed; returns them."""
    chance, stop = random.Random(seed), threading.Event()
    clients = [RegisterClient(number, seed, server.port) for number in range(options.clients)]
    clients[0].open_accounts()
    threads = [threading.Thread(target=client.run, args=(stop,)) for client in clients]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + options.seconds
    while options.kills and time.monotonic() + options.kills < deadline:
        time.sleep(options.kills * chance.uniform(0.5, 1))
        kill_one(server, postgresql, chance)
    time.sleep(max(0, deadline - time.monotonic()))
    stop.set()
    for thread in threads:
        thread.join()
    server.wait_until_ready()
    return clients


def kill_one(server, postgresql, chance):
    """Kill a worker, the server or the database, and see that it comes back."""
    victim = chance.choice(["worker", "worker", "server"] + ["database"] * bool(postgresql))
    if victim == "server":
        server.kill()
        server.start()
    elif victim == "worker":
        chance.choice(server.http_workers()).kill()
    else:
        postgresql.stop("immediate")
        postgresql.start()
    server.wait_until_ready()


def check(clients, operations, histories):
    """What is wrong with what the clients recorded."""
    problems = list(check_versions(operations, histories))
    problems += check_registers(happened(operations, histories))
    for client in clients:
        for resource, states in client.histories:
            if histories[resource][: len(states)] != states:
                problems.append(f"{resource}: its history was {states}, at the end {histories[resource]}")
    return problems + check_created(clients)


def happened(operations, histories):
    """The operations without those that had no answer and no effect, so that no order need be tried for them."""
    states = {(resource, state) for resource, all in histories.items() for state in all}
    for operation in operations:
        steps = operation.steps
        if operation.end == OPEN:
            steps = {name: step for name, step in steps.items() if (name, step.writes) in states}
        if steps:
            yield operation._replace(steps=steps)


def check_created(clients):
    """The set model: a search finds all that was created before it began, and nothing that nobody created."""
    created, problems = defaultdict(dict), []
    for client in clients:
        for value, (part, *times) in client.created.items():
            created[part][value] = times
    for part, begin, end, values in (found for client in clients for found in client.found):
        there = set(values)
        if len(there) != len(values):
            problems.append("a search found something twice")
        for value, (asked, done, answered) in created[part].items():
            if value not in there and answered and done < begin:
                problems.append(f"a search at {begin} does not find {value}, created at {done}")
            if value in there and asked > end:
                problems.append(f"a search found {value} before it was created")
        problems += [f"a search found {value}, which nobody created" for value in there - created[part].keys()]
    return problems


if __name__ == "__main__":
    main()
