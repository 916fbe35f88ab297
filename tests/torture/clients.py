"""What clients can do to a server: many large bodies at once, and what its memory says (interop.md REL-08).

`python tests/torture/clients.py --megabytes 22 --clients 8` starts a server, sends that many transactions of that size
at the same moment, in JSON or `--xml`, and prints the answers and the largest memory of the process that served.
"""

import argparse
import http.client
import json
import tempfile
import threading
from collections import Counter
from pathlib import Path

from own_server import OwnServer

from fhir_registry.content.definitions import load_definitions
from fhir_registry.core.xml import Xml

TEXT = "x" * 1_500


def transaction(size, number):
    """A transaction (dict) of about so many bytes. number: makes it another one."""
    entries, left = [], size
    while left > 0 and len(entries) < 10_000:
        observation = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": f"{len(entries)}-{number}"}], "text": TEXT},
            "subject": {"reference": f"Patient/{len(entries) % 100}"},
            "effectiveDateTime": "2020-02-03T10:11:12+01:00",
            "valueQuantity": {"value": 1.5, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"},
        }
        entries.append({"resource": observation, "request": {"method": "POST", "url": "Observation"}})
        left -= 2_000
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


def send(port, body, media_type, statuses):
    """Send a body and count the status of the answer; 0 for none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    try:
        connection.request("POST", "/fhir", body, {"Content-Type": media_type, "Prefer": "return=minimal"})
        statuses[connection.getresponse().status] += 1
    except OSError:
        statuses[0] += 1
    finally:
        connection.close()


def peak(pid):
    """The largest memory that a process has had, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=22)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--limit", type=int, default=50_000_000, help="FHIR_REGISTRY_MAX_BODY_BYTES")
    parser.add_argument("--database", help="SQLAlchemy URL; default a new SQLite file")
    parser.add_argument("--xml", action="store_true")
    options = parser.parse_args()
    bundles = [transaction(options.megabytes * 1_000_000, number) for number in range(options.clients)]
    xml = Xml(load_definitions())
    bodies = [xml.write(bundle) if options.xml else json.dumps(bundle).encode() for bundle in bundles]
    media_type = "application/fhir+xml" if options.xml else "application/fhir+json"
    with tempfile.TemporaryDirectory() as folder:
        database = options.database or f"sqlite:///{folder}/registry.db"
        with OwnServer(database, folder, max_body_bytes=options.limit, job_workers=0) as server:
            (worker,) = server.http_workers()
            before, statuses = peak(worker.pid), Counter()
            senders = [threading.Thread(target=send, args=(server.port, b, media_type, statuses)) for b in bodies]
            for sender in senders:
                sender.start()
            for sender in senders:
                sender.join()
            assert server.http_workers() == [worker], "the process was killed"
            grown = peak(worker.pid) - before
            print(f"{len(bodies)} bodies of {len(bodies[0]):,} bytes: statuses {dict(statuses)}")
            print(f"memory {before // 10**6} MB, then at most {peak(worker.pid) // 10**6} MB: "
                  f"{grown / len(bodies[0]):.1f} bytes for one of a body")  # fmt: skip


if __name__ == "__main__":
    main()
