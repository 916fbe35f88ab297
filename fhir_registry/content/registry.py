"""The content of the registries: files read, checked and compiled at start (docs/registries.md)."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from ..fhir.errors import FhirError
from ..fhir.json import parse
from .custom_measures import is_custom, read_custom_measure
from .definitions import Definitions, load_definitions
from .errors import ContentError
from .measures import read_measure
from .searchparams import SearchParams
from .terminology import ConceptMap, ValueSet, extended_map, needed_maps
from .views import View, compile_view

KINDS = ("profiles", "mappings", "measures")
SHARED = "_core"  # the folder of what all registries share; read first
TYPES = (
    "CodeSystem",
    "ConceptMap",
    "Measure",
    "OperationDefinition",
    "ResearchStudy",
    "SearchParameter",
    "StructureDefinition",
    "ValueSet",
    "ViewDefinition",
)


class Content(NamedTuple):
    """All content, compiled; see docs/architecture.md.

    search_params: type -> tuple of SearchParam. profiles: url -> StructureDefinition. concept_maps, value_sets: url ->
    ConceptMap, ValueSet. measures, custom_measures, studies: id -> Measure, CustomMeasure, ResearchStudy dict.
    resources: what clients may read.
    hash: SHA-256 of the files in their order, in hexadecimal. reads_stamp: whether a view or search parameter may look
    at the version or the time that a resource gets when it is stored. paths: (type, id or name of a view) -> file.
    """

    definitions: Definitions
    search_params: Mapping
    profiles: dict[str, dict]
    views: tuple[View, ...]
    concept_maps: dict[str, ConceptMap]
    value_sets: dict[str, ValueSet]
    measures: dict
    custom_measures: dict
    studies: dict[str, dict]
    resources: list[dict]
    hash: str
    reads_stamp: bool
    paths: dict[tuple[str, str], Path]


class _File(NamedTuple):
    path: Path
    resource: dict


def load_content(*extra_folders):
    """Read the registries of this package and of `extra_folders` (each with profiles/, mappings/, measures/).

    What all share (`_core`) is read before the registries. Raises ContentError naming file and element.
    """
    paths = _content_files([*_own_folders(), *({kind: Path(f) / kind for kind in KINDS} for f in extra_folders)])
    digest = hashlib.sha256()
    files = []
    for path in paths:
        data = path.read_bytes()
        digest.update(f"{'/'.join(path.parts[-3:])}\n{len(data)}\n".encode() + data)
        files.append(_File(path, _read_resource(path, data)))
    _check_unique(files)
    return _compile(files, digest.hexdigest())


def _own_folders():
    package = Path(__file__).resolve().parent.parent
    # An installed package has the folders inside; a source checkout has them beside the package.
    root = package / "registries" if (package / "registries").is_dir() else package.parent
    return [{kind: root / kind for kind in KINDS}]


def _content_files(places):
    """The JSON files of all places: first the shared ones, then registry by registry, in the order of names."""
    shared, registries = [], []
    for place in places:
        if not any(folder.is_dir() for folder in place.values()):
            raise ContentError(next(iter(place.values())).parent, "", f"no folder {', '.join(KINDS)} in it")
        names = sorted({entry.name for folder in place.values() if folder.is_dir() for entry in folder.iterdir()})
        for name in names:
            found = [path for kind in KINDS for path in sorted((place[kind] / name).rglob("*.json"))]
            (shared if name == SHARED else registries).extend(found)
    return shared + registries


def _read_resource(path, data):
    try:
        resource = parse(data)
    except FhirError as e:
        raise ContentError(path, "", str(e)) from None
    if not isinstance(resource, dict) or resource.get("resourceType") not in TYPES:
        raise ContentError(path, "resourceType", f"is not one of {', '.join(TYPES)}")
    # A ViewDefinition is known by its name, a ResearchStudy of R4 has no url.
    needed = {"ViewDefinition": ("url", "name"), "ResearchStudy": ("id",)}
    for element in needed.get(resource["resourceType"], ("id", "url")):
        if not isinstance(resource.get(element), str):
            raise ContentError(path, f"{resource['resourceType']}.{element}", "is missing")
    return resource


def _check_unique(files):
    seen = {}
    for path, resource in files:
        kind = resource["resourceType"]
        for element in ("url", "name" if kind == "ViewDefinition" else "id"):
            key = kind, element, resource.get(element)
            if key[2] is not None and key in seen:
                raise ContentError(path, f"{kind}.{element}", f"'{key[2]}' occurs in {seen[key]} too")
            seen[key] = path


def _compile(files, digest):
    definitions = load_definitions()
    of_type = {kind: [file for file in files if file.resource["resourceType"] == kind] for kind in TYPES}
    concept_maps = _compile_maps(of_type["ConceptMap"])
    value_sets = _compile_value_sets(of_type["ValueSet"], of_type["CodeSystem"], definitions)
    studies = {file.resource["id"]: file.resource for file in of_type["ResearchStudy"]}
    measures, custom_measures = {}, {}
    for file in of_type["Measure"]:
        custom = _naming(file, is_custom)
        held, read = (custom_measures, read_custom_measure) if custom else (measures, read_measure)
        held[file.resource["id"]] = _naming(file, read, value_sets, studies, concept_maps)
    return Content(
        definitions=definitions,
        search_params=SearchParams(definitions, [file.resource for file in of_type["SearchParameter"]]),
        profiles={file.resource["url"]: file.resource for file in of_type["StructureDefinition"]},
        views=tuple(_naming(file, compile_view, definitions, concept_maps) for file in of_type["ViewDefinition"]),
        concept_maps=concept_maps,
        value_sets=value_sets,
        measures=measures,
        custom_measures=custom_measures,
        studies=studies,
        # R4 has no ViewDefinition to read.
        resources=[file.resource for file in files if file.resource["resourceType"] != "ViewDefinition"],
        hash=digest,
        reads_stamp=any(
            name in repr(file.resource)
            for file in of_type["ViewDefinition"] + of_type["SearchParameter"]
            for name in ("versionId", "lastUpdated")
        ),
        paths={_known_as(file.resource): file.path for file in files},
    )


def _known_as(resource):
    kind = resource["resourceType"]
    return kind, resource["name" if kind == "ViewDefinition" else "id"]


def _naming(file, compile_resource, *arguments):
    """Compile a file's resource, and name the file in what is wrong."""
    try:
        return compile_resource(file.resource, *arguments)
    except ContentError as e:
        raise ContentError(file.path, e.element, e.message) from None
    except (AttributeError, KeyError, TypeError, ValueError) as e:
        # Content is trusted to be R4 while it is compiled; ops/lint.py says what exactly is not.
        kind = file.resource["resourceType"]
        raise ContentError(file.path, kind, f"is not shaped as a {kind} ({type(e).__name__}: {e})") from None


def _compile_maps(files):
    """Each ConceptMap with the groups of those that extend it in front; compiled after those that it goes through."""
    by_url = {file.resource["url"]: file for file in files}
    groups = {url: list(file.resource.get("group", ())) for url, file in by_url.items()}
    for file in files:
        base = extended_map(file.resource)
        if base is not None:
            if base not in by_url:
                raise ContentError(file.path, "ConceptMap.extension", f"the ConceptMap {base} is not held")
            groups[base] = [*file.resource.get("group", ()), *groups[base]]
    compiled = {}

    def compile_map(url, pending):
        if url in compiled or url not in by_url:
            return
        file = by_url[url]._replace(resource={**by_url[url].resource, "group": groups[url]})
        for other, where in needed_maps(file.resource):
            if other in pending:
                raise ContentError(file.path, where, f"goes through {other}, which goes through this map")
            compile_map(other, {*pending, other})
        compiled[url] = _naming(file, ConceptMap.from_resource, compiled)

    for url in by_url:
        compile_map(url, {url})
    return compiled


def _compile_value_sets(files, code_systems, definitions):
    codes = {
        file.resource["url"]: _codes(file.resource.get("concept", ()))
        for file in code_systems
        if file.resource.get("content") == "complete"
    }
    held = {url: ValueSet(url, members) for url, members in definitions.value_sets.items()}
    own = {}
    for file in files:  # in order: a ValueSet may include those before it
        value_set = _naming(file, ValueSet.from_resource, codes, held)
        own[value_set.url] = held[value_set.url] = value_set
    return own


def _codes(concepts):
    found = set()
    for concept in concepts:
        found.add(concept["code"])
        found |= _codes(concept.get("concept", ()))
    return found
