#!/bin/sh
# tests/bench/peers/postgres.sh - PostgreSQL deciding the claims of tests/bench/bench.c, on a scratch directory of its own.
# Prints lines "name value"; its settings and counts go to stderr. Exit 3: PostgreSQL is not installed.
# usage: postgres.sh SECONDS BATCH FAMILIES CHECKED   CHECKED: a multiple of 32, of the first claims, whose payments are added up
set -eu
seconds=$1 batch=$2 families=$3 checked=$4
here=$(cd "$(dirname "$0")" && pwd)
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] && [ -x "$bin/pgbench" ] || { echo "postgres.sh: no PostgreSQL here (packages postgresql, postgresql-contrib)" >&2; exit 3; }
cores=$(getconf _NPROCESSORS_ONLN)
dir=$(mktemp -d /tmp/aver-peer-pg-XXXXXX)
as() { "$@"; }
# PostgreSQL refuses to run as root.
if [ "$(id -u)" = 0 ]; then
    id postgres >/dev/null 2>&1 || { echo "postgres.sh: there is no user postgres" >&2; exit 3; }
    chown postgres "$dir"
    as() { setpriv --reuid=postgres --regid="$(id -g postgres)" --clear-groups env HOME="$dir" "$@"; }
fi
cd "$dir"
stop() { as "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1 || :; rm -rf "$dir"; }
trap stop EXIT
trap 'exit 1' INT TERM
as "$bin/initdb" -D "$dir/data" -E UTF8 --locale=C -A trust >/dev/null
memory_mb=$(awk '/MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 64
shared_buffers = $((memory_mb / 4))MB
max_wal_size = 8GB
checkpoint_timeout = 15min
synchronous_commit = on
fsync = on
full_page_writes = on
jit = off
CONF
as "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w start >/dev/null
export PGHOST="$dir" PGDATABASE=postgres
[ "$(id -u)" != 0 ] || export PGUSER=postgres
psql() { as "$bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }
sed "s/:families/$families/g" "$here/postgres.sql" >"$dir/peer.sql"
chmod 644 "$dir/peer.sql"
psql -f "$dir/peer.sql" >/dev/null
for s in server_version shared_buffers max_wal_size synchronous_commit fsync full_page_writes wal_sync_method jit; do
    echo "postgres.sh: $s = $(psql -Atc "show $s")" >&2
done
psql -c 'vacuum analyze'
as sh -c "cat >'$dir/one.sql'" <<'SQL'
select adjudicate_generated(nextval('next_claim'));
SQL
run() { as "$bin/pgbench" -n -M prepared "$@" 2>"$dir/err" || { cat "$dir/err" >&2; exit 1; }; }
run -t $((checked / 32)) -c 32 -j "$cores" -f "$dir/one.sql" >/dev/null
echo "postgres_checked_cents $(psql -Atc 'select sum(paid) from claim')"
tps=$(run -T "$seconds" -c 32 -j "$cores" -f "$dir/one.sql" | awk '/^tps/ {print $3}')
psql -c 'checkpoint'
[ "$(psql -Atc 'select count(*) from claim')" -gt "$checked" ]
first=$(psql -Atc "select nextval('next_claim') + 1")
rounds=10
psql -c "insert into arrived select n, n % $families * $cores / $families from generate_series($first, $first + $batch * $cores * $rounds - 1) n"
psql -c 'vacuum analyze'
echo "select adjudicate_batch(:client_id, $batch);" | as sh -c "cat >'$dir/batch.sql'"
transactions=$(run -t "$rounds" -c "$cores" -j "$cores" -f "$dir/batch.sql" | awk '/^tps/ {print $3}')
left=$(psql -Atc 'select count(*) from arrived')
paid=$(psql -Atc 'select count(*), sum(paid) from claim')
echo "postgres.sh: claims|cents paid $paid, left $left" >&2
echo "postgres_claims_per_s $tps"
echo "postgres_batch_claims_per_s $(awk "BEGIN {print $transactions * $batch}")"
