#!/bin/sh
# tests/e2e/second_build.sh - what one build of the program decided, the others execute again: gcc, clang, and gcc with
# sanitizers, each over the ledgers of all three, with one report to the byte. And the same claims are decided alike by each
# build, under other locales, time zones, environments, stacks and addresses.
#
# It needs build/dev, build/clang and build/san: make V=dev program; make V=clang program; make V=san program.
set -u
ROOT=$(cd "$(dirname "$0")/../.." && pwd)
builds='dev clang san'
for build in $builds; do
    [ -x "$ROOT/build/$build/aver/aver" ] || {
        echo "tests/e2e/second_build.sh: build/$build/aver/aver is not there: make V=$build program" >&2
        exit 2
    }
done
T=$(mktemp -d "${TMPDIR:-/tmp}/aver-e2e.XXXXXX") || exit 2
trap 'rm -rf "$T"' EXIT
cd "$T" || exit 2
unset AVER_LEDGER
export AVER_CLOCK_MS=1781510400000 # 2026-06-15 08:00 UTC
passed=0
failed=0
# The sanitizer of gcc 12 wants addresses that stand still, where a container allows that.
fixed="setarch $(uname -m) -R"
$fixed true 2>/dev/null || fixed=
printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$fixed" "$ROOT/build/san/aver/aver" >run-san
chmod +x run-san
export ASAN_OPTIONS=detect_leaks=0 # the program ends without giving back its arena
program() { case $1 in san) echo "$T/run-san" ;; *) echo "$ROOT/build/$1/aver/aver" ;; esac; }
good() { passed=$((passed + 1)); }
bad() {
    echo "not ok: $1"
    [ $# -lt 2 ] || head -20 "$2"
    failed=$((failed + 1))
}

# A ledger in directory $1, ready for claims, made by build $2. Its keys go with it.
prepare() {
    aver=$(program "$2")
    keys=$1/keys
    both="--ledger $1 --key $keys/operations.key --approve-key $keys/compliance.key"
    "$aver" init "$1" --chain builds &&
        "$aver" contract deploy "$ROOT"/contracts/*.lua $both &&
        "$aver" table publish summit-fees "$ROOT/examples/summit-fees.csv" --kind fees $both &&
        "$aver" table publish summit-providers "$ROOT/examples/summit-providers.csv" --kind roster $both &&
        "$aver" policy publish "$ROOT/examples/summit-ppo-2026.yaml" $both &&
        "$aver" member import "$ROOT/examples/members.csv" --ledger "$1" --key "$keys/operations.key" &&
        "$aver" key new "$keys/clinic.key" &&
        "$aver" party add clinic --role provider --name Clinic --key-file "$keys/clinic.key" --ledger "$1" \
            --key "$keys/operations.key"
}

# The example's claims into ledger $1, and their remittance, by the command that follows.
decide() {
    dir=$1
    shift
    "$@" submit "$ROOT/examples/claims.837" "$ROOT/examples/claims.csv" --ledger "$dir" --key "$dir/keys/clinic.key" \
        --receipts "$dir.receipts" &&
        "$@" remit --payee all --ledger "$dir" --key "$dir/keys/operations.key" --out "$dir.835"
}

# What was decided in ledger $1, told by one build: each claim with its lines and all that explains them, and the 835s.
decisions() {
    for id in $("$(program dev)" claim list --ledger "$1" | awk 'NR > 1 { print $1 }'); do
        "$(program dev)" claim show "$id" --json --ledger "$1"
        "$(program dev)" explain "$id" --json --ledger "$1"
    done
    cat "$1".*835
}

# ---- each build over the ledger of each ------------------------------------------------------------------------------

for maker in $builds; do
    if prepare "by-$maker" "$maker" >log 2>&1 && decide "by-$maker" "$(program "$maker")" >>log 2>&1; then good; else
        bad "$maker could not make a ledger" log
        continue
    fi
    for auditor in $builds; do
        "$(program "$auditor")" audit "by-$maker" --receipts "by-$maker.receipts" --json >"$maker-$auditor" 2>log
        if [ $? -eq 0 ] && grep -q '"verdict":"same"' "$maker-$auditor" &&
            grep -q '"claims":12,.*"promises_kept":12,.*"state_root":"[0-9a-f]\{64\}"' "$maker-$auditor"; then good; else
            bad "$auditor over the ledger of $maker does not say same" "$maker-$auditor"
            cat log
        fi
        if cmp -s "$maker-dev" "$maker-$auditor"; then good; else
            bad "$auditor reports otherwise than dev over the ledger of $maker" "$maker-$auditor"
        fi
    done
done

# ---- a program of other gas prices: neither calls the other wrong ------------------------------------------------------

# The files that name the version are compiled again; all else is linked as it is.
# shellcheck disable=SC2046
if (cd "$ROOT" && mine=$(grep -l AVER_GAS_TABLE_VERSION ledger/*/*.c aver/*.c) &&
    others=$(for object in build/dev/aver/*.o; do
        name=${object##*/}
        case " $(echo $mine) verify_main.c" in *"/${name%.o}.c "* | *" ${name%.o}.c") ;; *) echo "$object" ;; esac
    done) &&
    ${CC:-cc} -std=c11 -O1 -D_GNU_SOURCE -DAVER_GAS_TABLE_VERSION=3 -I. $(pkg-config --cflags lua5.4) \
    $mine $others build/dev/libaver.a -o "$T/other" \
    $(pkg-config --libs lua5.4 libsodium lmdb yaml-0.1) -lpthread) >log 2>&1; then good; else
    bad "a program of other gas prices could not be built" log
fi
if prepare by-other dev >log 2>&1 && decide by-other "$T/other" >>log 2>&1; then good; else
    bad "the program of other gas prices could not decide" log
fi
"$(program dev)" audit by-other --json >other-audit 2>log
if [ $? -eq 2 ] && grep -q '"code":"GAS-TABLE"' other-audit && ! grep -q '"differs"' other-audit; then good; else
    bad "the audit of what other gas prices decided does not say: could not check" other-audit
fi
"$T/other" audit by-other --json >other-audit 2>log
if [ $? -eq 0 ]; then good; else bad "the program of other gas prices does not agree with itself" other-audit; fi
claim=$("$(program dev)" claim list --ledger by-other | awk 'NR == 2 { print $1 }')
"$(program dev)" bundle "$claim" --for auditor --ledger by-other --out other.bundle >log 2>&1
"$(program dev)" bundle "$claim" --for auditor --ledger by-other --out other.bundle --json >>log 2>&1
"$(dirname "$(program dev)")/aver-verify" other.bundle --json >other-verify 2>>log
if [ $? -eq 2 ] && grep -q '"GAS-TABLE"' other-verify && ! grep -q '"differs"' other-verify; then good; else
    bad "aver-verify does not say of what other gas prices decided: could not check" other-verify
    cat log
fi

# ---- the same claims, decided elsewhere ------------------------------------------------------------------------------

prepare ready dev >log 2>&1 || bad "the ledger to be copied could not be made" log

# elsewhere NAME COMMAND...: the claims filed into a copy by this command must be decided as in the first copy.
elsewhere() {
    name=$1
    shift
    cp -R ready "$name"
    if decide "$name" "$@" >log 2>&1 && decisions "$name" >"$name.decisions"; then
        if cmp -s plain.decisions "$name.decisions"; then good; else
            diff plain.decisions "$name.decisions" >log
            bad "decided otherwise: $name" log
        fi
    else
        bad "could not decide: $name" log
    fi
}
dev=$(program dev)
elsewhere plain "$dev"
[ "$(wc -l <plain.decisions)" -ge 26 ] || bad "too little was decided to be compared" plain.decisions
elsewhere clang "$(program clang)"
elsewhere san "$(program san)"
elsewhere locale env LC_ALL=de_DE.UTF-8 LANG=tr_TR.UTF-8 "$dev"
elsewhere east env TZ=Pacific/Kiritimati "$dev"
elsewhere west env TZ=XYZ+12 "$dev"
elsewhere bare env -i AVER_CLOCK_MS=$AVER_CLOCK_MS "$dev"
elsewhere large env LARGE="$(head -c 100000 /dev/zero | tr '\0' x)" "$dev"
elsewhere stack sh -c 'ulimit -s 1024 && exec "$0" "$@"' "$dev"
elsewhere umask sh -c 'umask 077 && exec "$0" "$@"' "$dev"
# Some containers forbid to change the addresses; then there is nothing to compare.
if [ -n "$fixed" ]; then elsewhere addresses $fixed "$dev"; else echo "setarch -R is not allowed here"; fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
