# tests/e2e/prepare.sh - the ledger that the tests copy: contracts, tables, a policy, two members, a clinic.
set -e
cd "$BASE"
"$AVER" init ledger --chain e2e.example
export AVER_LEDGER=$BASE/ledger
K=ledger/keys
both="--key $K/operations.key --approve-key $K/compliance.key"
"$AVER" contract deploy "$ROOT"/contracts/eligibility.lua "$ROOT"/contracts/coverage.lua "$ROOT"/contracts/payout.lua $both
"$AVER" table publish summit-fees "$E2E/data/fees.csv" --kind fees $both
"$AVER" table publish summit-providers "$E2E/data/roster.csv" --kind roster $both
"$AVER" policy publish "$ROOT/examples/summit-ppo-2026.yaml" $both
"$AVER" member import "$E2E/data/members.csv" --key $K/operations.key
"$AVER" key new $K/clinic.key
"$AVER" party add clinic --role provider --name "Ridge Clinic" --npi 1234567893 --key-file $K/clinic.key --key $K/operations.key
