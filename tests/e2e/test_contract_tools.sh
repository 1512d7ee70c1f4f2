# What a contract author does all day: a new directory, its tests, a failing one, traces, gas, coverage, two versions compared.
. "$E2E/lib.sh"
begin contract_tools
A=$AVER
# A program outside its source tree and not installed finds the standard contracts below where one stands.
new() { (cd "$ROOT" && "$A" contract new "$@"); }
expect 0 "next: aver contract test $T/plan" new summit --dir "$T/plan"
expect 1 "FILE-EXISTS" new summit --dir "$T/plan"
expect 64 "NAME becomes the plan's" new "Summit PPO" --dir "$T/other"
expect 0 '"next":"aver contract test' new second --dir "$T/second" --json
for file in summit.yaml members.csv api.meta.lua .luarc.json .luacheckrc stylua.toml README.md contracts/payout.lua tables/fees.csv \
    claims/monday.csv tests/cost-share.test tests/cover.csv tests/plan.lua tests.meta.lua; do
    [ -s "plan/$file" ] || bad "contract new left out $file"
done
grep -q '@' plan/summit.yaml plan/members.csv plan/.luacheckrc plan/README.md && bad "a placeholder was left in"
grep -q '^---@class Line' plan/api.meta.lua || bad "the definitions lack the class Line"
grep -q '^---@class Expectation' plan/tests.meta.lua || bad "the definitions lack the class Expectation"
grep -q '"adjudicate"' plan/.luacheckrc || bad "luacheck does not know adjudicate"
grep -q '"money"' plan/.luacheckrc || bad "luacheck does not know money"
if command -v luacheck >/dev/null 2>&1; then expect 0 "0 errors" luacheck plan/contracts plan/tests --config plan/.luacheckrc; fi
expect 0 "accepted, 0 warnings" "$A" policy check plan/summit.yaml
expect 0 "payout.lua" "$A" contract check plan/contracts/payout.lua

# All pass at once, from wherever one stands, in any order, and twice alike.
expect 0 "27 passed, 0 failed" "$A" contract test plan
says "policy rows 17/17"
cd plan || exit 1
expect 0 "27 passed, 0 failed" "$A" contract test
expect 0 "27 passed, 0 failed" "$A" contract test --seed 7
expect 0 "6 passed, 0 failed" "$A" contract test tests/cost-share.test
cd "$T" || exit 1
expect 0 "tests/cover.csv:2  an unknown member is told to the provider" "$A" contract test plan --list
expect 0 '"line":2' "$A" contract test plan --list --json
expect 0 '{"passed":27,"failed":0,"lines":' "$A" contract test plan --json --junit out.xml
says '"policy_rows":17,"policy_rows_reached":17'
grep -q '<testsuite name="aver contract test" tests="27" failures="0">' out.xml || bad "the JUnit file counts otherwise"
expect 0 "1 passed, 0 failed" "$A" contract test plan --match 'half way' -v
says "A line 2  80053   charge 20.00  allowed 14.40  paid 8.46  member owes 5.94   decided"
silent "deductible.in_network.individual ="
expect 0 "deductible.in_network.individual = \$40.00" "$A" contract test plan --match 'half way' -vv
says "payout.lua:"
silent "took"
expect 0 "took  deductible in_network, member, 2026: used 35.00 -> 40.00" "$A" contract test plan --match 'half way' -vvv
says "gas  eligibility"
expect 2 "no test matches" "$A" contract test plan --match 'nothing of the kind'
expect 64 "no extended regular expression" "$A" contract test plan --match '('

# A policy that changed: what was expected and got, why, and how to look at it alone.
cp -R plan changed
sed 's/in_network: {copay: 30.00}/in_network: {copay: 35.00}/' plan/summit.yaml >changed/summit.yaml
expect 1 "23 passed, 4 failed" "$A" contract test changed --junit out.xml
says "line 1, paid: expected 62.00, got 57.00"
says "benefits.office_visit.cost_share.in_network.copay = \$35.00"
says "again: aver contract test changed/tests/cost-share.test --match 'a visit costs a copay, and the charge above the fee is written off' -vvv"
grep -q '<failure message="paid: expected 62.00, got 57.00">' out.xml || bad "the JUnit file lacks the failure"
expect 1 '"column":"paid","expected":"62.00","got":"57.00"' "$A" contract test changed --json

# Two versions, the same claims: to the cent, who gains and who loses.
expect 1 "V-1                  paid 62.00 -> 57.00 (-5.00)   member owes 44.40 -> 49.40 (+5.00)" \
    "$A" contract diff plan changed --claims plan/claims/monday.csv
says "3 claims, 1 differs; plan pays 62.00 -> 57.00"
silent "V-2 "
expect 0 "3 claims, 0 differ" "$A" contract diff plan plan --claims plan/claims/monday.csv
expect 1 '"paid_change":"-5.00","member_change":"5.00"' "$A" contract diff plan changed --claims plan/claims/monday.csv --json
mkdir months && cp plan/claims/monday.csv months/a.csv && sed 's/V-/W-/; s/2026-03/2026-05/' plan/claims/monday.csv >months/b.csv
expect 1 "6 claims, 2 differ; plan pays" "$A" contract diff plan changed --claims months
says "W-1 "
expect 64 "say --claims FILE, or --recorded" "$A" contract diff plan changed
expect 64 "say --claims FILE, or --recorded" "$A" contract diff plan changed --claims months --recorded

# A policy's table that the directory does not have.
cp -R plan tableless
for policy in tableless/*.yaml; do
    sed 's/{table: fees}/{table: feees}/' "$policy" >policy && mv policy "$policy"
done
expect 0 "fee_schedule.in_network.table: there is no tables/feees.csv" "$A" contract check tableless
says "0 errors, 1 warning"

# A contract that is not of the dialect, shown at its place by all that run it, and once.
cp -R plan broken
echo "return {} end" >>broken/contracts/payout.lua
for verb in check test gas; do
    expect 1 "DIALECT-SYNTAX" "$A" contract $verb broken
    [ "$(cat .out .err | grep -c DIALECT-SYNTAX)" = 1 ] || bad "contract $verb says it more than once"
done

# Claims as a ledger recorded them, with the enrolments before them, on the days on which they came.
cp -R "$BASE/ledger" recorded
mkdir -p old/contracts old/tables
cp "$ROOT"/contracts/*.lua old/contracts
cp "$ROOT/examples/summit-ppo-2026.yaml" old/summit.yaml
cp "$E2E/data/fees.csv" old/tables/summit-fees.csv
cp "$E2E/data/roster.csv" old/tables/summit-providers.csv
cp -R old new
sed 's/in_network: {copay: 30.00}/in_network: {copay: 35.00}/' old/summit.yaml >new/summit.yaml
# members.csv of the directories does not count: the ledger's enrolments do.
cp plan/members.csv old/members.csv
expect 0 "0 claims, 0 differ" "$A" contract diff old new --recorded --ledger recorded
"$A" submit "$E2E/data/claims.csv" --ledger recorded --key recorded/keys/clinic.key >submitted || bad "submit"
paid=$("$A" claim list --ledger recorded | awk 'NR > 1 { sum += $5 } END { printf "%.2f", sum }')
expect 0 "claims, 0 differ; plan pays $paid ->" "$A" contract diff old old --recorded --ledger recorded
expect 1 "member owes" "$A" contract diff old new --recorded --ledger recorded
says "member loses 5.00"

# Why each cent, without a ledger.
expect 0 "oop_max in_network, family, 2026: used 0.00 -> 30.00" "$A" contract trace plan/claims/monday.csv --dir plan
says "CO-197"
expect 0 "prior_auth.0" "$A" contract trace plan/claims/monday.csv --dir plan --line 1 --no-source
silent "line 2"
expect 0 '"carc":"197"' "$A" contract trace plan/claims/monday.csv --dir plan --json
expect 0 "filed too late" "$A" contract trace plan/claims/monday.csv --dir plan --received 2027-12-31
expect 64 "--received is a day" "$A" contract trace plan/claims/monday.csv --dir plan --received soon
visit V-9 M-1001 150 99213 20260309 | sed 's/\*DMG\*/*DMG*/' >one.837
expect 0 "copay; the patient owes it" "$A" contract trace one.837 --dir plan
expect 1 "CSV-VALUE" "$A" contract trace "$E2E/data/bad_claims.csv" --dir plan
expect 2 "PROJECT-DIR" "$A" contract trace plan/claims/monday.csv --dir "$T"

# Gas: kept, checked, and what differs is named by stage.
expect 0 "all tests" "$A" contract gas plan
expect 0 '"eligibility":' "$A" contract gas plan --json
expect 2 "gas.snapshot" "$A" contract gas plan --check
expect 0 "27 tests" "$A" contract gas plan --snapshot
expect 0 "the gas of each as in the snapshot" "$A" contract gas plan --check
expect 64 "give one" "$A" contract gas plan --check --snapshot
cp plan/gas.snapshot changed/gas.snapshot
cp plan/summit.yaml changed/summit.yaml
sed 's/^local function pay_line(terms, line)$/&\n  for _ in each({ 1, 2, 3 }) do end/' plan/contracts/payout.lua >changed/contracts/payout.lua
expect 1 "payout +" "$A" contract gas changed --check
silent "coverage +"
expect 1 '"differ":' "$A" contract gas changed --check --json
sed -i '$d' plan/gas.snapshot
expect 1 "new    plan: two visits on one day owe one copay" "$A" contract gas plan --check
echo 'three words here' >>plan/gas.snapshot
expect 1 "GAS-SNAPSHOT" "$A" contract gas plan --check

# Rows that no test reaches.
# The contracts can do more than a plan asks of them.
expect 0 "policy rows 17/17, 100 %" "$A" contract cover plan --min 30
says "%  plan/contracts/payout.lua"
expect 1 "% of the contracts' lines are reached, and --min asks for 99 %" "$A" contract cover plan --min 99
says "never: "
rm second/tests/cover.csv second/tests/plan.lua
expect 1 "never  exclusions.0 (cosmetic)" "$A" contract cover second --min 90
says "reason codes CO-45"
says "% of the contracts' lines are reached, and --min asks for 90 %"
says ' | line:deny(rule.group, rule.carc, rule.path'
expect 0 '"row":"exclusions.0","id":"cosmetic"' "$A" contract cover second --json
says '"lines_reached":'

# Tests that cannot be, each said with its line.
table() { printf '%s\n' "$@" >second/tests/x.test; }
row='A | M-1001 | 2026-03-02 | 99213 | 150.00 | 62.00'
head='claim | member | day | procedure | charge | paid'
table "scenario one" "claim | member | day | procedure | chrage" "A | M-1001 | 2026-03-02 | 99213 | 1.00"
expect 1 'did you mean the column "charge"?' "$A" contract test second/tests/x.test
says "second/tests/x.test:2"
table "scenario one" "$head" "A | M-1001 | 2026-03-02 | 99213 | lots | 1.00"
expect 1 'charge "lots": it is dollars' "$A" contract test second/tests/x.test
table "$head" "$row"
expect 1 'a table needs' "$A" contract test second/tests/x.test
table "scenario one" "set deductable.in_network.individual 1.00" "$head" "$row" "scenario two" "$head" "$row"
expect 1 "the policy has no value at deductable.in_network.individual" "$A" contract test second/tests/x.test
says "1 passed, 1 failed"
table "scenario one" "set deductible.in_network.individual lots" "$head" "$row"
expect 1 "POLICY-VALUE" "$A" contract test second/tests/x.test
table "scenario one" "without limit" "$head" "$row"
expect 1 "no value at limit" "$A" contract test second/tests/x.test
table "scenario one" "without exclusions" "fee 99213 100.00" "bundled 36415" "cover M-1001 2026-03-01..2026-03-31" \
    "claim | member | day | procedure | charge | paid | adjustments" "A | M-1001 | 2026-03-02 | 99213 | 150.00 | 70.00 |" \
    "B | M-1001 | 2026-04-02 | 99213 | 150.00 | 0.00 | PR-27 150.00" "C | M-1001 | 2026-03-02 | 15820 | 9.00 | 0.00 | PR-204 9.00"
expect 0 "1 passed, 0 failed" "$A" contract test second/tests/x.test
table "scenario one" "fee 99213 lots" "$head" "$row"
expect 1 "is no price" "$A" contract test second/tests/x.test
table "scenario one" "$head" "A | M-1001 | 2026-03-02 | 99205 | 150.00 | 0.00"
expect 1 "the line is pended, and no status was expected: no fee for 99205" "$A" contract test second/tests/x.test
table
expect 2 "there are no tests" "$A" contract test second/tests/x.test
printf 'test,claim,member,day,procedure,charge\n,A,M-1001,2026-03-02,99213,1.00\n' >second/tests/y.csv
expect 1 "the first row needs the test's title" "$A" contract test second/tests/y.csv

# Contracts that cannot be, and one that breaks a rule while it runs: the trap is told with its line.
table "scenario one" "$head" "$row"
echo 'return { payout = ' >second/contracts/payout.lua
expect 1 "second/contracts/payout.lua:" "$A" contract test second/tests/x.test
printf 'return {\n  payout = function(claim, member)\n    for line in each(claim.lines) do\n      line:adjust("PR", "3", line.charge * 2, "deductible", {})\n    end\n  end,\n}\n' >second/contracts/payout.lua
expect 1 "held: payout:4:" "$A" contract test second/tests/x.test
rm second/contracts/payout.lua
expect 1 "POLICY-CONTRACT" "$A" contract test second/tests/x.test
