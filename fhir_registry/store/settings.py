"""The table `setting`: what is kept of the database as a whole (docs/store.md, https://sqlite.org/lang_upsert.html)."""

from sqlalchemy import insert, select

RULES = "rules"  # what the derived tables follow: a digest, and the slot that they are in
MAPPED = "mapped"  # and the slot: the names of the mapped tables in it, JSON


def get_setting(connection, setting, name):
    """The text kept under a name in the table `setting`, None when there is none."""
    return connection.execute(select(setting.c.value).where(setting.c.name == name)).scalar()


def set_setting(connection, setting, name, value):
    """Keep a text under a name in the table `setting`."""
    connection.execute(setting.delete().where(setting.c.name == name))
    connection.execute(insert(setting).values(name=name, value=value))
