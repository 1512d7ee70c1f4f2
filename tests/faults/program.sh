#!/bin/sh
# tests/faults/program.sh [EVERY] - the program itself while memory and disk fail: a claim is submitted with its receipt written to a
# file, paid, and the ledger backed up; every EVERY-th call fails (default 9; 1: each), once, by build/dev/faults/inject.so.
#
# The program ends by itself with 0, 1 or 2; whoever holds a receipt finds the claim filed, with the same receipt to the byte, and the
# audit says same; a backup that has its name is whole.
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
E2E=$ROOT/tests/e2e
AVER=${AVER:-$ROOT/bin/aver}
INJECT=$ROOT/build/dev/faults/inject.so
EVERY=${1:-9}
place=${TMPDIR:-/dev/shm}
[ -d "$place" ] && [ -w "$place" ] || place=/tmp
BASE=$(mktemp -d "$place/aver-faults.XXXXXX") || exit 1
T=$BASE
export E2E ROOT AVER BASE
trap 'rm -rf "$BASE"' EXIT
unset AVER_LEDGER AVER_CLOCK_MS
sh "$E2E/prepare.sh" >"$BASE/log" 2>&1 || {
    cat "$BASE/log" >&2
    exit 1
}
visits=$(sed -n '/^visit()/,/^}/p' "$E2E/lib.sh")
eval "$visits"
cd "$BASE" || exit 1
visit V-1 M-1001 150 99213 20260305 >v1.837
visit V-2 M-1001 160 99213 20260306 >v2.837
"$AVER" submit v1.837 --ledger ledger --key ledger/keys/clinic.key --receipts first >/dev/null 2>&1 || exit 1

passed=0
failed=0
wrong() {
    echo "# $what: $*"
    sed 's/^/#   /' said
    bad=1
}

# Whatever became of it: the claim can be filed, by the same receipt if there was one; the first one stands; the audit says same.
check() {
    "$AVER" submit v2.837 --ledger l --key l/keys/clinic.key --receipts again >said2 2>&1 || {
        cat said2 >>said
        wrong "the claim is refused afterwards"
    }
    for receipt in r/*.receipt; do
        [ -f "$receipt" ] || continue
        cmp -s "$receipt" "again/${receipt#r/}" || wrong "another receipt than was given"
        grep -q "filed before" said2 || wrong "a claim with a receipt was not there"
    done
    "$AVER" audit l --receipts first >said2 2>&1 || {
        cat said2 >>said
        wrong "the audit does not say same"
    }
}

# loop NAME FAULT VERB...: until a run sees no fault.
loop() {
    name=$1 fault=$2
    shift 2
    at=1
    tried=0
    bad=0
    while [ "$bad" -eq 0 ]; do
        rm -rf l r again fired copy copy.partial paid.835
        cp -R ledger l
        what="$name, ${fault%%:*} $at"
        AVER_FAULT="${fault%%:*}:$at:${fault#*:}" AVER_FAULT_ROOT="$BASE/" AVER_FAULT_FIRED="$BASE/fired" LD_PRELOAD=$INJECT \
            "$AVER" "$@" >said 2>&1 </dev/null
        code=$?
        [ -e fired ] || break
        tried=$((tried + 1))
        [ "$code" -le 2 ] || wrong "it ended with $code"
        [ "$code" -ne 0 ] || [ "$name" != submit ] || [ "$(ls r 2>/dev/null | wc -l)" -gt 0 ] || wrong "done, and no receipt"
        [ "$code" -ne 0 ] || [ "$name" != remit ] || [ -s paid.835 ] || wrong "done, and no file"
        check
        if [ -d copy ]; then
            "$AVER" audit copy >said2 2>&1 || {
                cat said2 >>said
                wrong "the backup is not whole"
            }
        elif [ "$name" = backup ] && [ "$code" -eq 0 ]; then
            wrong "done, and no backup"
        fi
        at=$((at + EVERY))
    done
    if [ "$bad" -eq 0 ]; then
        echo "ok $name, $fault: $tried faults"
        passed=$((passed + 1))
    else
        echo "not ok $name, $fault"
        failed=$((failed + 1))
    fi
}

for fault in memory:eio write+sync+truncate+name+open+map:eio write+name+open:enospc write:short; do
    loop submit "$fault" submit "$BASE/v2.837" --ledger "$BASE/l" --key "$BASE/l/keys/clinic.key" --receipts "$BASE/r"
    loop remit "$fault" remit --payee all --ledger "$BASE/l" --key "$BASE/l/keys/operations.key" --out "$BASE/paid.835"
    loop backup "$fault" backup "$BASE/copy" --ledger "$BASE/l"
done
# An audit that is killed at each of its writes is taken up again, or begun anew: the same answer, and its file can be written again.
at=1
bad=0
while [ "$bad" -eq 0 ]; do
    rm -f saved saved.key saved.new saved.key.new fired
    what="audit, killed at $at"
    AVER_FAULT="write+sync+name+open:$at:kill" AVER_FAULT_ROOT="$BASE/" AVER_FAULT_FIRED="$BASE/fired" LD_PRELOAD=$INJECT \
        "$AVER" audit ledger --resume "$BASE/saved" --save-every 1 >said 2>&1 </dev/null
    [ -e fired ] || break
    "$AVER" audit ledger --resume saved --save-every 1 >said 2>&1 || wrong "it is not taken up again"
    at=$((at + 1))
done
if [ "$bad" -eq 0 ] && [ "$at" -gt 20 ]; then
    echo "ok audit, killed: $((at - 1)) kills"
    passed=$((passed + 1))
else
    echo "not ok audit, killed"
    failed=$((failed + 1))
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
