#!/bin/sh
# examples/payer.sh - five minutes of a payer: copy a plan, change it, have a mistake found, test it, see who gains and who loses,
# publish it with two signatures, and explain a claim to the member. Each command is shown as you would type it.
#
# It works in a directory of its own, demo-payer/ (or $AVER_DEMO_DIR), which it replaces.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
demo=${AVER_DEMO_DIR:-demo-payer}

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }
stop() {
    echo "payer: $*" >&2
    exit 1
}
sh "$root/tests/install.sh" --build || exit 1
[ -x "$root/bin/aver" ] || echo "building (make)"
make -C "$root" -s >/dev/null 2>&1 || stop "the build failed: run make"
PATH=$root/bin:$PATH
aver() { "${AVER:-$root/bin/aver}" "$@"; }

if [ -e "$demo" ]; then
    [ -f "$demo/made-by-demo" ] || stop "$demo is there and no demo made it; name another by AVER_DEMO_DIR"
    rm -rf "$demo"
fi
mkdir -p "$demo" && : >"$demo/made-by-demo" && cd "$demo" || stop "could not make $demo"
unset AVER_LEDGER
# One day for every run, so that the same claims are decided alike whenever you run this: 2026-06-15 08:00 UTC.
export AVER_CLOCK_MS=1781510400000

# run CODE COMMAND...: shows a command, runs it, indents what it says; it must end with this code.
run() {
    want=$1
    shift
    printf '  $ %s\n' "$*" | sed "s,ledger/keys/,\$K/,g"
    "$@" >out 2>&1
    code=$?
    sed 's/^/    /; s/\([0-9a-f]\{12\}\)[0-9a-f]\{52\}/\1.../' out
    [ $code -eq "$want" ] || stop "exit code $code, not $want: $*"
}
# quietly CODE COMMAND...: the same without what it says.
quietly() {
    want=$1
    shift
    printf '  $ %s\n' "$*" | sed "s,ledger/keys/,\$K/,g"
    "$@" >out 2>&1
    code=$?
    [ $code -eq "$want" ] || { cat out && stop "exit code $code, not $want: $*"; }
}
# What a test run says of those that fail; the gas of each is left out.
failures() { sed -n '/^ *not ok/,/again:/p; /passed/p' out | sed 's/^/    /; s/  *[0-9 ]* gas   */  /'; }
# edit FILE SED-SCRIPT: changes a file as an editor would, and shows the lines before and after.
edit() {
    printf '  edit %s\n' "$1"
    cp "$1" edited
    sed "$2" edited >"$1"
    diff edited "$1" | sed -n 's/^[<] /    - /p; s/^> /    + /p'
    cmp -s edited "$1" && stop "the edit changed nothing: $2"
    rm -f edited
}

say "1  A plan is a directory: a policy in YAML, prices, providers, members, tests. Next year's begins as a copy of this year's."
run 0 aver contract new ridge --dir now
run 0 cp -R now next

say "2  Visits shall cost 25 dollars, and therapy shall end after 12 visits. Two slips of the pen."
edit next/ridge.yaml 's/in_network: {copay: 30.00}/in_network: {copay: 25.000}/
s/limit: {visits: 20, per: benefit_year}/limit: {visit: 12, per: benefit_year}/'

say "3  The check names each with its line, and says what to write."
run 1 aver policy check next/ridge.yaml --tables next/tables
edit next/ridge.yaml 's/copay: 25.000/copay: 25.00/
s/limit: {visit: 12/limit: {visits: 12/'
run 0 aver policy check next/ridge.yaml --tables next/tables
echo "    (a warning keeps nothing from being published: here drawing blood has a price, and no benefit)"

say "4  The tests expect 30 dollars still: one row for each line of a claim, with what must come of it. They are mended, and one is new."
quietly 1 aver contract test next
failures
edit next/tests/cost-share.test 's/PR-3 30.00 | 62.00/PR-3 25.00 | 67.00/'
edit next/tests/cover.csv 's/PR-3 30.00,,62.00/PR-3 25.00,,67.00/'
edit next/tests/plan.lua 's/"62.00"/"67.00"/; s/"30.00"/"25.00"/; s/<= 3000/<= 2500/'
cat >next/tests/ours.test <<'END'
scenario the visit after the last is the member's
set benefits.therapy.limit.visits 1
claim | member | day        | procedure | charge | adjustments             | paid
A     | M-1001 | 2026-03-02 | 97110     | 60.00  | PR-3 15.00, PR-1 45.00  | 0.00
B     | M-1001 | 2026-03-04 | 97110     | 60.00  | PR-119 60.00            | 0.00
END
echo '  new  next/tests/ours.test'
sed 's/^/    + /' next/tests/ours.test
quietly 0 aver contract test next
grep -E 'passed' out | sed 's/^/    /'

say "5  Who gains and who loses: the claims of Monday under both plans, to the cent."
run 1 aver contract diff now next --claims next/claims/monday.csv

say "6  A ledger. One signature proposes; the plan is in force when a second person approves it."
quietly 0 aver init ledger --chain ridge
echo "  \$ export AVER_LEDGER=ledger K=ledger/keys"
export AVER_LEDGER=ledger
K=ledger/keys
both="--key $K/operations.key --approve-key $K/compliance.key"
# shellcheck disable=SC2086 # two options and their values
{
    quietly 0 aver contract deploy next/contracts/eligibility.lua next/contracts/coverage.lua next/contracts/payout.lua $both
    quietly 0 aver table publish fees next/tables/fees.csv --kind fees $both
    quietly 0 aver table publish providers next/tables/providers.csv --kind roster $both
}
run 0 aver policy publish next/ridge.yaml --key $K/operations.key
digest=$(sed -n 's/.* \([0-9a-f]\{64\}\) .*/\1/p' out | head -1)
run 1 aver approve "$digest" --key $K/operations.key
run 0 aver approve "$digest" --key $K/compliance.key
quietly 0 aver member import next/members.csv --key $K/operations.key

say "7  Monday's claims arrive, and are decided by it."
quietly 0 aver key new clinic.key
quietly 0 aver party add clinic --role provider --name Clinic --key-file clinic.key --key $K/operations.key
quietly 0 aver submit next/claims/monday.csv --key clinic.key
sed 's/^[0-9A-Z]* */    /' out

say "8  Why, for the member: in words, and as a page to print. (aver explain V-1 alone says everything, for an examiner.)"
run 0 aver explain V-1 --for member
run 0 aver explain V-1 --out v-1.html

say "9  Anyone can decide all of it again."
quietly 0 aver audit ledger
tail -n 1 out | sed 's/^/    /'

echo
echo "All of it lies in $demo. Next: docs/policy.md (every key), docs/contract-tools.md (tests), docs/explanations.md."
