"""What goes from a site that is made of others: its past, what is told no more, at last all of it.

(docs/deidentification.md, https://eur-lex.europa.eu/eli/reg/2016/679/art_17)
"""

from sqlalchemy import bindparam, delete, select

from .derived_tables import standing_slots
from .purge import overwrite_deleted
from .rebuild import slot_tables
from .settings import CONTENT
from .site import remove_row

CHUNK = 1000  # rows in memory at once


def not_among(store, connection, site, told):
    """{rid: (type, id)} of the current resources of a site that are not told. told: {type: {id}}."""
    rows = _current(store, connection, site)
    return {rid: (type_, id_) for rid, type_, id_ in rows if id_ not in told.get(type_, ())}


def _current(store, connection, site):
    c = store.tables.resource.c
    query = select(c.rid, c.type, c.id).where(c.site == site, c.deleted == 0)
    return connection.execute(query.execution_options(stream_results=True, max_row_buffer=CHUNK))


def drop_past(store, connection, site, names):
    """Delete the versions of these resources, (type, id), but the current ones."""
    version = store.tables.version.c
    older = delete(store.tables.version).where(version.rid == bindparam("number"), version.version < bindparam("now"))
    states = store.reader.states(connection, site, names)
    if states:
        overwrite_deleted(store.database, connection)
        connection.execute(older, [{"number": state.rid, "now": state.version} for state in states.values()])


def drop_site(store, connection, site, owned):
    """Delete a site with all that is of it; how many resources it had beside those of the content, `owned`.

    What stays is its audit log, and the clients that were registered for it.
    """
    tables = store.tables
    number = sum((type_, id_) not in owned for _, type_, id_ in _current(store, connection, site))
    overwrite_deleted(store.database, connection)
    for slot in standing_slots(connection):
        for name in slot_tables(connection, store, slot):
            column = "site" if name.startswith("index_") else "_site"
            connection.exec_driver_sql(f'DELETE FROM "{name}" WHERE {column} = {site}')
    kept = {tables.site, *tables.audit, *tables.clients}
    # In order, an analysis before its rows: whoever is writing some of them is waited for.
    for table in tables.fixed.values():
        if "site" in table.c and table not in kept:
            connection.execute(delete(table).where(table.c.site == site))
    connection.execute(delete(tables.setting).where(tables.setting.c.name == f"{CONTENT}{site}"))
    remove_row(store, connection, site)
    return number
