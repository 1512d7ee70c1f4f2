#!/bin/sh
# tests/twins.sh PROGRAMS BUILD BUILD... - the same programs in process after process: other addresses, time zones, languages, environments,
# stacks, compilers and optimisation. Each prints for every program its outcome, line, gas and a hash of what it wrote; all must
# print the same bytes. PROGRAMS are generated from seeds; beside them every file of tests/bombs and two corpora.
#
# Each BUILD is one of build/BUILD/tools/gas; the first one runs in all the ways. make twins builds three and runs 10,000.
set -u
cd "$(dirname "$0")/.." || exit 2
[ $# -ge 3 ] || {
    echo "usage: tests/twins.sh PROGRAMS BUILD BUILD... (as in make twins)" >&2
    exit 64
}
programs=$1
gas=$PWD/build/$2/tools/gas
shift
T=$(mktemp -d "${TMPDIR:-/tmp}/aver-twins.XXXXXX") || exit 2
trap 'rm -rf "$T"' EXIT
passed=0
failed=0
find tests/bombs tests/fuzz/corpus/vm tests/fuzz/corpus/dialect -type f | LC_ALL=C sort >"$T/files"
cases=$(wc -l <"$T/files" | tr -d ' ')

# run COMMAND...: all of it by this command.
run() { "$@" --random 1 "$programs" && xargs "$@" <"$T/files"; }

# twin NAME COMMAND...: as the first one.
twin() {
    name=$1
    shift
    if ! run "$@" >"$T/it" 2>"$T/err"; then
        echo "not ok: $name: could not be run"
        head -5 "$T/err"
        failed=$((failed + 1))
    elif [ ! -f "$T/first" ]; then
        mv "$T/it" "$T/first"
        passed=$((passed + 1))
        echo "first:   $name"
    elif cmp -s "$T/first" "$T/it"; then
        passed=$((passed + 1))
        echo "same:    $name"
    else
        failed=$((failed + 1))
        echo "not ok: $name differs"
        diff "$T/first" "$T/it" | head -6
    fi
}

for build in "$@"; do twin "build/$build" "$PWD/build/$build/tools/gas"; done
[ -f "$T/first" ] || exit 1
twin 'the same again' "$gas"
fixed="setarch $(uname -m) -R"
if $fixed true 2>/dev/null; then twin 'addresses that stand still' $fixed "$gas"; else
    echo "setarch -R is not allowed here: the addresses move in every run above"
fi
twin 'time zone Kiritimati' env TZ=Pacific/Kiritimati "$gas"
twin 'time zone of a rule' env TZ=XYZ+12:34ABC,M3.2.0,M11.1.0 "$gas"
# Languages with a decimal comma, and where i and I are no pair, if they can be made here.
for language in de_DE tr_TR; do
    mkdir -p "$T/locales"
    localedef -i "$language" -f UTF-8 "$T/locales/$language.UTF-8" >"$T/err" 2>&1 || continue
    twin "language $language, made for this" env LOCPATH="$T/locales" LC_ALL="$language.UTF-8" "$gas"
done
for language in $(locale -a 2>/dev/null | head -20); do
    twin "language $language" env LC_ALL="$language" LANG="$language" LANGUAGE="$language" "$gas"
done
twin 'no environment' env -i "$gas"
twin 'a large environment' env LARGE="$(head -c 100000 /dev/zero | tr '\0' x)" "$gas"
twin 'a stack of 1 MiB' sh -c 'ulimit -s 1024 && exec "$0" "$@"' "$gas"
twin 'a stack without limit' sh -c 'ulimit -s unlimited 2>/dev/null; exec "$0" "$@"' "$gas"
twin 'malloc that fills what it gives' env MALLOC_PERTURB_=165 "$gas"
cp "$gas" "$T/a-name-that-is-longer-than-the-other-one"
twin 'another name and directory' "$T/a-name-that-is-longer-than-the-other-one"

echo "$programs generated programs and $cases files, $(wc -l <"$T/first" | tr -d ' ') outcomes, digest $(sha256sum <"$T/first" | cut -c 1-16)"
awk '{ if (match($0, /trap [0-9]+/)) n[substr($0, RSTART, RLENGTH)]++; else n["did not load"]++ }
    END { for (k in n) printf "  %-14s %d\n", k, n[k] }' "$T/first" | LC_ALL=C sort
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
