"""The operation $table: analysis data as a file (docs/tables.md; https://hl7.org/fhir/R4/operations.html)."""

from tempfile import TemporaryFile

from flask import Blueprint, request, send_file

from fhir_registry.fhir.errors import error
from fhir_registry.ops.tables import write_table

from .exchange import SITE, base_url, parse_parameters, registry
from .negotiation import media_type

tables = Blueprint("tables", __name__, url_prefix="/fhir")
# Format -> media type; the first is the default.
MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
# Operation parameter -> argument of the walk.
_PARAMETERS = {"table": "table", "periodStart": "period_start", "periodEnd": "period_end", "_format": "format"}


@tables.get("/<any(Measure, ResearchStudy):type>/<id>/$table")
def read_table(type, id):
    arguments = _read_arguments(parse_parameters(request.query_string))
    if "table" not in arguments:
        raise error("bad-request", "required", "The parameter 'table' is missing: which table is wanted, such as adtte")
    format = _choose_format(arguments.pop("format", None), request.headers.get("Accept"))
    # A table is answered whole or not at all: what goes wrong on the way is still an OperationOutcome.
    sink = TemporaryFile()  # noqa: SIM115 - closed when it has been sent
    try:
        write_table(registry(), SITE, (type, id), format=format, sink=sink, base=base_url(), **arguments)
    except BaseException:
        sink.close()
        raise
    size = sink.tell()
    sink.seek(0)
    name = f"{id}-{arguments['table']}.{format}"
    response = send_file(sink, MEDIA_TYPES[format], as_attachment=True, download_name=name)
    response.content_length = size
    response.vary.add("Accept")
    return response


def _read_arguments(pairs):
    arguments = {}
    for name, value in pairs:
        if name not in _PARAMETERS:
            known = ", ".join(_PARAMETERS)
            raise error("bad-request", "not-supported", f"The parameter '{name}' is not supported; known: {known}")
        if _PARAMETERS[name] in arguments:
            raise error("bad-request", "invalid", f"The parameter '{name}' may be given once only")
        if value:
            arguments[_PARAMETERS[name]] = value
    return arguments


def _choose_format(wanted, accept):
    """`_format`, a name or a media type, else what Accept likes best, else the default."""
    if wanted:
        essence = media_type(wanted)[0]
        found = next((name for name, type in MEDIA_TYPES.items() if essence in (name, type)), None)
    elif accept:
        best = request.accept_mimetypes.best_match(list(MEDIA_TYPES.values()))
        found = next((name for name, type in MEDIA_TYPES.items() if type == best), None)
    else:
        found = next(iter(MEDIA_TYPES))
    if found is None:
        offered = ", ".join(MEDIA_TYPES.values())
        raise error("not-acceptable", "not-supported", f"{wanted or accept} is not offered: a table is {offered}")
    return found
