"""What parsers must hold whatever they are given: a declared error, or something that reads back as it was."""

import gzip
import re
from io import BytesIO
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

import parser_seeds as seeds
from fuzz_requests import VALUES
from mutations import mutate_bytes, mutate_json, mutate_text
from parser_queries import Queries

from fhir_registry.core.paging import Client
from fhir_registry.core.patch import FHIRPATH_PATCH, JSON_PATCH, MERGE_PATCH
from fhir_registry.core.query import parse_filter, parse_pairs
from fhir_registry.core.subset import SUMMARIES, subset
from fhir_registry.core.xml import Xml
from fhir_registry.edges import negotiation
from fhir_registry.edges.app import create_app
from fhir_registry.edges.body import read_body
from fhir_registry.edges.config import Config
from fhir_registry.fhir import dates, json
from fhir_registry.fhir.errors import STATUS, FhirError, operation_outcome
from fhir_registry.fhir.fhirpath import FhirPathError, compile_path
from fhir_registry.ops import ingest
from fhir_registry.ops.import_prepare import plan
from fhir_registry.ops.import_units import read_units
from fhir_registry.ops.patch import apply_patch, check_patch
from fhir_registry.ops.search_request import parse_request
from fhir_registry.ops.terminology import Terminology
from fhir_registry.store.rows import UNSTAMPED

BASE = "http://a.example/fhir"
SITE = 1
LIMIT = 100_000  # bytes of a body


class Broken(AssertionError):
    """A parser accepted something, and it is not what it should be."""


class Target(NamedTuple):
    """draw: function random.Random -> input. run: function input -> whether it was accepted; raises what is wrong."""

    name: str
    share: int
    draw: object
    run: object


class Targets:
    """All parsers over one open Registry. rng: for the seeds only."""

    def __init__(self, registry, rng):
        self.registry, self.content = registry, registry.content
        self.definitions, self.params = self.content.definitions, self.content.search_params
        self.seeds = seeds.Seeds(rng, self.definitions)
        self.xml = Xml(self.definitions)
        valid = [each for each in map(json.parse, self.seeds.resources) if not registry.validator.validate(each)]
        self.parsed = {each["resourceType"]: each for each in reversed(valid)}
        self.xml_seeds = [*seeds.XML, *filter(None, map(self._written, valid))]
        self.queries = Queries(self.params)
        self.app = create_app(Config.from_env({"FHIR_REGISTRY_DATA_DIR": "unused"}), registry)
        self._reading = registry.store.read(1, limited=False)
        self.connection = self._reading.__enter__()
        self.cursors = [
            registry.cursors.write("anybody", [SITE, "Patient", []], [[], n]) for n in ([], [[1, 2], 3], {})
        ]
        self.all = (
            Target("json", 14, self.draw_json, self.run_json),
            Target("resource", 14, self.draw_resource, self.run_resource),
            Target("xml", 10, self.draw_xml, self.run_xml),
            Target("search", 20, self.queries.draw, self.run_query),
            Target("condition", 6, self.queries.draw, self.run_condition),
            Target("cursor", 3, self.draw_cursor, self.run_query),
            Target("json patch", 5, self.draw_json_patch, self.run_patch),
            Target("merge patch", 3, self.draw_merge_patch, self.run_patch),
            Target("FHIRPath patch", 5, self.draw_fhirpath_patch, self.run_patch),
            Target("bundle", 4, self.draw_bundle, self.run_bundle),
            Target("NDJSON", 2, self.draw_lines, self.run_lines),
            Target("gzip", 3, self.draw_gzip, self.run_gzip),
            Target("headers", 6, self.draw_headers, self.run_headers),
            Target("dates", 6, self.draw_date, self.run_date),
            Target("FHIRPath", 6, self.draw_expression, self.run_expression),
        )

    def close(self):
        self._reading.__exit__(None, None, None)

    def draw(self, rng):
        """(Target, input)."""
        target = rng.choices(self.all, [target.share for target in self.all])[0]
        return target, target.draw(rng)

    def run(self, target, given):
        """Whether the target accepted it. Raises for what no caller expects."""
        try:
            return target.run(given)
        except FhirError as problem:
            _require(problem.kind in STATUS and problem.status < 500, f"status of {problem.kind}")
            json.dumps(operation_outcome(problem.issues))
            _require(len(str(problem)) < 20_000, "a message as long as a book")
            return False

    # --- JSON and XML

    def draw_json(self, rng):
        data = rng.choice(self.seeds.resources)
        return mutate_json(rng, data) if rng.random() < 0.5 else mutate_bytes(rng, data, others=self.seeds.resources)

    def run_json(self, data):
        _require_same(json.parse_sent(data))
        return True

    def draw_resource(self, rng):
        return mutate_json(rng, rng.choice(self.seeds.resources))

    def run_resource(self, data):
        resource = json.parse_sent(data)
        if self.registry.validator.validate(resource):
            return False
        self._accept(resource)
        return True

    def draw_xml(self, rng):
        text = rng.choice(self.xml_seeds)
        places = list(re.finditer(rb'(?<=value=")[^"]*', text))
        if places and rng.random() < 0.4:  # another value, which may be right
            place = rng.choice(places)
            value = escape(rng.choice(VALUES), {'"': "&quot;", "\n": "&#10;"})
            return text[: place.start()] + value.encode() + text[place.end() :]
        return mutate_bytes(rng, text, seeds.XML_TOKENS, self.xml_seeds)

    def run_xml(self, data):
        resource = self.xml.read(data)
        _require_same(resource)
        if self.registry.validator.validate(resource):
            return False
        self._accept(resource)
        return True

    def _accept(self, resource):
        """A valid resource can be stored, read in part, and is the same after XML."""
        self.registry.validator.validate_profiles(resource)
        self.registry.store.rows.prepare(resource["resourceType"], "a", resource, 1, UNSTAMPED)
        for summary in SUMMARIES:
            self._written(subset(resource, self.definitions, summary))
        written = self._written(resource)
        if written is None:
            return
        again = self.xml.read(written)
        _require(_plain(again) == _plain(resource), "XML gives another resource")
        _require(not self.registry.validator.validate(again), "what XML gives is not valid")
        settled = self.xml.write(again)  # narratives are written in one of several ways
        _require(self.xml.write(self.xml.read(settled)) == settled, "XML gives other XML")

    def _written(self, resource):
        """XML of a valid resource; None for one with a character that XML does not have."""
        try:
            return self.xml.write(resource)
        except FhirError as problem:
            _require(problem.kind == "not-acceptable", "XML of a valid resource")
            return None

    # --- searches

    def run_query(self, given):
        path, query, strict = given
        client = Client(BASE, strict)
        request = parse_request(self.registry, self.connection, SITE, path, parse_pairs(query), client)
        # The self link leads to the same search.
        again = parse_request(
            self.registry, self.connection, SITE, path, list(request.shown), client._replace(strict=True)
        )
        _require(again.filter.criteria == request.filter.criteria and again.order == request.order, "another self link")
        self.registry.store.search.prepare(self.connection, SITE, request.filter, request.order)
        return True

    def run_condition(self, given):
        path, query, _ = given
        terminology = Terminology(self.registry, self.connection, SITE, None)
        types = (path,) if path in self.params else ("Patient",)
        parse_filter(types, parse_pairs(query), self.params, None, terminology=terminology)
        return True

    def draw_cursor(self, rng):
        cursor = rng.choice(self.cursors)
        if rng.random() < 0.9:
            cursor = mutate_text(rng, cursor, ("A", "=", "-", "_", "%3D", "\u00e9", "gAAAAA"), self.cursors)
        return "Patient", "_cursor=" + quote(cursor), True

    # --- patches

    def draw_json_patch(self, rng):
        return self._draw_patch(rng, rng.choice(seeds.JSON_PATCHES), JSON_PATCH)

    def draw_merge_patch(self, rng):
        return self._draw_patch(rng, rng.choice(seeds.MERGE_PATCHES), MERGE_PATCH)

    def draw_fhirpath_patch(self, rng):
        text = rng.choice(seeds.FHIRPATH_PATCHES)
        if rng.random() < 0.5:
            patch = json.parse(text)
            path = patch["parameter"][0]["part"][1]
            path["valueString"] = mutate_text(rng, path["valueString"], seeds.PATH_TOKENS, self.seeds.expressions)
            return json.dumps(patch), FHIRPATH_PATCH
        return self._draw_patch(rng, text, FHIRPATH_PATCH)

    def _draw_patch(self, rng, text, media_type):
        if rng.random() < 0.3:
            return mutate_bytes(rng, text), media_type
        raws = (
            '"/name/0/given"',
            '"/name/-"',
            '""',
            '"/"',
            '"/contained/0"',
            '"/name/0/_given/1"',
            '"/~2"',
            '"/name/9"',
        )
        return mutate_json(rng, text) if rng.random() < 0.6 else mutate_json(rng, text, raws), media_type

    def run_patch(self, given):
        data, media_type = given
        body = json.parse_sent(data)
        check_patch(self.registry, body, media_type)
        before = json.dumps(seeds.PATIENT)
        changed = apply_patch(self.registry, seeds.PATIENT, body, media_type)
        _require(json.dumps(seeds.PATIENT) == before, "the patch changed what is stored")
        if self.registry.validator.validate(changed):
            return False
        self._accept(changed)
        return True

    # --- bundles, imports, packed bodies

    def draw_bundle(self, rng):
        return mutate_json(rng, rng.choice(self.seeds.bundles))

    def run_bundle(self, data):
        bundle = json.parse_sent(data)
        planned = ingest.plan(self.registry, bundle, BASE)
        _require(len(planned.entries) == len(bundle.get("entry", ())), "an entry is lost")
        return True

    def draw_lines(self, rng):
        chosen = [rng.choice(self.seeds.resources) for _ in range(4)]
        chosen[rng.randrange(4)] = self.draw_json(rng)
        data = rng.choice((b"\n", b"\r\n", b"\n\n")).join(chosen)
        return mutate_bytes(rng, gzip.compress(data, 1)) if rng.random() < 0.3 else data

    def run_lines(self, data):
        units = list(read_units(BytesIO(data), 0, True, LIMIT))
        accepted = 0
        for unit in units:
            if unit.error is None:
                try:
                    accepted += bool(plan(self.registry, unit, BASE).entries)
                except FhirError as problem:
                    _require(problem.status < 500, "status of a line")
        if len(units) > 1:  # after an interruption the rest is read, no less and no more
            rest = list(read_units(BytesIO(data), 0, True, LIMIT, (units[0].line, units[0].end)))
            found, wanted = ([(unit.line, unit.end, unit.body) for unit in part] for part in (rest, units[1:]))
            if rest[-1].error:  # where damaged data end depends on how far is read ahead
                found, wanted = found[:-1], wanted[: len(found) - 1]
            _require(found == wanted, "other lines when it goes on")
        return bool(accepted)

    def draw_gzip(self, rng):
        packed = gzip.compress(rng.choice(self.seeds.resources), rng.randrange(10), mtime=0)
        packed *= rng.choice((1, 1, 2, 30))
        if rng.random() < 0.2:
            return packed
        return mutate_bytes(rng, packed, others=[gzip.compress(b"x" * 200_000, mtime=0)])

    def run_gzip(self, data):
        with self.app.test_request_context(
            "/fhir/Patient", method="POST", data=data, headers={"Content-Encoding": "gzip"}
        ):
            unpacked = read_body(LIMIT)
        _require(
            len(unpacked) <= LIMIT and (not data or unpacked == gzip.decompress(data)), "unpacked to something else"
        )
        return True

    # --- headers, dates, expressions

    def draw_headers(self, rng):
        return [
            mutate_text(rng, rng.choice(kept), seeds.HEADER_TOKENS).encode("latin-1", "replace").decode("latin-1")
            for kept in (seeds.MEDIA, seeds.TAGS, seeds.PREFERENCES)
        ]

    def run_headers(self, given):
        media, tags, preference = given
        negotiation.http_moment(media)
        negotiation.preferred_return(preference)
        negotiation.prefers_lenient(preference)
        negotiation.prefers_async(preference)
        for page in (False, True):
            negotiation.choose_format(media, [], page)
            negotiation.choose_format(None, [media], page)
        accepted = 0
        for read in (
            lambda: negotiation.entity_tags({"If-Match": tags}, "If-Match"),
            lambda: negotiation.body_format(media, None),
            lambda: negotiation.body_format("application/fhir+json", media),
        ):
            try:
                read()
                accepted += 1
            except FhirError as problem:
                json.dumps(operation_outcome(problem.issues))
        return bool(accepted)

    def draw_date(self, rng):
        return mutate_text(rng, rng.choice(seeds.DATES), (*"0123456789-:.+TZ ", "\u0661", "\u00b2"), seeds.DATES)

    def run_date(self, literal):
        accepted = 0
        for read in (dates.day_interval, dates.instant_interval):
            try:
                lo, hi = read(literal)
            except ValueError:
                continue
            accepted += 1
            _require(lo <= hi, "an interval from later to earlier")
        try:
            moment = dates.instant(literal)
        except ValueError:
            return bool(accepted)
        if "0001-01-02" < literal < "9999-12-30":
            _require(abs(dates.instant(dates.instant_literal(moment)) - moment) < 1000, "another instant")
        return True

    def draw_expression(self, rng):
        expression = rng.choice(self.seeds.expressions)
        return mutate_text(rng, expression, seeds.PATH_TOKENS, self.seeds.expressions), rng.choice(sorted(self.parsed))

    def run_expression(self, given):
        expression, type = given
        try:
            compile_path(expression, type, self.definitions).values(self.parsed[type])
        except FhirPathError:
            return False
        return True


def _require(holds, what):
    if not holds:
        raise Broken(what)


def _require_same(value):
    """A parsed value is the same when it is written and parsed again."""
    text = json.dumps(value)
    _require(json.dumps(json.parse(text)) == text, "JSON gives another value")


def _plain(value):
    """What a resource says, whatever the order of its members: numbers as written, narratives left out."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items() if name != "div"}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.literal if isinstance(value, json.JsonDecimal) else (type(value), value)
