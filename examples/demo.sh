#!/bin/sh
# examples/demo.sh [FILE.837...] - the whole story, from a bare Debian 12: an insurer's ledger, a provider's claims, every cent
# explained, an 835, and an audit that finds one changed byte. With files of your own, the same story over them.
#
# Everything it makes lies in demo-ledger/ (or $AVER_DEMO_DIR), which it replaces.
set -u
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
# Files are named from where the caller stands.
for file in "$@"; do
    [ -r "$file" ] || {
        echo "demo: $file cannot be read; give 837P files, or none for the example" >&2
        exit 64
    }
done
demo=${AVER_DEMO_DIR:-demo-ledger}

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
[ -t 1 ] || say() { printf '\n%s\n' "$*"; }
# Shows a command as a reader may repeat it, and runs it.
run() {
    printf '  $ %s\n' "$(printf '%s' "aver $*" | sed "s,$here/,examples/,g; s,$root/,,g; s,$keys/,\$K/,g")"
    "$aver" "$@"
}
indent() { sed 's/^/    /'; }
stop() {
    echo "demo: $*" >&2
    exit 1
}
told() {
    cat "$demo/out" "$demo/words" >&2
    stop "the last command failed, see above"
}

sh "$root/tests/install.sh" --build || exit 1
[ -x "$root/bin/aver" ] || echo "building (make)"
make -C "$root" -s >"${TMPDIR:-/tmp}/aver-demo-build.$$" 2>&1 || {
    cat "${TMPDIR:-/tmp}/aver-demo-build.$$"
    rm -f "${TMPDIR:-/tmp}/aver-demo-build.$$"
    stop "the build failed, see above"
}
rm -f "${TMPDIR:-/tmp}/aver-demo-build.$$"
aver=$root/bin/aver

# Only what an earlier demo made is replaced.
if [ -e "$demo" ]; then
    [ -f "$demo/made-by-demo" ] || stop "$demo is there and no demo made it; name another by AVER_DEMO_DIR"
    rm -rf "$demo"
fi
mkdir -p "$demo/receipts" && : >"$demo/made-by-demo" || stop "could not make $demo"
export AVER_LEDGER="$demo/ledger"
# One day for every run, so that the same claims are decided alike whenever you run this: 2026-06-15 08:00 UTC.
export AVER_CLOCK_MS=1781510400000

if [ $# -gt 0 ]; then
    sh "$here/demo-data.sh" "$demo/data" "$@" || stop "could not make members and fees for these files"
    policy=$demo/data/policy.yaml members=$demo/data/members.csv
    fees_name=fees fees=$demo/data/fees.csv roster_name=providers roster=$demo/data/providers.csv
    own=1
else
    policy=$here/summit-ppo-2026.yaml members=$here/members.csv
    fees_name=summit-fees fees=$here/summit-fees.csv roster_name=summit-providers roster=$here/summit-providers.csv
    set -- "$here/claims.837" "$here/claims.csv"
    own=
fi
keys=$AVER_LEDGER/keys
operations=$keys/operations.key
compliance=$keys/compliance.key
clinic=$demo/clinic.key

say "1  An insurer opens a ledger. Contracts, prices and the policy need two signatures; then it enrols its members."
run init "$AVER_LEDGER" --chain demo >"$demo/out" 2>"$demo/words" || told
sed -n 1p "$demo/out"
echo "  \$ export AVER_LEDGER=$AVER_LEDGER K=$keys"
[ -z "$own" ] || echo "    (made for your files: members, 80 % of each charge as its fee, your billing NPIs as the network)"
both="--key $operations --approve-key $compliance"
# shellcheck disable=SC2086 # two options and their values
{
    run contract deploy "$root"/contracts/eligibility.lua "$root"/contracts/coverage.lua "$root"/contracts/payout.lua $both &&
        run table publish $fees_name "$fees" --kind fees $both &&
        run table publish $roster_name "$roster" --kind roster $both &&
        run policy publish "$policy" $both &&
        run member import "$members" --key "$operations"
} >"$demo/out" 2>"$demo/words" || told
indent <"$demo/out" | sed 's/^      /  /; s/\([0-9a-f]\{12\}\)[0-9a-f]\{52\}/\1.../'

say "2  A clinic makes its own key, and files what its billing software writes. Each claim gets a signed receipt."
{
    run key new "$clinic" && run party add clinic --role provider --name Clinic --key-file "$clinic" --key "$operations"
} >"$demo/out" 2>"$demo/words" || told
grep '^  \$' "$demo/out"
run submit "$@" --key "$clinic" --receipts "$demo/receipts" >"$demo/submitted" 2>"$demo/words"
code=$?
[ $code -le 1 ] || told
grep '^  \$' "$demo/submitted"
grep ' rejected ' "$demo/submitted" | head -10 | indent
grep -v '^aver submit: [0-9]* accepted' "$demo/words" | grep -v ': warning: ' | head -10 | cut -c 1-200 | indent
tail -n 1 "$demo/words" | indent

say "3  What was decided: a contract never sets what is paid; it says what is not, and why. The rest is paid."
echo "  \$ aver claim show CLAIM      (here in short, for each claim)"
shown=0
for id in $("$aver" claim list | awk 'NR > 1 { print $1 }'); do
    [ $shown -lt 16 ] || break
    shown=$((shown + 1))
    "$aver" claim show "$id"
done >"$demo/shown"
# A row for each line of a claim, its first adjustment beside it and the others below, with their place in the policy.
awk '
function flush() { if (row != "") print row; row = "" }
BEGIN { printf "    %-12s %-6s %8s %8s %8s %8s  %-8s %s\n", "claim", "code", "charge", "allowed", "paid", "owes", "", "not paid, and where the policy says so" }
$1 == "claim" { flush(); claim = $3; next }
/^ +[0-9]+  / && NF >= 8 { flush(); row = sprintf("    %-12s %-6s %8s %8s %8s %8s  %-8s", substr(claim, 1, 12), $2, $4, $5, $6, $7, $8); next }
/^ +-?[0-9.]+  [A-Z][A-Z]-/ {
    amount = $1; sub(/^-/, "", amount)
    if (row == "") row = sprintf("%69s", "")
    print row sprintf(" %-6s %8s  %s", $2, amount, $3); row = ""; next
}
/^      / && NF { sub(/^ +/, ""); print row " " $0; row = "" }
END { flush() }
' "$demo/shown"
claims=$("$aver" claim list | awk 'NR > 1' | wc -l)
[ "$claims" -gt 0 ] || echo "    no claim was accepted"
[ "$claims" -le 16 ] || echo "    ... and $((claims - 16)) more: aver claim list"

# The line that has most to tell: the most adjustments.
best=$(awk '
$1 == "claim" { id = $2; next }
/^ +[0-9]+  / && NF >= 8 { line = $1; n = 0; next }
/^ +-?[0-9.]+  [A-Z][A-Z]-/ && ++n > most { most = n; best = id " " line }
END { print best }' "$demo/shown")
if [ -n "$best" ]; then
    say "4  Why: each cent with its reason, the policy's value and line, the contract's line, and the accumulator it took from."
    run explain "${best% *}" --line "${best#* }" --no-source | sed '/^$/d'
fi

say "5  The payment, as an 835; its own reader balances it again."
run remit --payee all --date 2026-06-15 --key "$operations" --out "$demo/remittance.835" >"$demo/out" 2>&1
case $? in
0)
    sed '/^  \$/!s/^/    /' "$demo/out"
    if command -v python3 >/dev/null 2>&1; then
        echo "  \$ python3 tests/interop/check_835.py $demo/*.835      (a second reader, in another language)"
        python3 "$root/tests/interop/check_835.py" "$demo"/*.835 | indent || stop "an 835 does not balance"
    fi
    ;;
1) cat "$demo/out" ;;
*) cat "$demo/out"; stop "the 835 could not be written" ;;
esac

if ls "$demo/receipts"/*.receipt >/dev/null 2>&1; then
    say "6  An auditor executes everything again, trusting nobody, and holds the clinic's receipts against the log."
    set -- --receipts "$demo/receipts"
else
    say "6  An auditor executes everything again, trusting nobody."
    set --
fi
run audit "$AVER_LEDGER" "$@" >"$demo/out" 2>&1 || { cat "$demo/out"; stop "the audit does not say same"; }
sed -n '/^  \$/p; /^  \(claims\|signatures\|receipts\|promises\) /s/^/  /p; /^same$/s/^/    /p' "$demo/out"
cp -R "$AVER_LEDGER" "$demo/altered"
groups=$demo/altered/log/groups
middle=$(($(wc -c <"$groups") / 2))
before=$(dd if="$groups" bs=1 skip=$middle count=1 2>/dev/null | od -An -tu1 | tr -d ' ')
# shellcheck disable=SC2059 # the format is the byte
printf "\\$(printf %o $(((before + 1) % 256)))" | dd of="$groups" bs=1 seek=$middle conv=notrunc 2>/dev/null
echo "  One byte of a copy is changed: byte $middle of $groups."
run audit "$demo/altered" >"$demo/out" 2>&1 && stop "the altered copy passed the audit"
grep -E '^  \$' "$demo/out"
grep -vE '^  \$|^checked|^  [a-z]|^$' "$demo/out" | cut -c 1-200 | head -4 | indent

echo
echo "Try next: export AVER_LEDGER=$AVER_LEDGER PATH=\"$root/bin:\$PATH\"; aver claim list; aver explain CLAIM; aver help"
