# Cover that is reported late: what was decided stands, member review lists it, and what was denied may come again.
. "$E2E/lib.sh"
begin retroactive
ledger
header=$(sed -n 1p "$E2E/data/members.csv"),pays_first
enrol() {
    { echo "$header"; cat; } >late.csv
    expect 0 "1 changed" "$AVER" member import late.csv --ledger "$L" --key "$OPS"
}
visit V-1 M-1001 150 99213 20260305 >v.837
visit V-2 M-1001 200 97110 20260306 >w.837
visit V-3 M-1001 150 99213 20251230 >before.837
visit V-4 M-9001 150 99213 20260307 >unknown.837
expect 0 "V-2" "$AVER" submit v.837 w.837 before.837 unknown.837 --ledger "$L" --key "$CLINIC"
expect 0 "PR-26" "$AVER" claim show V-3 --ledger "$L"
expect 0 "PR-31" "$AVER" claim show V-4 --ledger "$L"
expect 0 "0 lines would meet another enrolment today" "$AVER" member review --ledger "$L"

# Ended in retrospect on March 5th: the visit of that day stands well, that of the next does not.
enrol <<END
F-1,M-1001,self,Doe,Ann,1980-01-02,F,summit-ppo-2026,G-77,2026-01-01,2026-03-05,
END
expect 0 "1 line would meet another enrolment today" "$AVER" member review --ledger "$L"
says "2026-03-06"
says "no plan covers that day any more"
silent "2026-03-05"
expect 0 '"difference":"no plan covers that day any more"' "$AVER" member review M-1001 --ledger "$L" --json
expect 0 "decided" "$AVER" claim show V-2 --ledger "$L"
visit V-5 M-1001 150 99213 20260308 >after.837
expect 0 "V-5" "$AVER" submit after.837 --ledger "$L" --key "$CLINIC"
expect 0 "PR-27" "$AVER" claim show V-5 --ledger "$L"

# Begun in retrospect, and Medicare first from March 6th.
enrol <<END
F-1,M-1001,self,Doe,Ann,1980-01-02,F,summit-ppo-2026,G-77,2026-01-01,2026-03-05,
F-1,M-1001,self,Doe,Ann,1980-01-02,F,summit-ppo-2026,G-77,2026-03-06,2026-12-31,Medicare
END
expect 0 "2 lines would meet another enrolment today" "$AVER" member review --ledger "$L"
says "Medicare pays first on that day, which was not known"
says "it was denied without cover, and plan summit-ppo-2026 covers that day now"
enrol <<END
F-1,M-1001,self,Doe,Ann,1980-01-02,F,summit-ppo-2026,G-77,2026-01-01,2026-12-31,
END
visit V-6 M-1001 150 99213 20260308 >again.837
expect 0 "V-6" "$AVER" submit again.837 --ledger "$L" --key "$CLINIC"
expect 0 "PR-3" "$AVER" claim show V-6 --ledger "$L"

# A member nobody knew.
{ echo "$header"; echo "F-8,M-9001,self,Doe,Ann,1980-01-02,F,summit-ppo-2026,G-77,2026-01-01,,"; } >new.csv
expect 0 "1 new" "$AVER" member import new.csv --ledger "$L" --key "$OPS"
expect 0 "2026-03-07" "$AVER" member review M-9001 --ledger "$L"
expect 1 "[MEMBER-UNKNOWN]" "$AVER" member review M-7 --ledger "$L"
expect 0 "same" "$AVER" audit "$L"
