#!/bin/sh
# tests/coverage.sh - which lines the tests execute, by directory: the unit tests, the scenarios and the end-to-end tests over a
# build that counts (make V=cov). The files with the most lines that nothing executes are named below the table.
#
# Needs gcov, which comes with gcc. A test that fails is said and not counted: tests/run.sh is where it fails.
# The second process of the audit (ledger/storage/audit_state.c) ends by _exit, so what it executes is not counted.
set -u
cd "$(dirname "$0")/.." || exit 2
unset MAKEFLAGS MFLAGS MAKELEVEL V CFLAGS
cpus=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
logs=build/cov/logs
gcov=$(${CC:-gcc} -dumpversion | cut -d . -f 1)
gcov=$(command -v "gcov-$gcov" || command -v gcov) || {
    echo "coverage: gcov is not installed; it comes with gcc" >&2
    exit 2
}
mkdir -p "$logs"
make -s -j"$cpus" V=cov program unit >"$logs/build" 2>&1 || {
    cat "$logs/build" >&2
    exit 2
}
find build/cov -name '*.gcda' -exec rm -f {} +
tests=$logs/tests
for program in tests/unit/test_*.c; do echo "build/cov/unit/$(basename "$program" .c)"; done >"$tests"
echo "build/cov/aver/aver contract test tests/scenarios" >>"$tests"
echo "sh tests/e2e/run.sh" >>"$tests"
export AVER="$PWD/build/cov/aver/aver"
# shellcheck disable=SC2016 # expanded by the inner shell
LOGS=$logs xargs -P "$cpus" -d '\n' -n 1 sh -c '
name=$(printf %s "$1" | tr -c "a-z0-9\n" _)
sh -c "$1" >"$LOGS/$name" 2>&1 </dev/null || echo "failed: $1, see $LOGS/$name"' sh <"$tests"

find build/cov -name '*.gcda' ! -path 'build/cov/tests/*' -exec "$gcov" -n {} + 2>/dev/null | awk '
/^File / { file = $0; sub(/^File .\.?\/?/, "", file); sub(/.$/, "", file); next }
/^Lines executed:/ && file ~ /\.c$/ && file !~ /^\// {
    sub(/^Lines executed:/, ""); split($0, part, /% of /)
    all = part[2]; hit = int(part[1] * all / 100 + 0.5)
    folder = file; sub(/\/[^\/]*$/, "", folder)
    lines[folder] += all; hits[folder] += hit; lines["all"] += all; hits["all"] += hit
    print "3", all - hit, sprintf("  %-36s %5d of %5d lines not executed", file, all - hit, all)
    file = ""
}
END {
    for (f in lines)
        print f == "all" ? 2 : 1, 0, sprintf("%-20s %6.1f %%  %6d of %6d lines", f, 100 * hits[f] / lines[f], hits[f], lines[f])
}' | sort -k1,1n -k2,2nr -k3,3 >"$logs/table"
[ -s "$logs/table" ] || {
    echo "coverage: nothing was counted" >&2
    exit 2
}
grep '^[12] ' "$logs/table" | cut -d ' ' -f 3-
echo
grep '^3 ' "$logs/table" | head -10 | cut -d ' ' -f 3-
