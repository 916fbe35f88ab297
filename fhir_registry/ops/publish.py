"""Keep a MeasureReport as a resource, with its Provenance (https://hl7.org/fhir/R4/provenance.html)."""

from .. import __version__
from ..core.provenance import OWN, agents
from ..fhir import json
from ..fhir.dates import instant_literal
from .disclosure import require_report
from .withdrawn import Guard, Write

_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def publish(reg, site, evaluated):
    """Store the report of an Evaluated; returns Stored.

    The id is the digest of what the report says: the same report is stored once, and the one that is there is returned.
    One that a client has changed under this id says something else: the report becomes its next version. Raises
    forbidden.
    """
    require_report(reg, evaluated.report, "c")
    report, id_ = evaluated.report, evaluated.report["identifier"][0]["value"]
    with reg.store.write(site) as writer:
        Guard(reg, writer).refuse_erased([Write("MeasureReport", id_, report, None, None)])
        state = reg.store.reader.states(writer.connection, site, [("MeasureReport", id_)]).get(("MeasureReport", id_))
        if state and not state.deleted:
            kept = reg.store.reader.read(writer.connection, site, "MeasureReport", id_)
            if _content(json.parse(kept.body)) == _content(json.parse(json.dumps(report))):
                return kept
        stored = writer.put("MeasureReport", id_, report, "PUT", state)
        provenance = _provenance(reg, writer, site, evaluated, f"MeasureReport/{id_}/_history/{stored.version}")
        key = ("Provenance", f"{id_[:56]}-{stored.version}")
        made = writer.put(*key, {**provenance, "id": key[1]}, "PUT", None)
        if reg.trail:
            reg.trail.note_version(writer, stored)
            reg.trail.note_version(writer, made)
            reg.trail.keep(writer)
    return stored


def _provenance(reg, writer, site, evaluated, target):
    """Of which Measure, definition, cut-off, state of the database and software a report is."""
    measure = evaluated.measure
    at = reg.store.reader.states(writer.connection, site, [("Measure", measure.id)])["Measure", measure.id]
    state = f"site {site}, submission {evaluated.seen[site]}"
    stated = (
        ("measure-definition", evaluated.definition, "Definition: content and code that the answers follow from"),
        ("data-cut-off", evaluated.report["period"]["end"], "Data cut-off"),
        ("database-state", state, "The newest submission that the report has seen"),
        ("software", f"fhir-registry {__version__}", "Software"),
    )
    source = {"reference": f"Measure/{measure.id}/_history/{at.version}", "display": evaluated.report["measure"]}
    return {
        "resourceType": "Provenance",
        "target": [{"reference": target}],
        "recorded": instant_literal(writer.now),
        "activity": {"text": "Evaluation of a measure"},
        "agent": [
            {
                "type": {"coding": [{"system": _PARTICIPANT, "code": "assembler"}]},
                "who": {"display": "FHIR Registry"},
            },
            *(agents(reg.origin, writer.name) if reg.origin and reg.origin.client else ()),
        ],
        "entity": [
            {"role": "source", "what": source},
            *(
                {
                    "role": "source",
                    "what": {"identifier": {"system": f"{OWN}/{name}", "value": value}, "display": text},
                }
                for name, value, text in stated
            ),
        ],
    }


def _content(report):
    """What a report says but its date and what the server stamps."""
    meta = {name: value for name, value in report.get("meta", {}).items() if name not in ("versionId", "lastUpdated")}
    return {name: value for name, value in report.items() if name not in ("id", "date", "meta")} | {"meta": meta}
