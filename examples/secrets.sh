#!/bin/sh
# Makes what compose.yaml and kubernetes/ mount, in `secrets` beside this file: the database's password, the server's
# token, and the certificate that the database shows. Does nothing where the folder is there already.
set -eu
umask 077
cd "$(dirname "$0")"
mkdir secrets

password=$(openssl rand -hex 24)
printf '%s' "$password" > secrets/postgres_password
printf 'postgres:5432:socsync:socsync:%s\n' "$password" > secrets/pgpass
openssl rand -hex 32 > secrets/serve_token
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 825 -subj /CN=postgres \
  -addext subjectAltName=DNS:postgres -keyout secrets/tls.key -out secrets/tls.crt

# In its container PostgreSQL is a user of its own. On this machine the folder keeps others out.
chmod 644 secrets/postgres_password
# socsync's containers run as the owner of these files, and never as root.
owner=$(id -u):$(id -g)
if [ "$(id -u)" = 0 ]; then
  owner=1000:1000
  chown "$owner" secrets secrets/*
fi
echo "SOCSYNC_USER=$owner" > .env
