#!/bin/sh
# Makes the user of the server, when PostgreSQL makes its database: no superuser, whom no wall would keep from the rows of
# other sites (docs/security.md).
set -e
psql --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --set=ON_ERROR_STOP=1 --set=password="$POSTGRES_PASSWORD" <<'SQL'
CREATE ROLE registry LOGIN PASSWORD :'password';
ALTER DATABASE registry OWNER TO registry;
SQL
