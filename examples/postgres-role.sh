# Run once, by the image of PostgreSQL, when its volume is new. socsync is given a role that owns its own database and nothing
# else. The superuser loses its password: it is then reached from inside the container alone.
psql --username postgres --set ON_ERROR_STOP=1 <<'SQL'
\getenv password POSTGRES_PASSWORD
create role socsync login password :'password';
create database socsync owner socsync;
revoke connect on database socsync from public;
alter role postgres password null;
SQL
