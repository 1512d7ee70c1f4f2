# A backup taken while the ledger is written to; it is only read until it has shown that it holds all that was published.
. "$E2E/lib.sh"
begin backup
ledger
visit V-1 M-1001 150 99213 20260305 >v1.837
visit V-2 M-1001 160 99213 20260306 >v2.837
expect 0 "" "$AVER" submit v1.837 --ledger "$L" --key "$CLINIC" --receipts r
cp "$L/checkpoint" early
expect 0 "secret keys" "$AVER" backup copy --ledger "$L"
expect 1 "[LEDGER-EXISTS]" "$AVER" backup copy --ledger "$L"
expect 2 "[LEDGER-NONE]" "$AVER" backup other --ledger nowhere
[ -e other ] || [ -e other.partial ] && bad "a backup of nothing left something behind"
[ "$(find copy -perm /077 -type f ! -name 'checkpoint*' ! -name restored ! -path '*/tile/*')" ] && bad "others may read the backup"

# It reads and audits like the ledger, and holds what was acknowledged.
expect 0 "V-1" "$AVER" claim list --ledger copy
expect 0 "same" "$AVER" audit copy --receipts r
expect 1 "[LEDGER-RESTORED]" "$AVER" submit v2.837 --ledger copy --key "$CLINIC"

# The ledger went on: what it published since is not in the copy.
expect 0 "" "$AVER" submit v2.837 --ledger "$L" --key "$CLINIC"
expect 1 "[RESUME-BEHIND]" "$AVER" resume --after "$L/checkpoint" --ledger copy
expect 1 "[LEDGER-RESTORED]" "$AVER" submit v2.837 --ledger copy --key "$CLINIC"
expect 1 "[RESUME-NOT]" "$AVER" resume --after "$L/checkpoint" --ledger "$L"

# A newer backup holds it, and goes on as the ledger did.
expect 0 '"entries":' "$AVER" backup new --ledger "$L" --json
expect 1 "[RESUME-OLD]" "$AVER" resume --after early --ledger new
expect 2 "" "$AVER" resume --after nofile --ledger new
cp -R "$BASE/ledger" stranger
expect 0 "" "$AVER" submit v2.837 --ledger stranger --key stranger/keys/clinic.key
expect 0 "" "$AVER" submit v1.837 --ledger stranger --key stranger/keys/clinic.key
expect 1 "[RESUME-FORK]" "$AVER" resume --after stranger/checkpoint --ledger new
expect 0 "can be written to" "$AVER" resume --after "$L/checkpoint" --ledger new
rm -rf "$L"
expect 0 "filed before" "$AVER" submit v2.837 --ledger new --key new/../stranger/keys/clinic.key
expect 0 "same" "$AVER" audit new --receipts r
visit V-3 M-1001 170 99213 20260307 >v3.837
expect 0 "" "$AVER" submit v3.837 --ledger new --key stranger/keys/clinic.key
expect 0 "same" "$AVER" audit new

# While somebody writes: whole, and the same as the ledger up to where it was taken.
awk 'BEGIN {
    print "patient_control_number,member_id,total_charge,last_name,billing_npi,billing_name,place_of_service," \
          "diagnoses,procedure,units,charge,service_from,diagnosis_pointers"
    for (i = 1; i <= 9000; i++)
        printf "K-%d,M-1001,%d.00,Doe,1234567893,Ridge Clinic,11,J069,99213,1,%d.00,2026-%02d-%02d,1\n",
               i, 50 + i, 50 + i, 1 + i % 9, 1 + i % 28
}' >many.csv
"$AVER" submit many.csv --ledger new --key stranger/keys/clinic.key >/dev/null 2>&1 </dev/null &
writer=$!
n=0
while kill -0 $writer 2>/dev/null && [ $n -lt 30 ]; do
    n=$((n + 1))
    expect 0 "" "$AVER" backup "live$n" --ledger new
done
wait $writer
[ $n -gt 1 ] || bad "the writer was done before a second backup was"
for copy in live*; do
    # Entries may stand after the last checkpoint; nothing differs.
    "$AVER" audit "$copy" >audited 2>&1
    [ $? -ne 1 ] || bad "$copy: $(cat audited)"
    "$AVER" resume --after new/checkpoint --ledger "$copy" >out 2>&1 || grep -qF "[RESUME-BEHIND]" out ||
        bad "$copy: $(cat out)"
    rm -rf "$copy"
done
expect 0 "" "$AVER" backup last --ledger new
expect 0 "" "$AVER" resume --after new/checkpoint --ledger last
expect 0 "filed before" "$AVER" submit v3.837 --ledger last --key stranger/keys/clinic.key
expect 0 "same" "$AVER" audit last --receipts r
