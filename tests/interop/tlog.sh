#!/bin/sh
# tests/interop/tlog.sh - a log of some 700 entries, made, witnessed and proved by our program, read by the libraries that others
# use (tlog/main.go); and a witness made of those libraries, answering our request. Needs what go.sh needs.
set -u
here=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$here/../.." && pwd)
E2E=$ROOT/tests/e2e
AVER=${AVER:-$ROOT/bin/aver}
skip() {
    echo "skipped: $*"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}
PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null 2>&1 || skip "go is not installed"
unset AVER_LEDGER AVER_CLOCK_MS
BASE=$(mktemp -d "${TMPDIR:-/tmp}/aver-tlog.XXXXXX") || exit 1
trap 'rm -rf "$BASE"' EXIT
export ROOT E2E AVER BASE GOFLAGS=-mod=readonly GOTOOLCHAIN=local
cd "$here/tlog" || exit 1
timeout 120 go mod download >/dev/null 2>&1 || skip "the modules of tests/interop/tlog/go.mod are not here and the module proxy cannot be reached"
go build -buildvcs=false -o "$BASE/tlog" . || exit 1

set -e
sh "$E2E/prepare.sh" >"$BASE/log" 2>&1 || {
    cat "$BASE/log"
    exit 1
}
cd "$BASE"
export AVER_LEDGER=$BASE/ledger
N=witness.example.net

# claims FROM TO: a file of as many claims.
claims() {
    echo "patient_control_number,member_id,total_charge,last_name,first_name,birth_date,sex,relationship,payer_id,billing_npi,billing_name,place_of_service,diagnoses,assignment,procedure,units,charge,service_from,diagnosis_pointers"
    awk -v from="$1" -v to="$2" 'BEGIN {
        for (i = from; i <= to; i++)
            printf "T-%d,M-1001,%d.00,Doe,Ann,1980-01-02,F,self,SUMMIT01,1234567893,Ridge Clinic,11,J069,,99213,1,%d.00,2026-%02d-%02d,1\n", i, 90 + i % 60, 90 + i % 60, 1 + i % 9, 1 + i % 28
    }'
}
claims 1 300 >a.csv
claims 301 640 >b.csv
submit() { "$AVER" submit "$1" --key ledger/keys/clinic.key >"$1.out" 2>&1 || { tail -5 "$1.out"; exit 1; }; }
submit a.csv
"$AVER" log checkpoint >old

# Two witnesses: ours, and one made of the Go libraries. Their policies want URLs.
"$AVER" key new north.key >/dev/null
echo "log $("$AVER" log vkey)
quorum none" >none.policy
"$AVER" log witness-request --old 0 >request
"$AVER" witness request --key north.key --name $N/north --logs none.policy --state north.d >north.answer
./tlog cosign $N/south <request >south.answer
echo "# the log, and who watches it
log $("$AVER" log vkey)
witness north $("$AVER" witness vkey --key north.key --name $N/north) https://north.example/
witness south $(cat south.vkey) https://south.example/
group both all north south
quorum both" >both.policy
"$AVER" log witness-accept north.answer --policy both.policy >/dev/null
"$AVER" log witness-accept south.answer --policy both.policy | grep -q "is satisfied"
"$AVER" log checkpoint --cosigned >cosigned
"$AVER" log verify cosigned --policy both.policy >/dev/null

submit b.csv
"$AVER" log consistency old >growth
for entry in 0 1 255 256 T-17 T-640; do "$AVER" log prove $entry --out "$entry.tlog-proof"; done
timeout 120 ./tlog check "$BASE"
