#!/bin/sh
# tests/run.sh [--quick] - builds everything and tests it; the last line is "N passed, N failed[, N skipped]".
#
# On a bare Debian 12 it first installs what is missing (as root or with sudo). --quick: one build, the unit tests, the
# scenarios and lint. With CI set a skipped test is a failed one. Third-party data is read from $AVER_DATA, else
# ../shared/data; output of the single tests lies in build/test-logs.
set -u
cd "$(dirname "$0")/.." || exit 2
quick=
case "${1-}" in
--quick) quick=1 ;;
'') ;;
*)
    echo "usage: tests/run.sh [--quick]" >&2
    exit 64
    ;;
esac
cpus=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
logs=build/test-logs
data=${AVER_DATA:-../shared/data}
[ -d "$data" ] && AVER_DATA=$(cd "$data" && pwd) && export AVER_DATA
# Ours decide how a program is run, not what a caller happens to have set.
unset MAKEFLAGS MFLAGS MAKELEVEL V CFLAGS
export UBSAN_OPTIONS=print_stacktrace=1 LC_ALL=C.UTF-8

# ---- what is needed ------------------------------------------------------------------------------------------------

sh tests/install.sh ${quick:+--quick} || exit 1

# ---- what is run: one line "LABEL|COMMAND" a job, each counts its own tests ------------------------------------------

rm -rf "$logs"
mkdir -p "$logs"
jobs=$logs/jobs
: >"$jobs"
job() { printf '%s|%s\n' "$1" "$2" >>"$jobs"; }
failed_build=

# build LABEL MAKE-ARGUMENTS...: a build without a warning is a test too.
build() {
    label=$1
    shift
    log=$logs/build-$label
    printf 'building %s\n' "$label"
    if make -s -j"$cpus" "$@" >"$log.log" 2>&1; then
        echo "1 0 0" >"$log.count"
    else
        echo "0 1 0" >"$log.count"
        failed_build=1
        grep -E 'error|Error|warning|undefined' "$log.log" | head -40
        echo "FAIL building $label: the whole output is in $log.log"
        return 1
    fi
}

units() {
    for program in build/"$1"/unit/test_*; do
        case $program in *.*|*\*) continue ;; esac
        runner=
        [ "$1" = san ] && runner=$fixed
        [ -f "tests/unit/${program##*/}.c" ] && job "unit-$1-${program##*/test_}" "$runner $program"
    done
}

# The sanitizer of gcc 12 cannot place its shadow on kernels that randomize addresses by 32 bits: fixed ones, where allowed.
fixed="setarch $(uname -m) -R"
$fixed true 2>/dev/null || fixed=

built_dev=
built_san=
build dev V=dev unit all && built_dev=1
built_tools=
build tools V=dev tools && built_tools=1
[ -z "$built_tools" ] || job formats "build/dev/tools/cddl | diff docs/formats.cddl - && echo '1 passed, 0 failed'"
if [ -n "$built_tools" ]; then
    job gas-prices "build/dev/gas/bench --complete"
    job gas-search "build/dev/gas/search --plant 4 --seconds 20"
fi
if [ -n "$built_tools" ] && command -v python3 >/dev/null 2>&1; then
    job oracle "python3 tests/oracle/oracle.py --decide build/dev/oracle/decide"
    job rules "python3 tests/scenarios/rules.py --quiet"
elif [ -n "$built_tools" ]; then
    job oracle "echo 'python3 is not installed'; echo '0 passed, 0 failed, 1 skipped'"
fi
for name in carrier synpuf stays fees edits; do
    if [ -n "$built_tools" ] && command -v python3 >/dev/null 2>&1; then
        job "real-$name" "python3 tests/real/$name.py --aver bin/aver --reader build/dev/real/read"
    elif [ -n "$built_tools" ]; then
        job "real-$name" "echo 'python3 is not installed'; echo '0 passed, 0 failed, 1 skipped'"
    fi
done
if [ -n "$built_tools" ] && [ -z "$quick" ]; then
    job e2e "sh tests/e2e/run.sh"
    job demo "sh tests/e2e/demo_twice.sh"
    job payer "sh tests/e2e/payer.sh"
    job demo-files "sh tests/e2e/demo_files.sh"
    for name in eligibility.lua coverage.lua payout.lua ledger/; do
        job "mutants-${name%[./]*}" "sh tests/mutants/run.sh $name"
    done
fi
if [ -z "$quick" ] && build faults V=dev faults; then
    for name in faults power tamper quarantine histories pressure scrub; do
        job "faults-$name" "build/dev/faults/test_$name"
    done
    job faults-program "sh tests/faults/program.sh 5"
    job faults-planted "sh tests/faults/quarantine.sh"
fi
if [ -z "$quick" ]; then
    if build san V=san unit replays program; then
        built_san=1
        units san
        for target in tests/fuzz/fuzz_*.c; do
            name=${target#tests/fuzz/fuzz_}
            name=${name%.c}
            job "fuzz-corpus-$name" "$fixed build/san/replay/$name tests/fuzz/corpus/$name"
        done
        # The program ends without giving back its arena: that is no leak.
        job scenarios-san "ASAN_OPTIONS=detect_leaks=0 $fixed build/san/aver/aver contract test tests/scenarios"
        job e2e-san "AVER=\"\$PWD/build/san/aver/aver\" ASAN_OPTIONS=detect_leaks=0 $fixed sh tests/e2e/run.sh"
    fi
    if build clang V=clang program unit build/clang/tools/gas; then
        units clang
        [ -z "$built_tools" ] || job twins "sh tests/twins.sh 2000 dev clang"
        [ -z "$built_san" ] || job second-build "sh tests/e2e/second_build.sh"
    fi
    for test in tests/interop/test_*.py; do
        [ -f "$test" ] || continue
        name=${test##*/test_}
        if command -v python3 >/dev/null 2>&1; then
            job "interop-${name%.py}" "python3 $test"
        else
            job "interop-${name%.py}" "echo 'python3 is not installed'; echo '0 passed, 0 failed, 1 skipped'"
        fi
    done
    job "interop-tlog" "sh tests/interop/tlog.sh"
    job "interop-second" "sh tests/interop/second.sh"
    for name in cose ics23; do
        job "interop-$name" "sh tests/interop/go.sh $name"
    done
fi
if [ -n "$built_dev" ]; then
    units dev
    job scenarios "bin/aver contract test tests/scenarios"
fi
job lint "sh tests/lint/lint.sh"
[ -n "$quick" ] || job lint-itself "sh tests/lint/test_lint.sh"

# ---- run and count --------------------------------------------------------------------------------------------------

# One job: its log, its counts. The counts come from what the program says; a program that fails or says nothing without
# counting a failure has failed once.
cat >"$logs/one.sh" <<'ONE'
label=${1%%|*}
command=${1#*|}
log=$LOGS/$label
timeout -k 10 900 sh -c "$command" >"$log.log" 2>&1 </dev/null
code=$?
awk -v code="$code" -v ci="${CI-}" '
/^\[  (PASSED|FAILED)  \].* test\(s\)|^\[  SKIPPED \].* test\(s\)/ {
    n = $0; sub(/ test\(s\).*/, "", n); sub(/.* /, "", n)
    if ($2 == "PASSED") p += n; else if ($2 == "FAILED") f += n; else s += n
}
/^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ { p += $1; f += $3; s += $5 }
END {
    if (f == 0 && (code != 0 || p + s == 0)) f = 1
    if (ci != "") { f += s; s = 0 }
    print p + 0, f + 0, s + 0
}' "$log.log" >"$log.count"
read -r p f s <"$log.count"
if [ "$f" -gt 0 ]; then
    printf 'FAIL %-28s %s passed, %s failed, exit %s\n' "$label" "$p" "$f" "$code"
elif [ "$s" -gt 0 ]; then
    printf 'ok   %-28s %s passed, %s skipped\n' "$label" "$p" "$s"
else
    printf 'ok   %-28s %s passed\n' "$label" "$p"
fi
ONE
echo "running $(wc -l <"$jobs" | tr -d ' ') test programs, $cpus at a time"
LOGS=$logs xargs -P "$cpus" -d '\n' -n 1 sh "$logs/one.sh" <"$jobs"

# What failed, in full as far as a screen goes.
for count in "$logs"/*.count; do
    read -r p f s <"$count"
    log=${count%.count}.log
    case $log in */build-*) continue ;; esac # shown where it failed
    [ "$f" -gt 0 ] || continue
    printf '\n==== %s\n' "$log"
    # A long log: what failed in it, and how it ended.
    if [ "$(wc -l <"$log")" -gt 60 ]; then
        grep -nE '^not ok|FAIL|ERROR|  LINE  |failed' "$log" | head -40
        echo '...'
        tail -n 20 "$log"
    else
        cat "$log"
    fi
done
[ -z "$failed_build" ] || printf '\nA build failed, so its tests did not run.\n'
echo
cat "$logs"/*.count | awk '
{ p += $1; f += $2; s += $3 }
END {
    printf "%d passed, %d failed", p, f
    if (s) printf ", %d skipped", s
    print ""
    exit f > 0
}'
