#!/bin/sh
# tests/e2e/kill.sh [TIMES] - kills a submit at random moments, TIMES times (default 50), by SIGKILL and SIGINT in turn, and
# opens the ledger again: what was acknowledged by a receipt is there, nothing is there twice, and the audit says same.
# Not part of run.sh: it takes about a second a kill.
E2E=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$E2E/../.." && pwd)
AVER=${AVER:-$ROOT/bin/aver}
TIMES=${1:-50}
BASE=$(mktemp -d "${TMPDIR:-/tmp}/aver-kill.XXXXXX") || exit 1
export E2E ROOT AVER BASE
trap 'rm -rf "$BASE"' EXIT
unset AVER_LEDGER AVER_CLOCK_MS
sh "$E2E/prepare.sh" >"$BASE/log" 2>&1 || {
    cat "$BASE/log" >&2
    exit 1
}
cd "$BASE" || exit 1
L=ledger
CLINIC=$L/keys/clinic.key
bad=0
fail() {
    echo "kill.sh: kill $n: $*" >&2
    bad=1
}

# A file of COUNT claims of one line each, as CSV: $1 is the first number.
claims() {
    awk -v from="$1" -v count="$2" 'BEGIN {
        print "patient_control_number,member_id,total_charge,last_name,billing_npi,billing_name,place_of_service," \
              "diagnoses,procedure,units,charge,service_from,diagnosis_pointers"
        for (i = from; i < from + count; i++)
            printf "K-%d,M-1001,%d.00,Doe,1234567893,Ridge Clinic,11,J069,99213,1,%d.00,2026-%02d-%02d,1\n",
                   i, 50 + i, 50 + i, 1 + i % 9, 1 + i % 28
    }'
}

n=0
from=1
: >filed
while [ "$n" -lt "$TIMES" ]; do
    n=$((n + 1))
    claims "$from" 400 >now.csv
    # Every third time the file was begun before: claims filed and claims not filed in one batch.
    [ $((n % 3)) -eq 0 ] && cp last.csv now.csv
    cp now.csv last.csv
    from=$((from + 400))
    if [ $((n % 2)) -eq 0 ]; then signal=INT; else signal=KILL; fi
    # A process in the background ignores SIGINT unless it is told otherwise.
    rm -rf receipts
    (trap - INT; exec "$AVER" submit now.csv --ledger "$L" --key "$CLINIC" --receipts receipts >out 2>err </dev/null) &
    pid=$!
    sleep "0.$(awk -v s="$n" 'BEGIN { srand(s); printf "%03d", rand() * 200 }')"
    kill -$signal $pid 2>/dev/null
    wait $pid 2>/dev/null
    ls receipts 2>/dev/null | sed -n 's/\.receipt$//p' >>filed
    "$AVER" submit now.csv --ledger "$L" --key "$CLINIC" --receipts all >again 2>err </dev/null || {
        fail "the same file is refused after the kill"
        cat err >&2
    }
done
"$AVER" claim list --ledger "$L" | awk 'NR > 1 { print $1, $2 }' >listed
awk '{ print $1 }' listed | sort >ids
sort -u filed >acknowledged
comm -23 acknowledged ids >lost
[ -s lost ] && fail "$(wc -l <lost) acknowledged claims are not in the ledger"
awk '{ print $2 }' listed | sort | uniq -d >twice
[ -s twice ] && fail "$(wc -l <twice) claims stand there twice"
[ "$(ls all | wc -l)" -eq "$(wc -l <ids)" ] || fail "not every claim has its receipt"
"$AVER" audit "$L" --receipts all >audited 2>err || {
    fail "the audit does not say same"
    cat audited err >&2
}
[ "$bad" -eq 0 ] && echo "ok kill: $n kills, $(wc -l <ids) claims, $(wc -l <acknowledged) acknowledged before a kill"
exit "$bad"
