#!/bin/sh
# tests/interop/second.sh - a second verifier (second/, in Go, its standard library alone), written from docs/formats.md, formats.cddl
# and the vectors: the vectors, a whole log with its tiles, proofs and exported states, and bundles of each kind with changed copies,
# before it and before aver-verify. Needs Go and nothing else; without it the test is skipped, and says so.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
aver=${AVER:-$root/bin/aver}
verify=${aver%/*}/aver-verify
skip() {
    echo "skipped: $*"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}
PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null 2>&1 || skip "go is not installed"
base=$(mktemp -d "${TMPDIR:-/tmp}/aver-second.XXXXXX") || exit 1
trap 'rm -rf "$base"' EXIT
unset AVER_LEDGER
export GOFLAGS=-mod=readonly GOTOOLCHAIN=local AVER_DEMO_DIR="$base/demo"
(cd "$here/second" && go build -buildvcs=false -o "$base/program" .) || {
    go version | grep -qE 'go1\.(1[0-9]|20)(\.| )' && skip "this go is older than 1.21"
    exit 1
}
second() { "$base/program" "$@" --cddl "$root/docs/formats.cddl"; }
passed=0
failed=0
# expect CODE WORDS COMMAND...: the exit code, and words that the output has.
expect() {
    code=$1
    words=$2
    shift 2
    "$@" >"$base/out" 2>&1
    got=$?
    if [ $got -eq "$code" ] && grep -qF -- "$words" "$base/out"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok: $*: exit $got, not $code with \"$words\""
        tail -5 "$base/out"
    fi
}

second vectors "$root/tests/vectors" || failed=$((failed + 1))

# ---- a fresh ledger: that of the demo, and a claim signed alone ----

sh "$root/examples/demo.sh" >"$base/log" 2>&1 || {
    tail -20 "$base/log"
    exit 1
}
export AVER_LEDGER="$base/demo/ledger" AVER_CLOCK_MS=1781510400000
cd "$base" || exit 1
head -2 "$root/examples/claims.csv" | sed 's/^CSV-2001/ALONE/; s/2026-04-06/2026-05-06/' >alone.csv
cp demo/ledger/checkpoint before
expect 0 "" "$aver" submit alone.csv --key demo/clinic.key
"$aver" log consistency before >growth
"$aver" log vkey >node.vkey
printf 'log %s\nquorum none\n' "$(cat node.vkey)" >trust.policy
"$aver" claim list >claims
for status in decided denied pended; do expect 0 " $status " cat claims; done

# ---- the log ----

expect 0 "same: demo" second tiles demo/ledger --policy trust.policy
cp -R demo/ledger altered
tile=altered/tile/entries/000.p/$(ls altered/tile/entries/000.p | sort -n | tail -n 1)
printf '\377' | dd of="$tile" bs=1 seek=200 conv=notrunc 2>/dev/null
expect 2 "could not check" second tiles altered --policy trust.policy
expect 0 "" "$aver" state export whole.state
expect 0 "" "$aver" state export leaves.state --commitments
for state in whole leaves; do
    expect 0 "same:" second export $state.state --tiles demo/ledger --policy trust.policy
    size=$(wc -c <$state.state)
    for at in 20 100 $((size / 2)) $((size - 20)); do
        cp $state.state bent.state
        old=$(od -An -tu1 -j "$at" -N 1 bent.state)
        printf "\\$(printf %o $((old ^ 1)))" | dd of=bent.state bs=1 seek="$at" conv=notrunc 2>/dev/null
        expect 2 "could not check" second export bent.state --tiles demo/ledger --policy trust.policy
    done
done
for entry in 0 7 RFC-1001 ALONE; do
    "$aver" log prove $entry --out $entry.tlog-proof >/dev/null
    expect 0 "is in the log" second log $entry.tlog-proof --policy trust.policy
done
sed 's/^index 7$/index 6/' 7.tlog-proof >bent.tlog-proof
expect 2 "TLOG-PROOF" second log bent.tlog-proof --policy trust.policy
expect 0 "grew" second log growth --old before --policy trust.policy
expect 2 "TLOG-PROOF" second log growth --old demo/ledger/checkpoint --policy trust.policy
expect 2 "TRUST-LOG" second log 7.tlog-proof --policy "$here/second/other.policy"

# ---- what was promised at intake ----

for receipt in demo/receipts/*.receipt; do expect 0 "stands in the log" second receipt "$receipt" --node-key node.vkey; done
size=$(wc -c <"$receipt")
for at in 8 60 $((size / 2)) $((size - 40)) $((size - 1)); do
    cp "$receipt" bent.receipt
    old=$(od -An -tu1 -j "$at" -N 1 bent.receipt)
    printf "\\$(printf %o $((old ^ 1)))" | dd of=bent.receipt bs=1 seek="$at" conv=notrunc 2>/dev/null
    expect 2 "could not check" second receipt bent.receipt --node-key node.vkey
done

# ---- bundles ----

mkdir bundles bare
for claim in $(awk 'NR > 1 { print $2 }' claims); do
    for reader in auditor member provider; do
        "$aver" bundle "$claim" --for $reader --out "bundles/$claim.$reader" >>log 2>&1 || {
            echo "not ok: no bundle of $claim for $reader"
            failed=$((failed + 1))
        }
    done
done
expect 0 "decided again" second bundle bundles/ALONE.auditor --policy trust.policy
expect 0 "same" second bundle bundles/ALONE.member --node-key node.vkey
expect 2 "whose log" second bundle bundles/ALONE.member
expect 2 "TRUST-LOG" second bundle bundles/ALONE.member --policy "$here/second/other.policy"
"$aver" bundle ALONE --for member --no-pack --out bare/ALONE >>log 2>&1
for program in "$verify" "second bundle"; do
    expect 2 "" $program bare/ALONE --policy trust.policy
    expect 0 "same" $program bare/ALONE --policy trust.policy --pack bundles/RFC-1001.auditor
done
second compare "$verify" bundles --policy trust.policy --flips "${SECOND_FLIPS:-25}" || failed=$((failed + 1))

# Cosigned by a witness whom the policy wants: in a checkpoint, a proof and a bundle.
name=witness.example.net/w
cp demo/ledger/checkpoint alone.checkpoint
{
    "$aver" key new w.key
    "$aver" log witness-request --old 0 >request
    "$aver" witness request --key w.key --name $name --logs trust.policy --state w.d >answer
    printf 'log %s\nwitness w %s https://w.example/\nquorum w\n' "$(cat node.vkey)" "$("$aver" witness vkey --key w.key --name $name)" >both.policy
    "$aver" log witness-accept answer --policy both.policy
    "$aver" log checkpoint --cosigned >cosigned
    "$aver" log prove ALONE --out cosigned.tlog-proof
    mkdir cosigned.bundles
    "$aver" bundle ALONE --for member --out cosigned.bundles/ALONE
} >>log 2>&1
for file in cosigned cosigned.tlog-proof; do
    expect 0 "same" second log $file --policy both.policy
    expect 0 "same" second log $file --policy trust.policy
done
expect 2 "TRUST-WITNESSES" second log alone.checkpoint --policy both.policy
expect 2 "TRUST-WITNESSES" second bundle bundles/ALONE.member --policy both.policy
second compare "$verify" cosigned.bundles --policy both.policy --flips 100 || failed=$((failed + 1))

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
