# A hospital's claims in CSV: a stay at the rate of its DRG, a drug by its NDC, an emergency room by its revenue code; checked,
# decided, explained, remitted, proved.
. "$E2E/lib.sh"
begin hospital
ledger
VERIFY=${AVER%/*}/aver-verify
both="--ledger $L --key $OPS --approve-key $COM"
printf 'code,price,from\n470,1.9053,2026-01-01\n' >weights.csv
printf 'code,price,from,unit\n0002-7512-01,31.234567,2026-01-01,ML\n' >drugs.csv
sed -e 's/^  in_network: {table: summit-fees}/  in_network: {table: summit-fees, drugs: {table: ndc, missing: procedure}, case_rates: [{id: stays, drgs: ["001-999"], table: weights, base_rate: 6500.00, carve_outs: ["0636"], stop_loss: {above: 20000.00, percent: 50 %}}, {id: emergency, revenue_codes: ["0450-0459"], rate: 700.00}]}/' \
    -e 's/^timely_filing: {/&institutional_from: statement_to, /' \
    -e 's/^benefits:/&\n  hospital:\n    name: Hospital\n    match: {revenue_codes: ["0100-0999"]}\n    cost_share:\n      in_network: {deductible: true, coinsurance: 10 %}\n      out_of_network: {deductible: true, coinsurance: 40 %}/' \
    "$ROOT/examples/summit-ppo-2026.yaml" >hospital.yaml
expect 0 "" "$AVER" policy check hospital.yaml --ledger "$L"
says "no table \"weights\" is published"
# The contract that docs/policy.md shows.
sed -n '/^      in_network:$/,/^$/{s/^    //p}' "$ROOT/docs/policy.md" >shown
awk 'NR == FNR { shown = shown $0 "\n"; next } /^  in_network: \{table: summit-fees\}/ { printf "%s", shown; next } { print }' shown \
    "$ROOT/examples/summit-ppo-2026.yaml" >shown.yaml
grep -q "id: rehabilitation" shown.yaml || bad "docs/policy.md shows no contract"
expect 0 "" "$AVER" policy check shown.yaml
sed 's/"001-999"/"001-999", "470"/' hospital.yaml >twice.yaml
expect 0 "[POLICY-OVERLAP]" "$AVER" policy check twice.yaml
sed 's/drugs: {table: ndc, missing/drugs: {table: ndc, mising/' hospital.yaml >misspelt.yaml
expect 1 "did you mean missing?" "$AVER" policy check misspelt.yaml
expect 0 "in force" "$AVER" table publish weights weights.csv --kind fees $both
expect 0 "in force" "$AVER" table publish ndc drugs.csv --kind fees $both
expect 0 "in force" "$AVER" policy publish hospital.yaml $both

expect 0 "H-1                  can be filed  charge 21400.00, 3 lines" "$AVER" submit --dry-run "$E2E/data/hospital.csv"
expect 0 "H-1" "$AVER" submit "$E2E/data/hospital.csv" --ledger "$L" --key "$CLINIC"
# 1.9053 x 6500.00 is 12384.45, half of what 21000.00 is above 20000.00 is beside it, what that pays for is CO-97, and the
# drug is 2.5 x 31.234567.
expect 0 "rev 0120" "$AVER" claim show H-1 --ledger "$L"
says "12884.45"
says "fee_schedule.in_network.case_rates.0.stop_loss.percent"
says "fee_schedule.in_network.case_rates.0.drgs"
says "fee_schedule.in_network.drugs.table"
says "78.09"
expect 0 '"revenue_code":"0120"' "$AVER" claim show H-1 --ledger "$L" --json
expect 0 "weights" "$AVER" explain H-1 --line 1 --ledger "$L"
says "1.9053"
says "the rate 12384.45, and 500.00 for charges of 21000.00"
expect 0 "31.234567 a ML" "$AVER" explain H-1 --line 3 --ledger "$L"
says "drug 00002751201, 2.5 ML"
expect 0 '"drug_unit":"ML"' "$AVER" explain H-1 --line 3 --ledger "$L" --json
expect 0 "Hospital" "$AVER" explain H-1 --ledger "$L" --for member
expect 0 "700.00" "$AVER" claim show H-2 --ledger "$L"
expect 0 "no rate for DRG 871 in weights" "$AVER" claim show H-3 --ledger "$L"
says "pended"

# A drug on an 837P: the NDC with hyphens is the table's; in another unit it is for a person.
visit D-1 M-1001 400 J1234 20260320 | sed 's/^DTP\*472.*/&\nLIN**N4*0002-7512-01~\nCTP****2.5*ML~/; s/^SE\*23/SE*25/' >drug.837
expect 0 "D-1" "$AVER" submit drug.837 --ledger "$L" --key "$CLINIC"
expect 0 "78.09" "$AVER" claim show D-1 --ledger "$L"
sed 's/D-1/D-2/; s/20260320/20260321/; s/2.5\*ML/2.5*UN/' drug.837 >unit.837
expect 0 "D-2" "$AVER" submit unit.837 --ledger "$L" --key "$CLINIC"
expect 0 "the drug is priced by ML and was billed by UN" "$AVER" claim show D-2 --ledger "$L"

expect 0 "CLP*H-1*1*21400*" "$AVER" remit --payee 1234567893 --date 2026-06-30 --trace T-1 --ledger "$L" --key "$OPS"
says "*11*1**470~"
says "SVC*NU:0120*6000*"
says "CAS*OA*94*-6884.45~"
expect 0 "0120" "$AVER" remit show T-1 --format csv --ledger "$L"

expect 0 "+" "$AVER" log vkey --ledger "$L"
cp "$T/.out" node.vkey
for reader in member auditor; do
    expect 0 "aver-verify" "$AVER" bundle H-1 --for $reader --out $reader.bundle --ledger "$L"
    expect 0 "comes out the same" "$VERIFY" $reader.bundle --node-key node.vkey
done
expect 0 "same" "$AVER" audit "$L"

# The mistakes of a billing office, each in words that mend it.
bill() { # COLUMN VALUE: the first claim with this in its first row
    awk -F, -v OFS=, -v column="$1" -v value="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
        NR == 2 { $at[column] = value } NR < 5' "$E2E/data/hospital.csv" >bill.csv
}
while IFS='|' read -r column value words; do
    bill "$column" "$value"
    expect 1 "$words" "$AVER" submit --dry-run bill.csv
done <<END
drg|47|write 003, not 3
revenue_code|120|write 0450, not 450
type_of_bill|112|bill the whole stay
type|professional|write institutional under type
admission_date||needs its admission_date
statement_to||statement_to is empty
units|0|the line has zero units
END
