#!/bin/sh
# tests/e2e/run.sh [NAME...] - runs the end-to-end tests of the command line and counts them.
#
# One ledger is made and filled first; each test works on a copy of it. AVER names the program (default bin/aver).
E2E=$(cd "$(dirname "$0")" && pwd)
ROOT=$(cd "$E2E/../.." && pwd)
AVER=${AVER:-$ROOT/bin/aver}
BASE=$(mktemp -d "${TMPDIR:-/tmp}/aver-base.XXXXXX") || exit 1
FORGE=${FORGE:-$ROOT/build/dev/tools/forge} # make tools: rewrites a ledger with its node's own keys
export E2E ROOT AVER BASE FORGE
trap 'rm -rf "$BASE"' EXIT

[ -x "$AVER" ] || {
    echo "tests/e2e: $AVER is not there: make first" >&2
    exit 2
}
[ -x "$FORGE" ] || {
    echo "tests/e2e: $FORGE is not there: make tools first" >&2
    exit 2
}
sh "$E2E/prepare.sh" >"$BASE/log" 2>&1 || {
    echo "not ok prepare"
    cat "$BASE/log" >&2
    exit 1
}

ok=0
bad=0
for test in "$E2E"/test_*.sh "$E2E/tour.sh"; do
    name=$(basename "$test" .sh)
    if [ $# -gt 0 ]; then
        case " $* " in *" ${name#test_} "*) ;; *) continue ;; esac
    fi
    if sh "$test"; then ok=$((ok + 1)); else bad=$((bad + 1)); fi
done
echo "$ok passed, $bad failed"
[ "$bad" -eq 0 ]
