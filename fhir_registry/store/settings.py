"""The table `setting`: what is kept of the database as a whole (docs/store.md, https://sqlite.org/lang_upsert.html)."""

from sqlalchemy import insert, select

RULES = "rules"  # what the derived tables follow: a digest, and the slot that they are in
MAPPED = "mapped"  # and the slot: the names of the mapped tables in it, JSON
CONTENT = "content of site "  # and its number: which content is stored there, JSON
REMOVED = "removed site "  # and the number of a site that is no more: its name
ERASED = "(erased)"  # in a list of Type/id, in the place of one that was erased


def get_setting(connection, setting, name):
    """The text kept under a name in the table `setting`, None when there is none."""
    return connection.execute(select(setting.c.value).where(setting.c.name == name)).scalar()


def set_setting(connection, setting, name, value):
    """Keep a text under a name in the table `setting`."""
    connection.execute(setting.delete().where(setting.c.name == name))
    connection.execute(insert(setting).values(name=name, value=value))


def read_keys(names):
    """[(type, id)] of a list that was kept of Type/id, "" for what was not stored, or ERASED. Raises ValueError."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("no list of texts")
    keys = [tuple(name.split("/")) for name in names if name not in ("", ERASED)]
    if any(len(key) != 2 for key in keys):
        raise ValueError("not Type/id")
    return keys
