"""An import is a job: every unit of every source is stored or refused, once (https://github.com/smart-on-fhir/bulk-import)."""

import hashlib
import io
import os
from array import array
from contextlib import contextmanager
from typing import NamedTuple

from ..core.scopes import dump_access
from ..fhir import json
from ..fhir.dates import instant_literal
from ..fhir.errors import FhirError, error
from ..store.job import UNFINISHED
from ..store.site import name_sites
from .import_keys import Keys
from .import_places import identify_file
from .import_units import Unit, read_units
from .importing import import_units
from .provenance import dump_origin
from .trail import dump_trail

KIND, KIND_OF_FILES = "import", "import-files"
PIECE = 1_000_000  # bytes of a body in one part
KEYS = 1_000_000  # number of the first part that holds keys, behind all input
WHAT = ("created", "updated", "unchanged", "deleted")
_BEGIN = {"round": 1, "source": 0, "line": 0, "end": 0, "identity": None}
_NUMBERS = ("units", "empty", "refused", "mended", "errors", "parts")


class Source(NamedTuple):
    """Where units come from: a `path` or a `url`, else the body that was sent.

    name: as errors name it. lines: whether each line is a unit, else all of it is. type: that all resources are to
    have. etag: of what is at the URL. size: bytes, when they are known.
    """

    name: str
    lines: bool
    path: str | None = None
    url: str | None = None
    type: str | None = None
    etag: str | None = None
    size: int | None = None


def request_files(registry, site, paths, base, limit, processes):
    """The id of a job that imports files; the unfinished one of the same files when there is one.

    paths: of files, lines when their name ends in .ndjson or .ndjson.gz. base: URL of the server, or None. limit: bytes
    of a unit. An unfinished job of this site, of files with these names that were others, is cancelled. Raises
    bad-request for a name that cannot be told, and what looking at a file raises.
    """
    sources, states = [], []
    for path in paths:
        if not _is_text(str(path.absolute())):
            raise error("bad-request", "value", f"The name {str(path.absolute())!a} is not UTF-8; rename it")
        state = os.stat(path)
        lines = path.name.removesuffix(".gz").endswith(".ndjson")
        sources.append(Source(str(path), lines, path=str(path.absolute()), size=state.st_size))
        states.append((sources[-1].path, state.st_size, state.st_mtime_ns))
    names = _digest([source.path for source in sources])
    jobs, key = registry.store.jobs, _digest(states)
    with registry.store.read(site) as connection:
        unfinished = jobs.list(connection, UNFINISHED, site=site)
    for job in unfinished:
        if job.kind == KIND_OF_FILES and job.parameters["names"] == names and job.key != key:
            jobs.cancel(job.id)
    processes = processes or os.cpu_count() or 1
    told = {"home": base, "origin": dump_origin(registry), **dump_trail(registry)}
    parameters = {"base": base, "limit": limit, "processes": processes, "names": names, **told}
    return jobs.submit(site, KIND_OF_FILES, parameters, key, [json.dumps([list(source) for source in sources])])


def request_body(registry, site, body, lines, base, limit):
    """The id of a job that imports what was sent: bytes, NDJSON or one Bundle. It is kept with the job."""
    access, origin = dump_access(registry.access), dump_origin(registry)
    told = {"access": access, "home": registry.home, "origin": origin, **dump_trail(registry)}
    parameters = {"base": base, "limit": limit, "lines": lines, "size": len(body), **told}
    parts = [body[start : start + PIECE] for start in range(0, len(body), PIECE)]
    key = _digest([access, site, hashlib.sha256(body).hexdigest(), origin and origin["said"]])
    return registry.store.jobs.submit(site, KIND, parameters, key, parts)


def request_urls(registry, site, sources, source_url, base, limit):
    """The id of a job that imports what is at URLs. sources: Sources. source_url: where they come from, or None."""
    places = _places(registry, site)
    for position, source in enumerate(sources):
        try:
            places.check(source.url)
        except FhirError as problem:
            raise problem.located(f"input[{position}].url") from None
    sources = [list(source) for source in sources]
    access, origin = dump_access(registry.access), dump_origin(registry)
    parameters = {"base": base, "limit": limit, "sources": sources, "by_source": True, "inputSource": source_url}
    key = _digest([access, site, sources, source_url, origin and origin["said"]])
    told = {"access": access, "home": registry.home, "origin": origin, **dump_trail(registry)}
    return registry.store.jobs.submit(site, KIND, parameters | told, key)


def _places(registry, site):
    return registry.places.of_site(name_sites(registry.store).get(site, ""))


def run_import(registry, job):
    """Do the job; returns {"transactionTime", "request", "output", "refused", ...}.

    What could not be stored since it names something that is not there is tried again when all the rest is stored, as
    long as that helps: the order of the units does not matter.
    """
    work = _Import(registry, job)
    while True:
        work.go_through()
        if not work.begin_round():
            return work.result()


class _Import:
    """state: the checkpoint of the job; where the next unit is, and what became of those before."""

    def __init__(self, registry, job):
        self._registry, self._job, self._jobs = registry, job, registry.store.jobs
        self.state = job.checkpoint or {**_BEGIN, **dict.fromkeys(_NUMBERS, 0), "counts": {}}
        with registry.store.read(job.site, limited=False) as connection:
            self._sources, self._body = _sources(self._jobs, connection, job)
            self._keys = self._read_keys(connection)
            self._refusals = self._read_refusals(connection)
        sizes = [source.size for source in self._sources]
        self._total = 0 if None in sizes else sum(sizes)
        self._identities = {self.state["source"]: self.state["identity"]}

    def go_through(self):
        """Store or refuse the units of this round, from where the state says."""
        parameters, keys = self._job.parameters, self._keys if self.state["round"] == 1 else Keys()
        processes = parameters.get("processes") or max(1, (os.cpu_count() or 1) // 2)
        units = self._units()
        for _ in import_units(
            self._registry, self._job.site, units, parameters["base"], processes, keep=self._keep, keys=keys
        ):
            pass

    def begin_round(self):
        """Whether another round may store more; it begins then."""
        state = self.state
        with self._registry.store.read(self._job.site, limited=False) as connection:
            self._refusals = self._read_refusals(connection, always=True)
        if not self._refusals or (state["round"] > 1 and not state["mended"]):
            return False
        state.update({**_BEGIN, "round": state["round"] + 1, "mended": 0})
        with self._registry.store.database.write(self._job.site) as connection:
            self._job.save(connection, state, self._total, self._total)
        return True

    def result(self):
        """What the job says when it is done."""
        state, output = self.state, []
        for number, counts in sorted(state["counts"].items(), key=lambda item: int(item[0])):
            url = {"inputUrl": self._sources[int(number)].url} if self._job.parameters.get("by_source") else {}
            for type_, found in sorted(counts.items()):
                output.append({"type": type_, **url, "count": sum(found), **dict(zip(WHAT, found, strict=True))})
        given = {"inputSource": self._job.parameters.get("inputSource")}
        return {
            "transactionTime": instant_literal(self._registry.store.now()),
            "request": f"{self._job.parameters['base'] or ''}/$import",
            **{name: value for name, value in given.items() if value},
            "output": output,
            "empty": state["empty"],
            "refused": state["refused"],
        }

    # --- reading ------------------------------------------------------------------------------------

    def _units(self):
        state = self.state
        first, at = state["source"], (state["line"], state["end"])
        for number in range(first, len(self._sources)):
            wanted = self._refusals.get(number, {}) if state["round"] > 1 else None
            if wanted == {}:
                continue
            for unit in self._read_source(number, at if number == first else (0, 0)):
                if wanted is None or (unit.line in wanted and not _is_batch(unit.body)):
                    yield unit

    def _read_source(self, number, at):
        source = self._sources[number]
        before = self._identities.get(number)
        try:
            with self._open(source) as (stream, identity):
                if before not in (None, identity):
                    message = "It was changed while it was imported; what came before is stored. Import it again"
                    raise error("conflict", "conflict", message)
                self._identities[number] = identity
                for unit in read_units(stream, number, source.lines, self._job.parameters["limit"], at):
                    yield unit._replace(type=source.type)
        except FhirError as problem:
            yield Unit(number, 0, None, 0, b"", problem)

    @contextmanager
    def _open(self, source):
        if source.url:
            with _places(self._registry, self._job.site).open(source.url, source.etag) as opened:
                yield opened
        elif source.path:
            with _read_file(source.path) as file:
                yield file, identify_file(file)
        else:
            yield io.BytesIO(self._body), None

    # --- keeping ------------------------------------------------------------------------------------

    def _keep(self, connection, done):
        """Account for [Done] in the transaction that stores it."""
        state, unit = self.state, done[-1].unit
        for each in done:
            self._count(each)
        if state["round"] == 1:
            self._add_errors(connection, done)
            self._add_keys(connection, [each.key for each in done if each.key])
        else:
            self._mend(connection, done)
        over = unit.end is None
        identity = None if over else self._identities.get(unit.source)
        state.update(source=unit.source + over, line=0 if over else unit.line, end=unit.end or 0, identity=identity)
        state["units"] += len(done)
        # Bytes, as the sources lie; units where nobody knows how many bytes there will be.
        before = sum(source.size for source in self._sources[: unit.source]) if self._total else 0
        self._job.save(connection, state, before + unit.read if self._total else state["units"], self._total)

    def _count(self, done):
        number = str(done.unit.source if self._job.parameters.get("by_source") else 0)
        counts = self.state["counts"].setdefault(number, {})
        for outcome in done.outcomes:
            if not isinstance(outcome, FhirError):
                what = {201: 0, 200: 1, 204: 3}[outcome.status] if outcome.changed else 2
                counts.setdefault(outcome.type, [0] * len(WHAT))[what] += 1
        self.state["empty"] += not done.outcomes and not done.error

    def _add_errors(self, connection, done):
        rows = []
        for each in done:
            problems = [each.error] if each.error else [o for o in each.outcomes if isinstance(o, FhirError)]
            if problems:
                issues = [issue for problem in problems for issue in problem.issues]
                rows.append((self._sources[each.unit.source].name, each.unit.line, issues))
        self._jobs.add_errors(connection, self._job, self.state["errors"], rows)
        self.state["errors"] += len(rows)
        self.state["refused"] += len(rows)

    def _mend(self, connection, done):
        mended = [self._refusals[each.unit.source][each.unit.line] for each in done if not each.error]
        self._jobs.drop_errors(connection, self._job.id, mended)
        self.state["mended"] += len(mended)
        self.state["refused"] -= len(mended)

    def _add_keys(self, connection, keys):
        if keys:
            self._jobs.add_part(connection, self._job, KEYS + self.state["parts"], array("Q", keys).tobytes())
            self.state["parts"] += 1

    # --- what was kept ------------------------------------------------------------------------------

    def _read_keys(self, connection):
        keys = Keys()
        for part in self._jobs.parts(connection, self._job.id, KEYS):
            for key in array("Q", part):
                keys.add(key)
        return keys

    def _read_refusals(self, connection, always=False):
        """{source: {line: number of its error}} of what names something that is not there."""
        found, after = {}, -1
        if self.state["round"] == 1 and not always:
            return found
        numbers = {source.name: number for number, source in enumerate(self._sources)}
        while page := self._jobs.errors(connection, self._job.id, after):
            for number, source, line, issues in page:
                if any(issue["code"] == "not-found" for issue in issues):
                    found.setdefault(numbers[source], {})[line] = number
            after = page[-1][0]
        return found


def _sources(jobs, connection, job):
    """([Source], body) of a job; the body is None when there is none."""
    if "sources" in job.parameters:
        return [Source(*source) for source in job.parameters["sources"]], None
    body = b"".join(jobs.parts(connection, job.id))
    if job.kind == KIND_OF_FILES:
        return [Source(*source) for source in json.parse(body)], None
    return [Source("the body", job.parameters["lines"], size=job.parameters["size"])], body


def _read_file(path):
    try:
        return open(path, "rb")
    except OSError as problem:
        raise error("not-found", "not-found", f"The file cannot be read: {problem.strerror}") from None


def _is_batch(body):
    """Whether it is a batch, of which some entries may be stored: it is not carried out twice."""
    return b'"batch"' in body and json.parse(body).get("type") == "batch"


def _is_text(name):
    """Whether a name of the file system is UTF-8: JSON holds no other."""
    try:
        return bool(name.encode())
    except UnicodeEncodeError:
        return False


def _digest(value):
    return hashlib.sha256(json.dumps(value)).hexdigest()
