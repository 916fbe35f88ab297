"""Send files to a FHIR server so that sending them again changes nothing (https://hl7.org/fhir/R4/http.html#transaction)."""

import glob
import gzip
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import orjson
import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.util import Retry

LINES_PER_BUNDLE = 200
SUFFIXES = (".json", ".json.gz", ".ndjson", ".ndjson.gz")
CREDENTIALS = "--client and --key, or --token-file, say who asks (docs/security.md)"
_TIMEOUT = (10, 600)  # seconds to connect, to answer


class PushError(Exception):
    """What cannot be sent; the message says why and what to do."""


class Parcel(NamedTuple):
    """One request: `method` and `path` under the base, the body's bytes, and `headers` of its own."""

    method: str
    path: str
    body: bytes
    headers: dict


class Delivery(NamedTuple):
    """What became of one file: counts of entry statuses, or the server's words about what is wrong."""

    path: Path
    statuses: Counter
    problem: str | None


def push(paths, base, jobs=2, report=print, auth=None):
    """Send every file; returns the list of Delivery in the order of the files.

    paths: files, folders (searched for *.json, *.ndjson, each also .gz) and glob patterns.
    base: FHIR base URL. jobs: parallel connections. report: called with one line a file, or None. auth: as of
    open_session.
    Raises PushError when there is nothing to send or the server cannot be reached.
    """
    files = find_files(paths)
    base = base.rstrip("/")
    sessions = threading.local()

    def deliver(path):
        if not hasattr(sessions, "session"):
            sessions.session = open_session(auth)
        return _deliver(sessions.session, base, path)

    def deliver_all(waiting):
        with ThreadPoolExecutor(jobs) as pool:
            try:
                for delivery in pool.map(deliver, waiting):
                    bar.update()
                    yield delivery
            finally:
                pool.shutdown(cancel_futures=True)

    deliveries, refused = {}, []
    with tqdm(total=len(files), unit="file", desc="push") as bar:
        for delivery in deliver_all(files):
            deliveries[delivery.path] = delivery
            if delivery.problem:
                refused.append(delivery.path)
            else:
                _tell(delivery, report)
        # What a refused file refers to may have come after it.
        bar.total += len(refused)
        for delivery in deliver_all(refused):
            deliveries[delivery.path] = delivery
            _tell(delivery, report)
    return list(deliveries.values())


def find_files(paths):
    """Files to send, sorted inside each folder. Raises PushError for a path that leads to nothing."""
    files = []
    for given in map(str, paths):
        path = Path(given)
        if path.is_dir():
            found = sorted(p for p in path.rglob("*") if p.is_file() and p.name.endswith(SUFFIXES))
        elif path.is_file():
            found = [path]
        else:
            found = sorted(Path(p) for p in glob.glob(given, recursive=True) if Path(p).is_file())
        if not found:
            raise PushError(f"{given}: no such file, or a folder without {', '.join(SUFFIXES)} files")
        files += found
    return list(dict.fromkeys(files))


def open_session(auth=None):
    """A requests.Session that waits and tries again when the server is away, busy or asks to wait.

    auth: credentials.TokenFile or BackendClient, None where no token is needed.
    Trying again cannot duplicate: PUT repeats nothing, and the server knows a Bundle that it has seen.
    """
    session = requests.Session()
    retry = Retry(
        total=6,
        connect=4,  # 4 s: long enough for a server to come back, short enough for one that is not there
        backoff_factor=0.3,
        backoff_max=20,
        status_forcelist=(429, 503),
        allowed_methods=None,
        raise_on_status=False,
        respect_retry_after_header=True,
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=1))
    session.headers["Accept"] = "application/fhir+json"
    session.auth = auth
    return session


def explain(response):
    """The server's words about an error, in one line."""
    try:
        issues = response.json()["issue"]
        words = [i.get("diagnostics") or i.get("code", "") for i in issues if i.get("severity") in ("error", "fatal")]
        places = [(i.get("expression") or [""])[0] for i in issues]
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"HTTP {response.status_code}"
    more = f" (and {len(words) - 1} more)" if len(words) > 1 else ""
    place = f" at {places[0]}" if places and places[0] else ""
    place += f"; {CREDENTIALS}" if response.status_code == 401 else ""
    return f"HTTP {response.status_code}: {words[0] if words else ''}{place}{more}"


def explain_silence(base, error):
    """Why there was no answer: what to do about a requests.RequestException."""
    if isinstance(error, ValueError):  # requests could not make a URL of it
        return f"{base} is not the address of a server; it looks like http://127.0.0.1:8080/fhir"
    return f"no answer from {base} ({type(error).__name__}); is the server running?"


def _deliver(session, base, path):
    statuses = Counter()
    try:
        for parcel in read_parcels(path):
            response = session.request(
                parcel.method, base + parcel.path, data=parcel.body, headers=parcel.headers, timeout=_TIMEOUT
            )
            if not response.ok:
                return Delivery(path, statuses, explain(response))
            _count(response, statuses)
    except PushError as e:
        return Delivery(path, statuses, str(e))
    except requests.RequestException as e:
        raise PushError(explain_silence(base, e)) from None
    refused = {status: n for status, n in statuses.items() if status >= 400}
    problem = ", ".join(f"{n} entries with status {status}" for status, n in sorted(refused.items())) or None
    return Delivery(path, statuses, problem)


def _count(response, statuses):
    answer = orjson.loads(response.content) if response.content else {}
    if answer.get("resourceType") == "Bundle" and answer.get("type", "").endswith("-response"):
        statuses.update(int(entry["response"]["status"][:3]) for entry in answer.get("entry", ()))
    else:
        statuses[response.status_code] += 1


def read_parcels(path):
    """The requests that carry one file, in order. Raises PushError for what is not FHIR JSON."""
    headers = {"Content-Type": "application/fhir+json"}
    try:
        if path.name.endswith((".ndjson", ".ndjson.gz")):
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
                yield from _bundle_lines(lines, headers)
            return
        sent = path.read_bytes()
        packed = path.suffix == ".gz"
        resource = orjson.loads(gzip.decompress(sent) if packed else sent)
    except (OSError, EOFError, orjson.JSONDecodeError) as e:
        raise PushError(f"not readable as JSON: {e}") from None
    if packed:
        headers = headers | {"Content-Encoding": "gzip"}
    if isinstance(resource, dict) and "resourceType" not in resource:
        return  # a file of something else that lies among them, such as the truth.json of the examples
    type_, id_ = _identity(resource)
    if type_ == "Bundle" and resource.get("type") in ("transaction", "batch"):
        yield Parcel("POST", "", sent, headers)
    elif id_:
        yield Parcel("PUT", f"/{type_}/{id_}", sent, headers)
    else:
        text = gzip.decompress(sent) if packed else sent
        yield Parcel("POST", "", _transaction([(text, resource)]), {"Content-Type": headers["Content-Type"]})


def _bundle_lines(lines, headers):
    batch = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                batch.append((line, orjson.loads(line)))
            except orjson.JSONDecodeError as e:
                raise PushError(f"line {number} is not JSON: {e}") from None
        if len(batch) == LINES_PER_BUNDLE:
            yield Parcel("POST", "", _transaction(batch), headers)
            batch = []
    if batch:
        yield Parcel("POST", "", _transaction(batch), headers)


def _transaction(batch):
    """A transaction Bundle of the texts as they are: PUT for what has an id, POST for the rest."""
    entries = []
    for text, resource in batch:
        type_, id_ = _identity(resource)
        request = {"method": "PUT", "url": f"{type_}/{id_}"} if id_ else {"method": "POST", "url": type_}
        entries.append({"resource": orjson.Fragment(text.strip()), "request": request})
    return orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})


def _identity(resource):
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise PushError("not a FHIR resource: resourceType is missing")
    return resource["resourceType"], resource.get("id")


def _tell(delivery, report):
    total = sum(delivery.statuses.values())
    detail = ", ".join(f"{n} x {status}" for status, n in sorted(delivery.statuses.items()))
    mark = "FAILED" if delivery.problem else "ok" if total else "empty"
    line = f"{mark:6} {delivery.path}  {total} resources" + (f" ({detail})" if detail else "")
    if report is None:
        return
    with tqdm.external_write_mode():
        report(line + (f": {delivery.problem}" if delivery.problem else ""))
