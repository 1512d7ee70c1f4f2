# Claims: filed once whatever happens, good ones past bad ones, receipts, dry runs.
. "$E2E/lib.sh"
begin submit
ledger
visit V-1 M-1001 150 99213 20260305 >v.837
expect 0 "can be filed" "$AVER" submit --dry-run v.837
expect 0 '"status":"accepted"' "$AVER" submit --dry-run v.837 --json
expect 0 "V-1" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC" --receipts r --json
id=$(field id)
[ -s "r/$id.receipt" ] || bad "no receipt r/$id.receipt"
says '"status":"accepted"'
says '"decision":"decided"'
expect 0 "filed before" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC" --receipts r2
cmp -s "r/$id.receipt" "r2/$id.receipt" || bad "the second filing gave another receipt"

visit V-2 M-1001 150 99213 20260306 V-3 90.00 >two.837
sed 's/^CLM\*V-3\*90.00/CLM*V-3*91.00/' two.837 >mixed.837
expect 1 "V-2" "$AVER" submit mixed.837 --ledger "$L" --key "$CLINIC" --json
says '"claim":"V-3"'
says '"status":"rejected"'
says 'X12-CLM02-SUM'
silent "DOE"
expect 0 "V-2" "$AVER" claim show V-2 --ledger "$L"
expect 1 "[CLAIM-UNKNOWN]" "$AVER" claim show V-3 --ledger "$L"
expect 1 "1 filed before" "$AVER" submit mixed.837 --ledger "$L" --key "$CLINIC"
# The same claim in another file is the same filing; what was rejected there is new.
expect 0 "1 accepted, 1 filed before, 0 rejected" "$AVER" submit two.837 --ledger "$L" --key "$CLINIC"

# A receipt that cannot be written keeps no other claim from its answer or its receipt.
first=$(sed -n 's/^\([0-9A-Z]*\)  V-2 .*/\1/p' "$T/.out")
mkdir -p "r3/$first.receipt"
expect 2 "V-3" "$AVER" submit two.837 --ledger "$L" --key "$CLINIC" --receipts r3
[ "$(find r3 -type f -name '*.receipt' | wc -l)" -eq 1 ] || bad "the other receipt was not written"
expect 64 "takes a directory" "$AVER" submit two.837 --ledger "$L" --key "$CLINIC" --receipts v.837

visit V-4 M-9999 150 99213 20260305 >stranger.837
expect 0 "denied" "$AVER" submit stranger.837 --ledger "$L" --key "$CLINIC"

expect 64 "--dry-run does without" "$AVER" submit v.837 --ledger "$L"
expect 64 "--dry-run does without" "$AVER" submit v.837 --key "$CLINIC"
expect 2 "[NO-FILE]" "$AVER" submit nowhere.837 v.837 --ledger "$L" --key "$CLINIC"
says "V-1"
expect 2 "[IO]" "$AVER" submit "$T" --ledger "$L" --key "$CLINIC"
: >empty
expect 1 "[FILE-FORMAT]" "$AVER" submit empty --ledger "$L" --key "$CLINIC"
echo '{"resourceType":"Claim"}' >c.json
expect 1 "FILE-FORMAT" "$AVER" submit --dry-run c.json --json
printf "# Notes\\n\\nclaims, and more\\n" >notes
expect 1 "begins neither with ISA" "$AVER" submit --dry-run notes
says "1 rejected"
head -c 300 v.837 >cut.837
expect 1 "X12-" "$AVER" submit --dry-run cut.837
head -c 3000 /dev/urandom >noise
expect 1 "" "$AVER" submit --dry-run noise
expect 1 "" "$AVER" submit --dry-run noise --format 837p
expect 0 "C-1" "$AVER" submit "$E2E/data/claims.csv" --ledger "$L" --key "$CLINIC"
expect 1 "[CSV-VALUE]" "$AVER" submit "$E2E/data/bad_claims.csv" --ledger "$L" --key "$CLINIC"
says "C-3"
says "1 accepted, 0 filed before, 1 rejected"
# Separators that are control characters, as some senders have them; the same claim in all.
visit D-1 M-1001 150 99213 20260311 | tr -d '\n' >d.837
expect 0 "1 accepted" "$AVER" submit --dry-run d.837
for set in '|>!' '\035\037\034'; do
    tr '*:~' "$set" <d.837 >e.837
    expect 0 "D-1                  can be filed  charge 150.00, 1 line" "$AVER" submit --dry-run e.837
done
# One answer for a claim, whatever is wrong with it and with what it stands in; one for a file that cannot be read.
visit D-2 M-1001 150 99213 20260311 D-3 90 | sed 's/^HI\*.*/HI*XX:J069*YY:M170~/; s/^SE\*[0-9]*/SE*99/' >f.837
expect 1 "0 accepted, 0 filed before, 2 rejected" "$AVER" submit --dry-run f.837
says "[X12-SE01]"
[ "$("$AVER" submit --dry-run f.837 2>/dev/null | wc -l)" = 2 ] || bad "two claims have not two answers"
printf 'a,b,c\n1,2,3\n' >g.csv
expect 1 "0 accepted, 0 filed before, 1 rejected" "$AVER" submit --dry-run g.csv
# A value that is refused is shown; a control number that no 835 gives back is said.
printf 'patient_control_number,member_id,total_charge,billing_npi,place_of_service,procedure,units,charge,service_from\nA*1,M-1001,150.00,1234567893,11,99213,1,150.00,2026-03-20\nB-1,M-1001,150.00,1234567893,11,99213,1,$150,2026-03-20\n' >h.csv
expect 1 '(row 2, line 3, column charge: "$150")' "$AVER" submit --dry-run h.csv
says "[CSV-CONTROL]"
says "1 accepted, 0 filed before, 1 rejected"
