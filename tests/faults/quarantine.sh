#!/bin/sh
# tests/faults/quarantine.sh - a claim that makes the program fail an assert, as its people meet it: who submits, who runs the ledger,
# who audits. The bug is planted (planted/bug.c) in a program of its own, build/dev/faults/aver.
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
E2E=$ROOT/tests/e2e
AVER=${AVER:-$ROOT/bin/aver}
BUG=$ROOT/build/dev/faults/aver
BASE=$(mktemp -d "${TMPDIR:-/tmp}/aver-quarantine.XXXXXX") || exit 1
export E2E ROOT AVER BASE
trap 'rm -rf "$BASE"' EXIT
unset AVER_LEDGER AVER_CLOCK_MS
ulimit -c 0
sh "$E2E/prepare.sh" >"$BASE/log" 2>&1 || {
    cat "$BASE/log" >&2
    exit 1
}
eval "$(sed -n '/^visit()/,/^}/p' "$E2E/lib.sh")"
cd "$BASE" || exit 1
passed=0
failed=0
# expect EXIT TEXT COMMAND...
expect() {
    code=$1 text=$2
    shift 2
    "$@" >said 2>&1 </dev/null
    got=$?
    if [ "$got" -eq "$code" ] && { [ -z "$text" ] || grep -qF -- "$text" said; }; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok: exit $got, not $code, or no \"$text\": $*"
        sed 's/^/#   /' said
    fi
}
L="--ledger ledger"
K="--key ledger/keys/clinic.key"
{
    echo "patient_control_number,member_id,total_charge,last_name,billing_npi,billing_name,place_of_service,diagnoses,procedure,units,charge,service_from,diagnosis_pointers"
    for i in 1 2 3; do
        echo "Q-$i,M-1001,6$i.00,Doe,1234567893,Ridge Clinic,11,J069,99213,1,6$i.00,2026-03-0$i,1"
    done
} >claims.csv
visit V-9 M-1001 150 99213 20260305 >other.837

expect 0 "" "$AVER" quarantine list $L
export AVER_PLANTED=Q-2
expect 134 "is now in quarantine and not filed" "$BUG" submit claims.csv $L $K
grep -qF "aver doctor" said || expect 0 "aver doctor" cat said
expect 0 "[TX-QUARANTINED]" "$AVER" doctor $L
expect 1 "[TX-QUARANTINED]" "$BUG" submit claims.csv $L $K --receipts receipts
expect 0 "2" sh -c 'ls receipts | wc -l'
expect 1 '"code":"TX-QUARANTINED"' "$BUG" submit claims.csv $L $K --json
expect 1 "aver doctor" "$AVER" submit claims.csv $L $K
expect 0 "paid" "$BUG" submit other.837 $L $K
expect 0 "same" "$AVER" audit ledger --receipts receipts
expect 0 "tests/faults/planted/bug.c" "$AVER" quarantine list $L
id=$(cut -d' ' -f1 said)
expect 0 '"doing":"intake' "$AVER" quarantine list $L --json
expect 0 "planted" "$AVER" quarantine show "$id" $L
expect 0 '"item":"' "$AVER" quarantine show "$id" $L --json
expect 2 "[QUARANTINE-NONE]" "$AVER" quarantine show 00112233445566778899aabbccddeeff $L
expect 2 "[QUARANTINE-NONE]" "$AVER" quarantine release ../../keys/node.wrap $L
expect 0 "released" "$AVER" quarantine release "$id" $L
expect 0 "3" sh -c '"$AVER" submit claims.csv --ledger ledger --key ledger/keys/clinic.key --receipts receipts >/dev/null && ls receipts | wc -l'
expect 0 "same" "$AVER" audit ledger --receipts receipts

# In an audit: the third answer, and then the place.
expect 2 "executed entry" "$BUG" audit ledger
expect 2 "[LEDGER-QUARANTINE]" "$BUG" audit ledger
expect 0 "until then audits end before it" "$AVER" doctor $L
expect 0 "filed before" "$BUG" submit claims.csv $L $K
id=$("$AVER" quarantine list $L | cut -d' ' -f1)
expect 0 "" "$AVER" quarantine release "$id" $L
expect 0 "same" "$AVER" audit ledger

# After a crash that LMDB did not live to see.
rm -r ledger/state
expect 134 "executed entry" "$BUG" submit other.837 $L $K
expect 1 "until then nothing can be filed; nothing is lost" "$AVER" doctor $L
expect 2 "[LEDGER-QUARANTINE]" "$BUG" submit other.837 $L $K
id=$("$AVER" quarantine list $L | cut -d' ' -f1)
expect 0 "" "$AVER" quarantine release "$id" $L
expect 0 "filed before" "$AVER" submit other.837 $L $K
expect 0 "same" "$AVER" audit ledger --receipts receipts
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
