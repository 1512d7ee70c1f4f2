# What members used elsewhere: posted once, past the limit with a mark, taken back to the cent, and seen by claims.
. "$E2E/lib.sh"
begin accumulators
ledger
H=source,reference,member_id,plan,day,counter,tier,amount,reverses,note
P=summit-ppo-2026
{ echo "$H"
  echo "rx.example,R-1,M-1001,$P,2026-02-01,deductible,in_network,120.50,,retail drugs"
  echo "rx.example,R-1,M-1001,$P,2026-02-01,oop_max,in_network,120.50,,retail drugs"; } >drugs.csv
expect 0 "2 posted or taken back, 0 known already, 0 refused" "$AVER" accumulator post drugs.csv --ledger "$L" --key "$OPS"
expect 0 "0 posted or taken back, 2 known already, 0 refused" "$AVER" accumulator post drugs.csv --ledger "$L" --key "$OPS"
expect 0 '"scope":"member","member_id":"M-1001","accumulators":"summit-ppo-2026","period":"2026","counter":"deductible","tier":"in_network","used":"120.50","postings":1' \
    "$AVER" accumulator list M-1001 --ledger "$L" --json
says '"scope":"family"'
# A claim goes on from there: of the deductible of 500.00 there are 379.50 left.
visit PCN-1 M-1001 18.25 80061 20260302 >claim.837
expect 0 "" "$AVER" submit claim.837 --ledger "$L" --key "$CLINIC"
ID=$("$AVER" claim list --ledger "$L" --json | sed -n 's/.*"id":"\([A-Z0-9]*\)".*/\1/p' | tail -1)
expect 0 "deductible in_network, member, 2026: used 120.50 -> " "$AVER" explain "$ID" --ledger "$L"
"$AVER" accumulator list M-1001 --ledger "$L" --json | sed "s,.postings.*,," >before
# Past the limit: marked, and from then on nothing is left.
{ echo "$H"; echo "rx.example,R-2,M-1001,$P,2026-02-02,deductible,in_network,900.00,,"; } >more.csv
expect 0 "warning: rx.example R-2: deductible of M-1001 is past its limit" "$AVER" accumulator post more.csv --ledger "$L" --key "$OPS"
expect 0 '"past_limit":true' "$AVER" accumulator post more.csv --ledger "$L" --key "$OPS" --json
# Taken back, once.
{ echo "$H"; echo "rx.example,R-2,M-1001,$P,2026-02-02,deductible,in_network,,yes,reported twice"; } >back.csv
expect 0 '"status":"taken back","amount":"900.00"' "$AVER" accumulator post back.csv --ledger "$L" --key "$OPS" --json
expect 0 "1 known already" "$AVER" accumulator post back.csv --ledger "$L" --key "$OPS"
"$AVER" accumulator list M-1001 --ledger "$L" --json | sed "s,.postings.*,," >after
cmp -s before after || bad "what was taken back left something behind"
expect 1 "[OUT-CONFLICT]" "$AVER" accumulator post more.csv --ledger "$L" --key "$OPS"
# What is wrong is said, row by row, and the rest is posted.
{ echo "$H"
  echo "rx.example,R-3,M-1001,$P,2026-02-02,deductible,,1.00,,"
  echo "rx.example,R-4,M-1001,$P,2026-02-02,deductible,in_network,0.00,,"
  echo "rx.example,R-5,M-1001,$P,2026-02-02,deductible,in_network,1.00,yes,"
  echo "rx.example,R-6,M-1001,$P,2026-02-02,visits,in_network,1.00,,"
  echo "rx.example,R-7,M-9999,$P,2026-02-02,deductible,in_network,1.00,,"
  echo "rx.example,R-8,M-1001,other-plan,2026-02-02,deductible,in_network,1.00,,"
  echo "rx.example,R-9,M-1001,$P,2026-02-02,oop_max,in_network,-5000.00,,"
  echo "rx.example,R-10,M-1001,$P,2026-02-02,oop_max,in_network,-0.50,,corrected"; } >wrong.csv
expect 1 "1 posted or taken back, 0 known already, 3 refused; rows with errors were left out" \
    "$AVER" accumulator post wrong.csv --ledger "$L" --key "$OPS"
says "wrong.csv:2"
says "[ACCRUAL-TIER]"
says "[ACCRUAL-AMOUNT]"
says "rx.example R-7, deductible in_network of M-9999: there is no member M-9999 [OUT-UNKNOWN]"
says "no policy of plan other-plan is in force on 2026-02-02 [OUT-UNKNOWN]"
says "with it a balance would be below zero [OUT-CONFLICT]"
# A plan that the member never has: said, since nobody would miss it.
sed 's/id: summit-ppo-2026/id: other-ppo-2026/' "$ROOT/examples/summit-ppo-2026.yaml" >other.yaml
expect 0 "in force" "$AVER" policy publish other.yaml --ledger "$L" --key "$OPS" --approve-key "$COM"
{ echo "$H"; echo "rx.example,R-20,M-1001,other-ppo-2026,2026-02-02,deductible,in_network,1.00,,"; } >other.csv
expect 0 "M-1001 has no cover by plan other-ppo-2026" "$AVER" accumulator post other.csv --ledger "$L" --key "$OPS"
expect 1 "[TX-ROLE]" "$AVER" accumulator post drugs.csv --ledger "$L" --key "$CLINIC"
expect 2 "[MEMBER-NONE]" "$AVER" accumulator list M-9999 --ledger "$L"
expect 0 "same" "$AVER" audit "$L"
