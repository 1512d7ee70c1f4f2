#!/bin/sh
# tests/mutants/run.sh [WORD...] - errors sown in the standard contracts (contracts.txt) and in what the host counts for them
# (host.txt), one at a time, each of which the scenarios must catch. The last line is "N passed, N failed". With WORDs only the
# mutants whose file and error hold all of them. It needs bin/aver: make
#
# A mutant that no scenario catches is a rule that no test shows; one whose text does not stand in its file, or that no
# longer loads, shows nothing and fails too.
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
aver=$ROOT/build/dev/aver/aver
[ -x "$aver" ] || {
    echo "tests/mutants/run.sh: $aver is not there: make" >&2
    exit 2
}
T=$(mktemp -d "${TMPDIR:-/tmp}/aver-mutants.XXXXXX") || exit 2
trap 'rm -rf "$T"' EXIT
cp -RL "$ROOT/tests/scenarios" "$T/world" || exit 2
passed=0
failed=0
good() { passed=$((passed + 1)); }
bad() {
    echo "not ok: $1"
    failed=$((failed + 1))
}

"$aver" contract test "$T/world" >"$T/log" 2>&1 || bad "the contracts as they are do not pass"

# Replaces the text that stands once in the contract; exits 1 where it does not.
sow() {
    awk -v find="$2" -v put="$3" '
        BEGIN { n = 0 }
        {
            at = index($0, find)
            if (at) { n++; $0 = substr($0, 1, at - 1) put substr($0, at + length(find)) }
            print
        }
        END { exit n != 1 }' "$1"
}

trim() { printf '%s' "$1" | sed 's/^ *//; s/ *$//; s/\\/\\\\/g'; }

# The tables, those first that are about what the contract does: the first that catches an error is enough.
tables_for() {
    case $1 in
    eligibility.lua) first="cover order coordination boundaries" ;;
    coverage.lua) first="edits ncci price reductions agreed stays drugs revenue order" ;;
    *) first="cost-share maxima frequency reductions boundaries accumulators" ;;
    esac
    for one in $first; do echo "$one"; done
    for one in "$T"/world/tests/*.test; do
        one=${one##*/}
        case " $first " in *" ${one%.test} "*) ;; *) echo "${one%.test}" ;; esac
    done
}

# What the tests said of a mutant: $1 its file, $2 what it is; 0 and the log where they passed.
judge() {
    if [ "$3" -eq 0 ]; then
        bad "$1: $2: no scenario catches it"
    elif first=$(sed -n '/^ *not ok/ { s/.* gas  *//; p; q; }' "$T/log") && [ -n "$first" ]; then
        printf 'ok     %-16s %-66s %s\n' "${1##*/}" "$2" "$first"
        good
    else
        bad "$1: $2: it fails, and no scenario says so"
        head -5 "$T/log"
    fi
}

while IFS='|' read -r file what find put; do
    case $file in '' | \#*) continue ;; esac
    for word; do
        case "$file $what" in *"$word"*) ;; *) continue 2 ;; esac
    done
    file=$(trim "$file") what=$(trim "$what") find=$(trim "$find") put=$(trim "$put")
    if ! sow "$ROOT/contracts/$file" "$find" "$put" >"$T/world/contracts/$file"; then
        bad "$file: $what: this does not stand there once: $find"
    elif ! (cd "$T/world" && "$aver" contract check "contracts/$file" >"$T/log" 2>&1); then
        bad "$file: $what: the mutant is no contract"
        head -3 "$T/log"
    else
        passes=0
        for table in $(tables_for "$file"); do
            (cd "$T/world" && "$aver" contract test "tests/$table.test") >"$T/log" 2>&1 || {
                passes=1
                break
            }
        done
        judge "$file" "$what" "$passes"
    fi
    cp "$ROOT/contracts/$file" "$T/world/contracts/$file"
done <"$ROOT/tests/mutants/contracts.txt"

# The file with the error is compiled; all else is linked as it is, the error before the library that has the file without it.
while IFS='|' read -r file table what find put; do
    case $file in '' | \#*) continue ;; esac
    for word; do
        case "$file $what" in *"$word"*) ;; *) continue 2 ;; esac
    done
    file=$(trim "$file") table=$(trim "$table") what=$(trim "$what") find=$(trim "$find") put=$(trim "$put")
    # shellcheck disable=SC2046
    if ! sow "$ROOT/$file" "$find" "$put" >"$T/mutant.c"; then
        bad "$file: $what: this does not stand there once: $find"
    elif ! (cd "$ROOT" && ${CC:-cc} -std=c11 -O1 -D_GNU_SOURCE -I. $(pkg-config --cflags lua5.4) "$T/mutant.c" \
        $(ls build/dev/aver/*.o | grep -v /verify_main.o) build/dev/libaver.a -o "$T/aver" \
        $(pkg-config --libs lua5.4 libsodium lmdb yaml-0.1) -lpthread) >"$T/log" 2>&1; then
        bad "$file: $what: the mutant is no program"
        head -3 "$T/log"
    else
        (cd "$T/world" && "$T/aver" contract test "tests/$table.test") >"$T/log" 2>&1
        judge "$file" "$what" $?
    fi
done <"$ROOT/tests/mutants/host.txt"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
