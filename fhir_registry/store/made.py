"""What a site that is made of others does not keep: its past, and what is told no more (docs/deidentification.md).

(https://eur-lex.europa.eu/eli/reg/2016/679/art_17)
"""

from sqlalchemy import bindparam, delete, select

from .purge import overwrite_deleted

CHUNK = 1000  # rows in memory at once


def not_among(store, connection, site, told):
    """{rid: (type, id)} of the current resources of a site that are not told. told: {type: {id}}."""
    c = store.tables.resource.c
    query = select(c.rid, c.type, c.id).where(c.site == site, c.deleted == 0)
    rows = connection.execute(query.execution_options(stream_results=True, max_row_buffer=CHUNK))
    return {rid: (type_, id_) for rid, type_, id_ in rows if id_ not in told.get(type_, ())}


def drop_past(store, connection, site, names):
    """Delete the versions of these resources, (type, id), but the current ones."""
    version = store.tables.version.c
    older = delete(store.tables.version).where(version.rid == bindparam("number"), version.version < bindparam("now"))
    states = store.reader.states(connection, site, names)
    if states:
        overwrite_deleted(store.database, connection)
        connection.execute(older, [{"number": state.rid, "now": state.version} for state in states.values()])
