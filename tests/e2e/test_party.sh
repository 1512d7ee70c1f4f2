# Parties: added and revoked by an insurer, by nobody else.
. "$E2E/lib.sh"
begin party
ledger
"$AVER" key new a.key >/dev/null
hex=$(sed -n 's/^public //p' a.key)
expect 0 "auditor-1 may sign" "$AVER" party add auditor-1 --role auditor --name "Fell and Co" --public "$hex" --ledger "$L" --key "$OPS"
expect 0 "auditor-1" "$AVER" party list --ledger "$L"
says "operations"
expect 0 '"role":"auditor"' "$AVER" party list --ledger "$L" --json
expect 1 "[OUT-EXISTS]" "$AVER" party add auditor-1 --role auditor --name X --public "$hex" --ledger "$L" --key "$OPS"
expect 1 "[RECORD-FIELD]" "$AVER" party add x --role auditor --name "" --key-file a.key --ledger "$L" --key "$OPS"
expect 1 "" "$AVER" party add "No Spaces" --role auditor --name X --key-file "$CLINIC" --ledger "$L" --key "$OPS"
expect 64 "--public HEX or --key-file FILE" "$AVER" party add x --role auditor --name X --ledger "$L" --key "$OPS"
expect 64 "64 hexadecimal digits" "$AVER" party add x --role auditor --name X --public 12 --ledger "$L" --key "$OPS"
expect 64 "it is one of insurer" "$AVER" party add x --role payer --name X --public "$hex" --ledger "$L" --key "$OPS"
expect 1 "[TX-ROLE]" "$AVER" party add x --role auditor --name X --public "$hex" --ledger "$L" --key "$CLINIC"
"$AVER" key new stranger.key >/dev/null
expect 1 "[TX-KEY-UNKNOWN]" "$AVER" party revoke clinic --reason r --ledger "$L" --key stranger.key
expect 0 "is revoked" "$AVER" party revoke clinic --reason "contract ended" --ledger "$L" --key "$OPS"
visit V-1 M-1001 150 99213 20260305 >v.837
expect 1 "[TX-KEY-REVOKED]" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC"
expect 1 "[OUT-UNKNOWN]" "$AVER" party revoke nobody --reason r --ledger "$L" --key "$OPS"
expect 1 '{"error":{"code":"OUT-UNKNOWN"' "$AVER" party revoke nobody --reason r --ledger "$L" --key "$OPS" --json
