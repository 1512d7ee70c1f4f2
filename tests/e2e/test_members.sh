# Enrolment: what is known is not sent again, a bad row leaves its family out, the rest of a known family stays.
. "$E2E/lib.sh"
begin members
ledger
D=$E2E/data/members.csv
expect 0 "0 new, 0 changed, 2 unchanged" "$AVER" member import "$D" --ledger "$L" --key "$OPS"
expect 0 "M-1002" "$AVER" member list --ledger "$L"
silent "Doe"
expect 0 '"member_id":"M-2001"' "$AVER" member list --ledger "$L" --json
{ sed -n 1p "$D"; echo "F-1,M-1003,child,Doe,Dan,2015-03-04,M,summit-ppo-2026,G-77,2026-01-01,"; } >child.csv
expect 1 "[MEMBER-SELF]" "$AVER" member import child.csv --ledger "$L" --key "$OPS"
{ sed -n 1,2p "$D"; echo "F-1,M-1003,child,Doe,Dan,2015-03-04,M,summit-ppo-2026,G-77,2026-01-01,"; } >child.csv
expect 0 "0 new, 1 changed, 0 unchanged" "$AVER" member import child.csv --ledger "$L" --key "$OPS"
expect 0 "M-1002" "$AVER" member list --ledger "$L"
says "M-1003"
{ cat "$D"; echo "F-3,M-3001,self,Poe,Eve,1990-13-40,F,summit-ppo-2026,G-77,2026-01-01,"
  echo "F-4,M-4001,self,Loe,Flo,1991-01-01,F,summit-ppo-2026,G-77,2026-01-01,"; } >bad.csv
expect 1 "1 new" "$AVER" member import bad.csv --ledger "$L" --key "$OPS"
says "bad.csv:5"
expect 1 '"status":"rejected"' "$AVER" member import bad.csv --ledger "$L" --key "$OPS" --json
{ sed -n 1p "$D"; echo "F-9,M-2001,self,Roe,Cay,1975-05-05,F,summit-ppo-2026,G-77,2026-01-01,"; } >moved.csv
expect 1 "[OUT-CONFLICT]" "$AVER" member import moved.csv --ledger "$L" --key "$OPS"
expect 1 "[CSV-" "$AVER" member import "$E2E/data/fees.csv" --ledger "$L" --key "$OPS"
sed 's/F-9,M-2001/F-9,M-9001/' moved.csv >new.csv
expect 1 "[TX-ROLE]" "$AVER" member import new.csv --ledger "$L" --key "$CLINIC"
expect 2 "[NO-FILE]" "$AVER" member import nowhere.csv --ledger "$L" --key "$OPS"
: >empty.csv
expect 1 "[CSV-EMPTY]" "$AVER" member import empty.csv --ledger "$L" --key "$OPS"
{ sed -n '1s/$/,pays_first/p' "$D"; echo "F-5,M-5001,self,Loe,Ira,1951-01-01,M,summit-ppo-2026,G-77,2026-01-01,,Medicare"; } >after.csv
expect 0 "1 new" "$AVER" member import after.csv --ledger "$L" --key "$OPS"
expect 0 "2026-01-01 to open, after Medicare" "$AVER" member list --ledger "$L"
# What looks like a slip is said, and done all the same: a plan without a policy, a birth after the cover, what a spreadsheet leaves.
{ sed -n '1s/$/,,/p' "$D"; echo "F-6,M-6001,self,Loe,Ivy,2051-01-01,F,sumit-ppo-2026,G-77,2026-01-01,,,"; echo ",,,,,,,,,,,,"; } >slips.csv
expect 0 "1 new" "$AVER" member import slips.csv --ledger "$L" --key "$OPS"
says "no policy of plan sumit-ppo-2026 is published"
says "[MEMBER-PLAN]"
says "before the member is born"
says "(slips.csv:2, column birth_date, of M-6001)"
tr , ';' <"$D" >semicolons.csv
expect 1 "stand with semicolons between" "$AVER" member import semicolons.csv --ledger "$L" --key "$OPS"
