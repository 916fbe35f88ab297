"""Whether the registry can work (https://hl7.org/fhir/R4/http.html#Status-Codes)."""

from .. import __version__
from ..fhir.errors import FhirError


def health(registry):
    """{"status": "ok" or "unavailable", "version", "database"}; asks the database for one row."""
    try:
        with registry.store.read() as connection:
            registry.store.ping(connection)
    except FhirError:
        status = "unavailable"
    else:
        status = "ok"
    return {"status": status, "version": __version__, "database": registry.store.database.engine.dialect.name}
