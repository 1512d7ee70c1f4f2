# Help, and every way in which a command line itself can be wrong: exit 64, one sentence, the nearest match.
. "$E2E/lib.sh"
begin help
expect 64 "Exit codes" "$AVER"
expect 0 "party add" "$AVER" help
expect 0 "aver " "$AVER" version
expect 0 '"version"' "$AVER" version --json
expect 0 "party revoke" "$AVER" help party
expect 0 "party revoke" "$AVER" party --help
for verb in init "key new" "key show" "key revoke" "key rotate" "party add" "party list" "party revoke" "contract new" \
    "contract check" "contract test" "contract cover" "contract gas" "contract trace" "contract diff" "contract deploy" "table publish" "table list" "policy check" "policy publish" "policy verify" "policy list" approve \
    "codes load" "codes list" "member import" "member list" submit "claim list" "claim show" explain remit "remit show" audit \
    "state prove" "state export" "state verify" "state rebuild" "log checkpoint" \
    "log prove" "log vkey" "log consistency" "log verify" "log witness-request" "log witness-accept" witness "witness vkey" \
    version; do
    expect 0 "Examples:" "$AVER" $verb --help
    cp "$T/.out" "$T/help"
    expect 0 "--json" "$AVER" help $verb
    cmp -s "$T/.out" "$T/help" || bad "aver help $verb is not aver $verb --help"
    [ "$(sed -n '/^Examples:/,$p' "$T/help" | grep -c '^  aver')" -eq 2 ] || bad "$verb shows no two examples"
done
expect 64 "did you mean aver submit?" "$AVER" sumbit x
expect 64 "did you mean aver party list?" "$AVER" party lits
expect 64 "needs a second word" "$AVER" party
expect 64 "aver help lists all verbs" "$AVER" xyzzy
expect 64 "did you mean --ledger?" "$AVER" party list --legder x
expect 64 "there is no option" "$AVER" party list -x
expect 64 "--ledger DIR is needed" "$AVER" party list
expect 64 "needs a value" "$AVER" party list --ledger
expect 64 "takes no value" "$AVER" party list --json=yes
expect 64 "given twice" "$AVER" party list --ledger a --ledger b
expect 64 "one argument too many" "$AVER" party list extra --ledger a
expect 64 "is missing" "$AVER" claim show --ledger a
expect 64 "it is one of decided, denied, pended, held" "$AVER" claim list --status paid --ledger a
expect 64 "whole number from 1 to 720" "$AVER" submit x --not-after-hours 0 --ledger a --key b
expect 64 '{"error":{"code":"USAGE"' "$AVER" party list --jsno --json
says "did you mean --json?"
