# tests/e2e/tour.sh - the tour of the README, word for word: each command must succeed, and the tour must show what it promises.
. "$E2E/lib.sh"
begin tour
awk '/^<!-- tour -->$/ { on = 1; next } /^<!-- end of tour -->$/ { on = 0 } on' "$ROOT/README.md" | sed 's/^    //' >tour
[ "$(grep -c '^aver ' tour)" -ge 10 ] || bad "the README has no tour between <!-- tour --> and <!-- end of tour -->"
export TMPDIR="$T"
cd "$ROOT" || exit 1

# The program under test, whatever lies in bin/.
aver() { "$AVER" "$@"; }
# One command a line, all in this shell, so that what one exports the next one has.
while IFS= read -r line; do
    case $line in '' | '#'*) continue ;; esac
    eval "$line" >"$T/step" 2>&1 </dev/null
    code=$?
    if [ $code -ne 0 ]; then
        bad "exit $code: $line"
        sed 's/^/    /' "$T/step" | head -20 >&2
        break
    fi
    cat "$T/step" >>"$T/.out"
done <"$T/tour"
: >"$T/.err"

says "contract payout"
says "table summit-fees"
says "accepted, 0 warnings"
says "families: 3 new, 0 changed, 0 unchanged, 0 refused"
says "27 passed, 0 failed"
says "clinic may sign from now on"
says "can be filed  charge 700.00, 1 line"
says "8 accepted, 0 filed before, 0 rejected"
says "RFC-1005             decided   paid 112.00  member owes 528.00"
says "PR-1    deductible; the patient owes it"
says "deductible.in_network.individual = \$500.00  (policy line"
says "7 claims, paid 274.00, payment 274.00"
says "promises                    8  intake receipts that the log keeps"
says "the decision comes out the same"
[ "$(tail -n 1 "$T/.out")" = same ] || bad "the tour does not end with \"same\""
[ -s "$TOUR/remittance.835" ] || bad "there is no 835"
case $TOUR in "$T"/*) ;; *) bad "the tour left $TOUR behind" ;; esac

# What the README says to try next.
expect 0 "G0204" aver explain RFC-1005 --no-source
expect 0 "can be filed" aver submit examples/claims.csv --dry-run
expect 0 "c2sp.org/tlog-proof" aver log prove RFC-1005
groups=$AVER_LEDGER/log/groups
middle=$(($(wc -c <"$groups") / 2))
printf '\125\252' | dd of="$groups" bs=1 seek=$middle conv=notrunc 2>/dev/null
expect 1 "differs" aver audit "$AVER_LEDGER"
