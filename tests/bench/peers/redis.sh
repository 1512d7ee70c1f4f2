#!/bin/sh
# tests/bench/peers/redis.sh - Redis deciding the claims of tests/bench/bench.c in a Lua script, every write synced to its log before
# it answers (appendfsync always), on a scratch directory of its own. Prints lines "name value"; settings and counts go to stderr.
# Exit 3: Redis is not installed.
# usage: redis.sh CLAIMS FAMILIES CHECKED   CHECKED: how many of the first claims' payments are added up
set -eu
claims=$1 families=$2 checked=$3
here=$(cd "$(dirname "$0")" && pwd)
command -v redis-server >/dev/null && command -v redis-benchmark >/dev/null || { echo "redis.sh: no Redis here (package redis-server)" >&2; exit 3; }
dir=$(mktemp -d /tmp/aver-peer-redis-XXXXXX)
cli() { redis-cli -s "$dir/socket" "$@"; }
stop() { cli shutdown nosave >/dev/null 2>&1 || :; rm -rf "$dir"; }
trap stop EXIT
trap 'exit 1' INT TERM
redis-server --port 0 --unixsocket "$dir/socket" --dir "$dir" --appendonly yes --appendfsync always --save '' \
    --auto-aof-rewrite-percentage 0 --daemonize yes --logfile "$dir/log" --pidfile "$dir/pid" >/dev/null
tries=0
until cli ping >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { cat "$dir/log" >&2; exit 1; }
    sleep 0.05
done
{
    i=0
    for code in 80053 97110 97140 99213 E0110 J1100; do
        # Millionths of a dollar to cents, half up.
        echo "HSET fee $code $(((45250000 + i * 7310000 + 5000) / 10000))"
        i=$((i + 1))
    done
    echo "HSET roster 1234567893 in_network"
    awk -v n="$families" 'BEGIN { for (i = 0; i < n; i++) printf "HSET member:M%06d family F%06d plan summit-ppo-2026 from 20454 to 99999\n", i, i }'
} | cli >/dev/null
sha=$(cli -x script load <"$here/redis.lua")
for s in appendonly appendfsync save; do echo "redis.sh: $s = $(cli config get $s | tail -1)" >&2; done
echo "redis.sh: $(redis-server --version)" >&2
decide() { n=$1; shift; redis-benchmark -s "$dir/socket" --csv -q -n "$n" -c 32 "$@" evalsha "$sha" 0 "$families" | awk -F'","' 'NR == 2 {print $2}'; }
decide "$checked" >/dev/null
echo "redis_checked_cents $(cli get paid)"
one=$(decide "$claims")
many=$(decide "$claims" -P 16)
echo "redis.sh: claims $(cli get n), cents paid $(cli get paid)" >&2
echo "redis_claims_per_s $one"
echo "redis_pipelined_claims_per_s $many"
