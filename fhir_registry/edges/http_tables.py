"""The operation $table: analysis data as a file (docs/tables.md; https://hl7.org/fhir/R4/operations.html)."""

from functools import partial

from flask import Blueprint, request

from fhir_registry.fhir.errors import bad_parameter, error, parameter_place
from fhir_registry.ops.disclosure import require_patients
from fhir_registry.ops.tables import write_table

from .exchange import base_url, parse_parameters, read_arguments, registry, respond_file, site
from .http_operations import posted_parameters
from .negotiation import media_type

tables = Blueprint("tables", __name__, url_prefix="/fhir")
# Format -> media type; the first is the default.
MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
# Operation parameter -> argument of the walk.
_PARAMETERS = {"table": "table", "periodStart": "period_start", "periodEnd": "period_end", "_format": "format"}


@tables.route("/<any(Measure, ResearchStudy):type>/<id>/$table", methods=["GET", "POST"])
def read_table(type, id):
    require_patients(registry())  # before it is said which formats there are
    pairs = parse_parameters(request.query_string) + (posted_parameters() if request.method == "POST" else [])
    arguments = read_arguments(pairs, _PARAMETERS)
    if "table" not in arguments:
        message = "The parameter 'table' is missing: which table is wanted, such as adtte"
        raise bad_parameter("table", "required", message)
    format = _choose_format(arguments.pop("format", None), request.headers.get("Accept"))
    walk = partial(write_table, registry(), site(), (type, id), format=format, base=base_url(), **arguments)
    return respond_file(lambda sink: walk(sink=sink), MEDIA_TYPES[format], f"{id}-{arguments['table']}.{format}")


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
        place = parameter_place("_format") if wanted else None
        message = f"{wanted or accept} is not offered: a table is {offered}"
        raise error("not-acceptable", "not-supported", message, place)
    return found
