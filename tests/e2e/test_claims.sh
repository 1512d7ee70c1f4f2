# claim list, claim show, explain, log: what was decided, why, and where it stands.
. "$E2E/lib.sh"
begin claims
ledger
visit V-1 M-1001 150 99213 20260305 >v.837
visit V-2 M-1001 200 97110 20260306 >w.837
expect 0 "V-2" "$AVER" submit v.837 w.837 --ledger "$L" --key "$CLINIC"
expect 0 "V-1" "$AVER" claim list --ledger "$L" --open
expect 0 '"claim":"V-2"' "$AVER" claim list --ledger "$L" --status decided --payee 1234567893 --json
expect 0 "" "$AVER" claim list --ledger "$L" --payee 0000000000 --json
[ -s "$T/.out" ] && bad "claims of a payee that has none"
expect 0 "CO-45" "$AVER" claim show V-1 --ledger "$L"
says "PR-3"
expect 0 '"member_owes":"30.00"' "$AVER" claim show V-1 --ledger "$L" --json
id=$(field id)
expect 0 "$id" "$AVER" claim show "$id" --ledger "$L"
expect 0 "copay" "$AVER" explain V-1 --ledger "$L"
says "over the fee schedule"
says "coverage.lua:"
says "(policy line "
says "table summit-fees, code 99213: 92.00 a unit"
says "aver log prove $id"
expect 0 " | " "$AVER" explain "$id" --line 1 --ledger "$L"
expect 0 "" "$AVER" explain "$id" --no-source --ledger "$L"
silent " | "
expect 0 '"counter":"deductible"' "$AVER" explain V-2 --ledger "$L" --json
expect 1 "[CLAIM-LINE]" "$AVER" explain V-1 --line 9 --ledger "$L"
expect 1 "[CLAIM-UNKNOWN]" "$AVER" explain nothing --ledger "$L"
visit V-1 M-1002 150 99213 20260305 >again.837
expect 0 "" "$AVER" submit again.837 --ledger "$L" --key "$CLINIC"
expect 1 "[CLAIM-AMBIGUOUS]" "$AVER" explain V-1 --ledger "$L"
expect 0 "e2e.example" "$AVER" log checkpoint --ledger "$L"
expect 0 "c2sp.org/tlog-proof" "$AVER" log prove "$id" --ledger "$L"
expect 0 "c2sp.org/tlog-proof" "$AVER" log prove 0 --ledger "$L"
expect 1 "[CLAIM-UNKNOWN]" "$AVER" log prove 99999999 --ledger "$L"
