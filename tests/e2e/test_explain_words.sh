# explain: what a member is told of the share that was not taken, of what others reported, of limits that count, and of sums.
. "$E2E/lib.sh"
begin explain_words
ledger
export AVER_LEDGER="$L"
H=source,reference,member_id,plan,day,counter,tier,amount,reverses,note
P=summit-ppo-2026
# told CLAIM: what --for member says, in one line, so that a sentence is found wherever its line breaks.
told() { "$AVER" explain "$@" --for member | tr -s ' \n' '  ' >"$T/told"; }
tells() { grep -qF -- "$1" "$T/told" || { bad "it does not tell: $1"; cat "$T/told" >&2; }; }
file() { expect 0 "1 accepted" "$AVER" submit "$1" --key "$CLINIC"; }

{ cat "$E2E/data/fees.csv" && echo "G0204,640.00,2026-01-01,imaging"; } >fees.csv
expect 0 "in force" "$AVER" table publish summit-fees fees.csv --kind fees --key "$OPS" --approve-key "$COM"

# Another party's reports used the deductible up.
{ echo "$H"
  echo "rx.example,R-1,M-1001,$P,2026-02-01,deductible,in_network,300.00,,"
  echo "rx.example,R-2,M-1001,$P,2026-02-02,deductible,in_network,200.00,,"; } >drugs.csv
expect 0 "2 posted" "$AVER" accumulator post drugs.csv --key "$OPS"
visit W-1 M-1001 18.25 80061 20260302 >w1.837
file w1.837
told W-1
tells "Your deductible, or your family's, for 2026 was met before this (rx.example reported \$500.00 of it): nothing of it is due here."
expect 0 "before  rx.example reported 500.00 of deductible in_network, member, 2026" "$AVER" explain W-1
says "spared Your deductible"
expect 0 '"spared":"Your deductible' "$AVER" explain W-1 --json
says '"reported":[{"source":"rx.example","counter":"deductible","tier":"in_network","scope":"member","period":"2026","amount":"500.00"}'
cp "$T/told" first
# What comes later changes no explanation: neither that it was taken back, nor new reports.
{ echo "$H"; echo "rx.example,R-2,M-1001,$P,2026-02-02,deductible,in_network,,yes,"; } >back.csv
expect 0 "1 posted" "$AVER" accumulator post back.csv --key "$OPS"
told W-1
cmp -s first "$T/told" || bad "what was taken back later changed an explanation"
visit W-2 M-1001 700 G0204 20260303 >w2.837
file w2.837
told W-2
tells "\$200.00 of your deductible for 2026 was left (rx.example reported \$300.00 of it), so you pay \$200.00 yourself."
tells "Your deductible, in network, 2026: \$500.00 of \$500.00 used, \$0.00 left (this claim: \$200.00; rx.example reported \$300.00 of it)"
"$AVER" explain W-2 --format html >w2.html
grep -qF "rx.example reported \$300.00 of it" w2.html || bad "the page does not tell what was reported"
if command -v python3 >/dev/null 2>&1; then expect 0 "everything adds up" python3 "$ROOT/tests/interop/check_eob.py" w2.html; fi

# Visits that are used; nothing past the out-of-pocket maximum.
visit W-3 M-1001 100 97110 20260304 >w3.837
file w3.837
told W-3
tells "Your plan covers 20 visits a year of this; with this one 1 is used."
{ echo "$H"; echo "rx.example,R-3,M-1001,$P,2026-02-03,oop_max,in_network,4000.00,,"; } >oop.csv
expect 0 "1 posted" "$AVER" accumulator post oop.csv --key "$OPS"
visit W-4 M-1001 18.25 80061 20260305 >w4.837
file w4.837
told W-4
tells "Your out-of-pocket maximum, or your family's, for 2026 is reached (rx.example reported \$4000.00 of it): you owe nothing of this service."

# A family's limit, a rule of how often, an aggregate deductible: named as what they are.
sed 's/individual: 500.00, family: 1000.00, family_rule: embedded/individual: 100.00, family: 1000.00, family_rule: aggregate/' \
    "$ROOT/examples/summit-ppo-2026.yaml" >other.yaml
echo 'frequency: [{id: imaging, procedures: ["G0204"], limit: 1, per: rolling, window: 12, unit: months}]' >>other.yaml
expect 0 "in force" "$AVER" policy publish other.yaml --key "$OPS" --approve-key "$COM"
visit W-5 M-2001 700 G0204 20260306 >w5.837
file w5.837
told W-5
tells "\$1000.00 of your family's deductible for 2026 was left, so you pay \$640.00 of this service yourself."
tells "Your plan covers 1 service in any 12 months of this; with this one 1 is used."
tells "Your deductible, in network, 2026: \$640.00 used (this claim: \$640.00)"
visit W-6 M-2001 700 G0204 20260406 >w6.837
file w6.837
told W-6
tells "Your plan covers 1 service in any 12 months of this benefit, and that is used up: the rest, \$640.00, is yours to pay."

# A limit of units: what is used, and a line that would pass it before it is used up.
sed 's/^frequency: .*/frequency: [{id: imaging, procedures: ["G0204"], limit: 4, count: units, per: benefit_year}]/' other.yaml >units.yaml
expect 0 "in force" "$AVER" policy publish units.yaml --key "$OPS" --approve-key "$COM"
for n in 11:2.5 12:2; do
    visit "W-${n%:*}" M-1002 1700 G0204 202603${n%:*} | sed "s/UN\*1\*/UN*${n#*:}*/" >w.837
    file w.837
done
told W-11
tells "Your plan covers 4 units a year of this; with this one 2.5 are used."
told W-12
tells "Your plan covers 4 units a year of this benefit, and this would be more: the rest, \$1280.00, is yours to pay."

# A duplicate, and what looks like one: the earlier claim is named, to the member and to who compares them.
visit W-8 M-2001 150 99213 20260310 >w8.837
file w8.837
sed 's/W-8/W-9/' w8.837 >w9.837
file w9.837
told W-9
tells "This was billed before, and decided then."
tells "The earlier bill is line 1 of claim W-8."
visit W-10 M-2001 140 99213 20260310 >w10.837
file w10.837
expect 0 " line 1, W-8, charge 150.00, received " "$AVER" explain W-10
silent "line 1, W-9"
expect 0 '"earlier":[{"claim":"W-8","id":"' "$AVER" explain W-10 --json
expect 0 "" "$AVER" explain W-8
silent " line 1, W-"
"$AVER" explain W-10 --format html | grep -qF "The earlier bill is line 1 of claim W-8." || bad "the page does not name the earlier claim"

# A price above the charge adds to it; one line of the case rate is paid with the other.
sed 's/lesser_of: per_line /lesser_of: none /' "$ROOT/examples/summit-ppo-2026.yaml" >none.yaml
expect 0 "in force" "$AVER" policy publish none.yaml --key "$OPS" --approve-key "$COM"
visit W-7 M-2001 60 99213 20260407 >w7.837
file w7.837
told W-7
tells "The plan's price for this service is \$92.00: \$32.00 above what was charged."
tells "charged \$60.00, added \$32.00, the plan pays \$62.00"
expect 0 "same" "$AVER" audit "$L"
