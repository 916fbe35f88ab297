"""Save the tables that a server makes of a study or a measure (docs/tables.md; docs/cli.md)."""

import requests

from fhir_registry.ops.own_file import open_own
from fhir_registry.reports.tables import TABLES

from .push import explain, explain_silence, open_session

_TIMEOUT = (10, 3600)  # seconds to connect, to answer: a large registry takes minutes


class TablesError(Exception):
    """The server gave no table; the message holds its words."""


def save_tables(base, id, out, format, start=None, end=None, wanted=(), auth=None):
    """Save tables of a ResearchStudy or Measure of the server at `base`; yields (path, bytes) of each.

    id: of the ResearchStudy or Measure. out: folder, made when it is missing. format: csv or parquet. start, end: FHIR
    dates or None. wanted: names of tables; empty: all. auth: as of open_session. A file is there when it is complete.
    Raises TablesError.
    """
    out.mkdir(parents=True, exist_ok=True)
    base = base.rstrip("/")
    query = {name: value for name, value in (("periodStart", start), ("periodEnd", end)) if value}
    try:
        with open_session(auth) as session:
            type = _find_type(session, base, id)
            known = [table for table in TABLES if table != "trace" or type == "Measure"]
            for table in wanted or known:
                path = out / f"{id}-{table}.{format}"
                asked = query | {"table": table, "_format": format}
                yield path, _save(session, f"{base}/{type}/{id}/$table", asked, path)
    except requests.RequestException as e:
        raise TablesError(explain_silence(base, e)) from None


def _find_type(session, base, id):
    for type in ("Measure", "ResearchStudy"):
        response = session.get(f"{base}/{type}/{id}", timeout=_TIMEOUT)
        if response.ok:
            return type
        if response.status_code != 404:
            raise TablesError(f"{type}/{id}: {explain(response)}")
    raise TablesError(f"{id}: the server at {base} has neither a Measure nor a ResearchStudy of this id")


def _save(session, url, query, path):
    """Save the answer when it is complete; the number of its bytes."""
    arriving = path.with_name(f"{path.name}.part")
    try:
        with session.get(url, params=query, timeout=_TIMEOUT, stream=True) as response:
            if not response.ok:
                raise TablesError(f"{query['table']}: {explain(response)}")
            with open_own(arriving) as file:
                size = sum(file.write(chunk) for chunk in response.iter_content(65536))
        arriving.replace(path)
    finally:
        arriving.unlink(missing_ok=True)
    return size
