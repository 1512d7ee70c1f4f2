#!/bin/sh
# tests/e2e/demo_twice.sh - the demo, as a newcomer meets it, and again over what it left behind: what each step must say.
set -u
cd "$(dirname "$0")/../.." || exit 2
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
export AVER_DEMO_DIR="$dir/demo-ledger"
passed=0
failed=0
says() {
    if grep -qE -- "$2" "$1"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok: nothing says \"$2\""
    fi
}
for time in first second; do
    if sh examples/demo.sh >"$dir/$time" 2>&1; then passed=$((passed + 1)); else
        failed=$((failed + 1))
        echo "not ok: the $time run failed"
        tail -n 20 "$dir/$time"
    fi
    says "$dir/$time" 'policy summit-ppo-2026 .* in force'
    says "$dir/$time" '12 accepted, 0 filed before, 0 rejected'
    says "$dir/$time" 'RFC-1001 +99213 +150.00 +92.00 +62.00 +30.00'
    says "$dir/$time" 'PR-3 +30.00  benefits.office_visit.cost_share.in_network.copay'
    says "$dir/$time" 'RFC-1002 +E0114 +210.00 +145.00 +0.00 +145.00'
    says "$dir/$time" 'CO-197 +850.00  prior_auth.0'
    says "$dir/$time" 'no fee for K0001'
    says "$dir/$time" 'PR-31 +150.00  enrolment'
    says "$dir/$time" 'OA-18 +150.00  duplicates.exact'
    says "$dir/$time" 'used 0.00 -> 500.00'
    says "$dir/$time" 'payment 274.98'
    says "$dir/$time" '^ *same$'
    says "$dir/$time" 'differs: .*LEDGER-'
    says "$dir/$time" '^Try next: '
    [ "$(tail -n 1 "$dir/$time" | cut -c 1-8)" = "Try next" ] || failed=$((failed + 1))
done
# It replaces only what it made.
mkdir "$dir/other" && echo mine >"$dir/other/file"
AVER_DEMO_DIR="$dir/other" sh examples/demo.sh >"$dir/refused" 2>&1 && failed=$((failed + 1))
says "$dir/refused" 'no demo made it'
says "$dir/other/file" '^mine$'
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
