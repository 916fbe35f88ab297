"""From here on tables have a wall between sites, which is raised at every start (store/wall.py).

(https://www.postgresql.org/docs/current/ddl-rowsecurity.html)
"""

revision, down_revision = "0007", "0006"


def upgrade():
    """Nothing is changed here: a program that knows no wall would find nothing, and by this number it is refused."""
