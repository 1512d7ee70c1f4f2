# Remittances: paid once, the 835 again byte for byte, nothing to pay said clearly.
. "$E2E/lib.sh"
begin remit
ledger
visit V-1 M-1001 150 99213 20260305 >v.837
expect 1 "[OUT-NOTHING]" "$AVER" remit --payee 1234567893 --ledger "$L" --key "$OPS"
expect 1 "[OUT-NOTHING]" "$AVER" remit --payee all --ledger "$L" --key "$OPS"
expect 0 "V-1" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC"
expect 1 "[TX-ROLE]" "$AVER" remit --payee 1234567893 --ledger "$L" --key "$CLINIC"
expect 64 "--date takes" "$AVER" remit --payee 1234567893 --date soon --ledger "$L" --key "$OPS"
expect 1 "[OUT-MALFORMED]" "$AVER" remit --payee 1234567893 --trace "no spaces" --ledger "$L" --key "$OPS"
# The payer is that of the claims' policy, whatever was published since.
sed 's/SUMMIT01/OTHER001/; s/Summit Health Plan/Other Health Plan/; s/id: summit-ppo-2026/id: other-ppo-2026/' "$ROOT/examples/summit-ppo-2026.yaml" >other.yaml
expect 0 "in force" "$AVER" policy publish other.yaml --ledger "$L" --key "$OPS" --approve-key "$COM"
expect 0 "T-1" "$AVER" remit --payee 1234567893 --date 2026-03-31 --trace T-1 --ledger "$L" --key "$OPS" --out a.835
grep -q "^TRN\*1\*T-1" a.835 || bad "the 835 does not carry the trace"
grep -q "^N1\*PR\*Summit Health Plan~" a.835 || bad "the 835 names another payer"
grep -q "^CLP\*V-1\*" a.835 || bad "the 835 does not carry the claim"
expect 0 "" "$AVER" remit show T-1 --ledger "$L"
cmp -s "$T/.out" a.835 || bad "remit show wrote another file"
expect 0 "V-1" "$AVER" remit show T-1 --format csv --ledger "$L"
expect 1 "[REMIT-UNKNOWN]" "$AVER" remit show T-2 --ledger "$L"
expect 1 "[OUT-NOTHING]" "$AVER" remit --payee 1234567893 --ledger "$L" --key "$OPS"
expect 0 '"trace":"T-1"' "$AVER" claim list --ledger "$L" --json
visit V-2 M-1001 150 99213 20260306 >w.837
expect 0 "V-2" "$AVER" submit w.837 --ledger "$L" --key "$CLINIC"
expect 2 "aver remit show makes its file again" "$AVER" remit --payee all --date 2026-04-30 --ledger "$L" --key "$OPS" --out nowhere/b.835
expect 0 "V-2" "$AVER" remit show R20260430-1234567893-2 --ledger "$L"
expect 0 "same" "$AVER" audit "$L"
# Two members who are paid themselves, on one day: each has a trace of its own.
for member in M-1001 M-1002; do
    visit "S-$member" $member 150 99213 20260310 | sed 's/XX\*1234567893/XX*1245319599/; s/\*Y\*A\*Y\*Y/*Y*A*N*Y/' >"$member.837"
    expect 0 "S-$member" "$AVER" submit "$member.837" --ledger "$L" --key "$CLINIC"
done
expect 0 "CLP*S-M-1002" "$AVER" remit --payee all --date 2026-05-31 --ledger "$L" --key "$OPS"
says "CLP*S-M-1001"
# Who is paid is whom the file names: the member, not the provider who billed, whom the claim names as who gave the service.
says "N1*PE*DOE, ANN~"
says "REF*PQ*M-1001~"
says "NM1*82*2*RIDGE CLINIC*****XX*1245319599~"
silent "N1*PE*RIDGE CLINIC*XX*1245319599"
MEMBER=$("$AVER" claim list --ledger "$L" | sed -n 's/.*member:M-1001 *//p')
expect 0 ",member:M-1001,S-M-1001," "$AVER" remit show "$MEMBER" --format csv --ledger "$L"
# The texts that somebody has a licence to: in the CSV, never in an 835.
printf 'code_set,code,text\ncarc,45,Licensed words for 45\n' >codes.csv
expect 0 "" "$AVER" codes load codes.csv --ledger "$L"
expect 0 ",Licensed words for 45," "$AVER" remit show T-1 --format csv --ledger "$L"
expect 0 "" "$AVER" remit show T-1 --ledger "$L"
cmp -s "$T/.out" a.835 || bad "loaded texts changed an 835"
# A claim that names nobody is paid all the same: the payee's id stands for the name.
printf 'patient_control_number,member_id,total_charge,billing_npi,place_of_service,procedure,units,charge,service_from\nN-1,M-2001,150.00,1234567893,11,99213,1,150.00,2026-03-20\n' >nobody.csv
expect 0 "1 accepted" "$AVER" submit nobody.csv --ledger "$L" --key "$CLINIC"
expect 0 "N1*PE*1234567893*XX*1234567893~" "$AVER" remit --payee 1234567893 --date 2026-06-30 --ledger "$L" --key "$OPS"
# Where another claim of the remittance knows the name, it stands there.
sed 's/N-1/N-2/; s/2026-03-20/2026-03-21/' nobody.csv >again.csv
visit V-9 M-2001 150 99213 20260322 >named.837
expect 0 "2 accepted" "$AVER" submit again.csv named.837 --ledger "$L" --key "$CLINIC"
expect 0 "N1*PE*RIDGE CLINIC*XX*1234567893~" "$AVER" remit --payee 1234567893 --date 2026-07-31 --ledger "$L" --key "$OPS"
