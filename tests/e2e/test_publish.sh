# Publishing: two signatures, contracts that load, policies that compile to the same bytes again, hostile YAML.
. "$E2E/lib.sh"
begin publish
ledger
expect 0 "entry points: coverage" "$AVER" contract check "$ROOT/contracts/coverage.lua"
expect 0 '"entries":["coverage","prepare"]' "$AVER" contract check "$ROOT/contracts/coverage.lua" --json
printf 'return {\n' >broken.lua
expect 1 "DIALECT-SYNTAX" "$AVER" contract check broken.lua
expect 1 "DIALECT-SYNTAX" "$AVER" contract deploy broken.lua --ledger "$L" --key "$OPS"
printf 'return { coverage = function() end }\n' >"Bad Name.lua"
expect 1 "[CONTRACT-NAME]" "$AVER" contract check "Bad Name.lua"
head -c 70000 /dev/zero | tr '\0' '-' >long.lua
expect 1 "[FILE-SIZE]" "$AVER" contract check long.lua

expect 0 "unchanged" "$AVER" contract deploy "$ROOT/contracts/coverage.lua" --ledger "$L" --key "$OPS"
cp "$ROOT/contracts/coverage.lua" coverage.lua && echo '-- of another year' >>coverage.lua
expect 0 "aver approve " "$AVER" contract deploy coverage.lua --ledger "$L" --key "$OPS"
digest=$(sha256sum coverage.lua | cut -d' ' -f1)
says "$digest"
expect 1 "[OUT-SAME-SIGNER]" "$AVER" approve "$digest" --ledger "$L" --key "$OPS"
expect 1 "[TX-ROLE]" "$AVER" approve "$digest" --ledger "$L" --key "$CLINIC"
expect 0 "in force" "$AVER" approve "$digest" --ledger "$L" --key "$COM"
expect 1 "[OUT-EXISTS]" "$AVER" approve "$digest" --ledger "$L" --key "$COM"
expect 1 "[OUT-UNKNOWN]" "$AVER" approve "$(echo none | sha256sum | cut -d' ' -f1)" --ledger "$L" --key "$COM"
expect 64 "64 hexadecimal digits" "$AVER" approve 12 --ledger "$L" --key "$COM"

P=$ROOT/examples/summit-ppo-2026.yaml
expect 0 "accepted" "$AVER" policy check "$P"
expect 0 '"status":"accepted"' "$AVER" policy check "$P" --ledger "$L" --json
silent "POLICY-TABLE"
sed 's/{table: summit-fees}/{table: summit-fess}/' "$P" >tableless.yaml
expect 0 'no table "summit-fess" is published' "$AVER" policy check tableless.yaml --ledger "$L"
says "[POLICY-TABLE]"
mkdir tables
printf 'code,price,from,to\n99213,92.00,2026-01-01,2026-06-30\n97110,60,2026-01-01,\n36415,8.50,2026-01-01,\n' >tables/summit-fees.csv
cp "$ROOT/examples/summit-providers.csv" tables/
expect 0 "nothing for 99213 from 2026-07-01 to 2026-12-31: such a line waits" "$AVER" policy check "$P" --tables tables
says "a price for 36415, and no benefit has that code"
says "has no code of the benefit imaging"
says "[POLICY-GAP] ($P:"
cp "$ROOT/examples/summit-fees.csv" tables/summit-providers.csv
expect 1 "[CSV-COLUMN]" "$AVER" policy check "$P" --tables tables
sed 's/start: 2026-01-01, end: 2026-12-31/start: 2027-02-01, end: 2027-12-31/' "$P" >next.yaml
expect 0 "from 2027-01-01 to 2027-01-31 no version of the plan holds, after $P" "$AVER" policy check "$P" next.yaml
says "[POLICY-VERSIONS] (next.yaml:19:1"
expect 0 "after the version published at height" "$AVER" policy check next.yaml --ledger "$L"
expect 1 '"status":"rejected"' "$AVER" policy check "$P" "$ROOT/README.md" --json
says '"status":"accepted"'
expect 0 "same" "$AVER" policy verify "$P" --ledger "$L"
sed 's/copay: 30.00/copay: 31.00/' "$P" >other.yaml
expect 1 "differs" "$AVER" policy verify other.yaml --ledger "$L"
expect 0 "summit-ppo-2026" "$AVER" policy list --ledger "$L"
expect 0 "in force" "$AVER" policy publish other.yaml --ledger "$L" --key "$OPS" --approve-key "$COM"
expect 0 "same" "$AVER" policy verify other.yaml --ledger "$L"
expect 0 "same" "$AVER" policy verify "$P" --ledger "$L"

printf 'a: &a [x]\nb: [*a, *a]\n' >bomb.yaml
expect 1 "[YAML-ANCHOR]" "$AVER" policy check bomb.yaml
printf 'format: payer-policy/1\nformat: payer-policy/1\n' >twice.yaml
expect 1 "[YAML-DUPLICATE]" "$AVER" policy check twice.yaml
printf 'format: payer-policy/1\nplna: {}\n' >unknown.yaml
expect 1 "[POLICY-KEY]" "$AVER" policy check unknown.yaml
printf '\377\376' >bytes.yaml
expect 1 "[YAML-UTF8]" "$AVER" policy publish bytes.yaml --ledger "$L" --key "$OPS"
awk 'BEGIN { for (i = 0; i < 5000; i++) printf "["; }' >deep.yaml
expect 1 "YAML-" "$AVER" policy check deep.yaml --json
head -c 300000 /dev/zero | tr '\0' 'a' >big.yaml
expect 1 "[FILE-SIZE]" "$AVER" policy check big.yaml
expect 2 "[NO-FILE]" "$AVER" policy check nowhere.yaml
expect 2 "[IO]" "$AVER" policy check "$T"

expect 0 "summit-fees" "$AVER" table list --ledger "$L"
expect 0 '"kind":"roster"' "$AVER" table list --ledger "$L" --json
expect 0 "unchanged" "$AVER" table publish summit-fees "$E2E/data/fees.csv" --kind fees --ledger "$L" --key "$OPS"
expect 1 "[" "$AVER" table publish bad-fees "$E2E/data/bad_fees.csv" --kind fees --ledger "$L" --key "$OPS"

# A quarter's units as CMS publishes them: no dates, so --from says since when; the quarter before stays for its own days.
printf '"A notice",,,\n"HCPCS/\nCPT Code","Practitioner Services MUE Values","MUE Adjudication Indicator","MUE Rationale"\nG0101,2,1 Line Edit,Policy\n' >mue.csv
expect 0 "in force" "$AVER" table publish units mue.csv --kind units --from 2026-07-01 --ledger "$L" --key "$OPS" --approve-key "$COM"
first=$(sed -n 's/^table units *\([0-9a-f]*\).*/\1/p' .out)
expect 0 "in force" "$AVER" table publish units mue.csv --kind units --from 2026-10-01 --ledger "$L" --key "$OPS" --approve-key "$COM"
[ -n "$first" ] || bad "no digest of the first quarter"
silent "$first"
expect 64 "is no date" "$AVER" table publish units mue.csv --kind units --from tomorrow --ledger "$L" --key "$OPS"
expect 1 "[TABLE-KIND]" "$AVER" table publish units "$ROOT/examples/summit-fees.csv" --kind fees --from 2026-10-01 --ledger "$L" --key "$OPS"
expect 1 "[TABLE-FROM]" "$AVER" table publish summit-fees "$ROOT/examples/summit-fees.csv" --kind fees --from 2026-10-01 --ledger "$L" --key "$OPS"
expect 1 "[TABLE-OVERLAP]" "$AVER" table publish units mue.csv mue.csv --kind units --ledger "$L" --key "$OPS"
sed 's/^G0101/G0102/' mue.csv >more.csv
expect 0 "aver approve" "$AVER" table publish units mue.csv more.csv --kind units --ledger "$L" --key "$OPS"
# A policy as an editor left it: with a byte order mark, which changes nothing; with a tab, which is named.
{ printf '\357\273\277'; cat "$ROOT/examples/summit-ppo-2026.yaml"; } >mark.yaml
expect 0 "accepted" "$AVER" policy check mark.yaml
sed 's/^  id: summit/\tid: summit/' "$ROOT/examples/summit-ppo-2026.yaml" >tab.yaml
expect 1 "a tab stands here; indent with spaces [YAML-SYNTAX] (tab.yaml:" "$AVER" policy check tab.yaml
sed 's/^  missing: pend/  missing: pend\n  modifier_prices: []/' "$ROOT/examples/summit-ppo-2026.yaml" >inner.yaml
expect 1 "it stands at the top of the policy" "$AVER" policy check inner.yaml
sed 's/"99202-99215"/"99202-G0215"/' "$ROOT/examples/summit-ppo-2026.yaml" >shapes.yaml
expect 1 "codes of two shapes" "$AVER" policy check shapes.yaml
# A table's errors are told once, each with its value; then how many.
printf 'code,price,from\n99213,$92.00,2026-01-01\n99214,130.00,1/1/2026\n' >dollars.csv
expect 1 'column price: "$92.00")' "$AVER" table publish dollars dollars.csv --kind fees --ledger "$L" --key "$OPS"
says "the table has 2 errors and is not published [CSV-VALUE]"
printf 'code,price,from\n' >none.csv
expect 0 "[TABLE-EMPTY]" "$AVER" table publish none none.csv --kind fees --ledger "$L" --key "$OPS"
