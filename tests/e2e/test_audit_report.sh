# What an audit leaves for the file, what an interrupted one keeps, and each promise that a node can break.
. "$E2E/lib.sh"
begin audit_report
ledger
for i in 1 2 3 4 5 6; do
    visit "V-$i" M-1001 "$((140 + 10 * i))" 99213 "2026030$i" >v.837
    expect 0 "V-$i" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC" --receipts r
done
expect 0 "T-1" "$AVER" remit --payee 1234567893 --date 2026-03-31 --trace T-1 --ledger "$L" --key "$OPS" --out a.835

# The same audit gives the same bytes, with any number of threads; time and name are only what was said.
expect 0 "same" "$AVER" audit "$L" --receipts r --report one --auditor "Ann O'Hara, CPA" --date 2026-04-01 --threads 1
expect 0 "same" "$AVER" audit "$L" --receipts r --report two --auditor "Ann O'Hara, CPA" --date 2026-04-01 --threads 5
sed 's/--report two/--report one/' two/report.json | cmp -s - one/report.json || bad "the same audit reports otherwise"
cmp -s one/exceptions.csv two/exceptions.csv || bad "the same audit has other exceptions"
[ "$(stat -c %a one/report.json)" = 600 ] || bad "others can read the report"
has() { grep -qF -- "$2" "$1" || bad "$1 does not say $2"; }
has one/report.json '"verdict": "same"'
has one/report.json '"tool": "aver '
has one/report.json "\"auditor\": \"Ann O'Hara, CPA\""
has one/report.json '"promises_kept": 6'
has one/report.json '"date": "2026-04-01"'
has one/report.json "$(sha256sum "$L/log/groups" | cut -d' ' -f1)"
has one/report.json "$(sha256sum "$L/checkpoint" | cut -d' ' -f1)"
has one/report.json '"not_tested"'
has one/report.json "aver audit"
[ "$(wc -l <one/exceptions.csv)" -eq 1 ] || bad "there are exceptions"
# The command it names repeats it.
sed -n 's/.*"repeat": "\(.*\)"$/\1/p' one/report.json | sed 's/\\\\/\\/g' >again.sh
mv one kept
(PATH=$(dirname "$AVER"):$PATH sh ./again.sh >/dev/null 2>&1) || bad "the command in the report fails: $(cat again.sh)"
cmp -s kept/report.json one/report.json || bad "the command in the report gives another one"
expect 0 "" "$AVER" audit "$L" --report three
grep -q '"date"\|"auditor"' three/report.json && bad "the report says what nobody said"
has three/report.json "intake receipts: none were given"

# A cent taken by the node itself: found, counted, shown with policy path and contract line.
expect 0 "" "$AVER" claim show V-1 --ledger "$L" --json
entry=$(field entry)
id=$(field id)
cp -R "$L" forged
"$FORGE" forged e2e.example "$entry" 1 || bad "nothing was forged"
expect 1 "by coverage.lua:" "$AVER" audit forged --report forged-report --threads 1
says "[LEDGER-REPLAY] (entry $entry "
says "(policy line "
says "when executed again"
says "0.01  between what they pay"
cp "$T/.out" one-thread
expect 1 "differs" "$AVER" audit forged --threads 3
cmp -s one-thread "$T/.out" || bad "three threads find otherwise"
has forged-report/report.json '"difference": "0.01"'
has forged-report/report.json '"receipts_that_differ": 1'
grep -q "^differs,LEDGER-REPLAY,\"\{0,1\}entry $entry (group [0-9]*)\"\{0,1\},$entry,.*,0.01," forged-report/exceptions.csv || bad "no exception with its cent: $(cat forged-report/exceptions.csv)"
expect 1 '"difference":"0.01"' "$AVER" audit forged --json
[ -n "$id" ] && says "$id"

# Could not check is reported as that.
cp -R "$L" keyless
rm keyless/keys/node.wrap
expect 2 "could not check" "$AVER" audit keyless --report keyless-report
has keyless-report/report.json '"verdict": "could not check"'
sed -n '/"not_tested"/,/\]/p' keyless-report/report.json | grep -q "executed again" || bad "what was not executed is not under not_tested"
expect 2 "could not check" "$AVER" audit "$L" --report "$L/ledger.conf"

# Interrupted, and taken up again: the same answer.
expect 0 "same" "$AVER" audit "$L" --json
grep -v '^{"followed"' "$T/.out" | sed 's/"resumed":[0-9]*,//' >whole
"$AVER" audit "$L" --resume saved --save-every 1 >/dev/null 2>&1 &
pid=$!
kill -9 $pid 2>/dev/null
wait $pid 2>/dev/null
expect 0 "same" "$AVER" audit "$L" --resume saved --save-every 3 --json
sed 's/"resumed":[0-9]*,//' "$T/.out" | cmp -s - whole || bad "the resumed audit says otherwise"
expect 0 "same" "$AVER" audit "$L" --resume saved --json
sed 's/"resumed":[0-9]*,//' "$T/.out" | cmp -s - whole || bad "what was resumed at its end says otherwise"
[ "$(field resumed)" -gt 0 ] || bad "nothing was resumed"
[ "$(stat -c %a saved)$(stat -c %a saved.key)" = 600600 ] || bad "others can read the saved audit"
expect 1 "[LEDGER-REWRITTEN]" "$AVER" audit forged --resume saved
cp saved bent && cp saved.key bent.key
printf x | dd of=bent bs=1 seek=300 conv=notrunc 2>/dev/null
expect 2 "[AUDIT-STATE]" "$AVER" audit "$L" --resume bent
rm saved.key
expect 2 "[AUDIT-STATE]" "$AVER" audit "$L" --resume saved

# A bar is for terminals.
"$AVER" audit "$L" 2>err >/dev/null
[ -s err ] && bad "stderr that is no terminal got: $(cat err)"

# Broken promises, by what they say.
cp r/*.receipt . 2>/dev/null
mkdir none
expect 2 "[RECEIPT-NONE]" "$AVER" audit "$L" --receipts none
expect 1 "[RECEIPT-ABSENT]" "$AVER" audit "$BASE/ledger" --receipts r
says "promises broken             6"
cp -R r altered
first=$(find altered -name '*.receipt' | sort | head -1)
last=$(tail -c 1 "$first" | od -An -tu1 | tr -d ' ')
# shellcheck disable=SC2059 # the format is the byte
printf "\\$(printf %o $(((last + 1) % 256)))" | dd of="$first" bs=1 seek=$(($(stat -c %s "$first") - 1)) conv=notrunc 2>/dev/null
expect 2 "[RECEIPT-SIGNATURE]" "$AVER" audit "$L" --receipts altered
says "(intake receipt $(basename "$first"))"
echo "no receipt" >"$first"
expect 2 "[RECEIPT-FORM]" "$AVER" audit "$L" --receipts altered
"$AVER" init other --chain other.example >/dev/null
expect 2 "[RECEIPT-CHAIN]" "$AVER" audit other --receipts r
