"""The only place of SQLAlchemy: tables, engines, writing, reading, searching."""
