# Witnesses: two cosign, the policy is satisfied and stays so; a fork and a rollback are refused; proofs hold offline.
. "$E2E/lib.sh"
begin witness
ledger
visit V-1 M-1001 150 99213 20260305 >v.837
expect 0 "V-1" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC"
"$AVER" log checkpoint --ledger "$L" >first
N=witness.example.net
for w in north south stranger; do "$AVER" key new $w.key >/dev/null; done
vkey() { "$AVER" witness vkey --key $1.key --name $N/$1; }
{
    echo "log $("$AVER" log vkey --ledger "$L")"
    echo "witness north $(vkey north) https://north.example/"
    echo "witness south $(vkey south)"
    echo "group both all north south"
    echo "quorum both"
} >both.policy
echo "log $("$AVER" log vkey --ledger "$L")
quorum none" >none.policy
size() { sed -n 2p "$1"; }
# witness NAME: answers standard input. Its clock is its own: 2026-06-15 08:00 UTC.
witness() { AVER_CLOCK_MS=1781510400000 "$AVER" witness --key $1.key --name $N/$1 --logs none.policy --state $1.d --cgi 2>&1; }
# body: of an answer as CGI.
body() { sed '1,/^\r$/d' "$1"; }

# ---- two witnesses, one checkpoint ----
expect 1 "[TRUST-WITNESSES]" "$AVER" log verify first --policy both.policy
says "the quorum both needs 2 of its 2 members and has 0, not north, south"
expect 1 "[WITNESS-ASK]" "$AVER" log witness-accept first --policy both.policy --ledger "$L"
expect 2 "[LEDGER-COSIGNED]" "$AVER" log checkpoint --cosigned --ledger "$L"
"$AVER" log witness-request --old 0 --ledger "$L" >request
witness north <request >answer.cgi
head -1 answer.cgi | grep -q "^Status: 200 OK" || bad "north says $(cat answer.cgi)"
body answer.cgi >answer
expect 0 "1 cosignature kept. The policy is not satisfied yet: the quorum both needs 2 of its 2 members and has 1, not south" \
    "$AVER" log witness-accept answer --policy both.policy --ledger "$L"
expect 2 "[LEDGER-COSIGNED]" "$AVER" log checkpoint --cosigned --ledger "$L"
# The ledger goes on before the other one is asked.
visit V-2 M-1001 75 99213 20260306 >v2.837
expect 0 "V-2" "$AVER" submit v2.837 --ledger "$L" --key "$CLINIC"
"$AVER" log witness-request --old 0 --again --ledger "$L" | witness south >answer.cgi
body answer.cgi >answer2
expect 0 "The policy is satisfied" "$AVER" log witness-accept answer2 --policy both.policy --ledger "$L"
"$AVER" log checkpoint --cosigned --ledger "$L" >cosigned
[ "$(size cosigned)" = "$(size first)" ] || bad "another checkpoint was cosigned"
expect 0 "cosigned by   north at 2026-06-15 08:00:00 UTC" "$AVER" log verify cosigned --policy both.policy
says "cosigned by   south"
says "holds"
expect 0 '"verdict":"holds","origin":"e2e.example"' "$AVER" log verify cosigned --policy both.policy --json
says '{"name":"south","time":1781510400}'
[ "$(grep -c '^— ' cosigned)" -eq 3 ] || bad "there are not three signatures"
expect 1 "[TRUST-WITNESSES]" "$AVER" log verify "$L/checkpoint" --policy both.policy
# The same answer again, and what does not belong there.
expect 0 "1 cosignature kept" "$AVER" log witness-accept answer2 --policy both.policy --ledger "$L"
"$AVER" log checkpoint --cosigned --ledger "$L" | cmp -s - cosigned || bad "an answer counts twice"
expect 1 "[WITNESS-NONE]" "$AVER" log witness-accept answer2 --policy none.policy --ledger "$L"
expect 1 "[NOTE-" "$AVER" log witness-accept request --policy both.policy --ledger "$L"
sed 's/\(.*\)[A-Z]\(.*\)/\1z\2/' answer2 >bent
expect 1 "[NOTE-" "$AVER" log witness-accept bent --policy both.policy --ledger "$L"
expect 0 "same" "$AVER" audit "$L"

# ---- proofs ----
expect 0 "" "$AVER" log prove V-1 --out claim.tlog-proof --ledger "$L"
expect 1 "[FILE-EXISTS]" "$AVER" log prove V-1 --out claim.tlog-proof --ledger "$L"
expect 0 "item of 71 bytes" "$AVER" log verify claim.tlog-proof --policy both.policy
last=$(($(size "$L/checkpoint") - 1)) # beyond the cosigned one
expect 0 "" "$AVER" log prove $last --out last.tlog-proof --ledger "$L"
expect 1 "[TRUST-WITNESSES]" "$AVER" log verify last.tlog-proof --policy both.policy
expect 0 "group header" "$AVER" log verify last.tlog-proof --policy none.policy
expect 0 '"kind":"group header"' "$AVER" log verify last.tlog-proof --policy none.policy --json
# A bundle is made under the cosigned checkpoint, too, if that has the claim.
VERIFY=$(dirname "$AVER")/aver-verify
expect 0 "" "$AVER" bundle V-1 --for member --out v1.bundle --ledger "$L"
expect 0 "2 of the policy's witnesses cosigned" "$VERIFY" v1.bundle --policy both.policy
expect 0 "" "$AVER" bundle V-2 --for member --out v2.bundle --ledger "$L"
expect 2 "[TRUST-WITNESSES]" "$VERIFY" v2.bundle --policy both.policy
expect 0 "same" "$VERIFY" v2.bundle --policy none.policy
grep -v '^extra ' claim.tlog-proof >bare.tlog-proof
expect 64 "--entry FILE" "$AVER" log verify bare.tlog-proof --policy both.policy
expect 1 "[MERKLE-PROOF]" "$AVER" log verify bare.tlog-proof --entry v.837 --policy both.policy
sed 's/^index .*/index 0/' claim.tlog-proof >moved.tlog-proof
expect 1 "[MERKLE-PROOF]" "$AVER" log verify moved.tlog-proof --policy both.policy
sed 's/^extra h/extra i/' claim.tlog-proof >other.tlog-proof
expect 1 "[MERKLE-PROOF]" "$AVER" log verify other.tlog-proof --policy both.policy
expect 1 "[NOTE-FORM]" "$AVER" log verify v.837 --policy none.policy
head -3 claim.tlog-proof >cut.tlog-proof
expect 1 "[TLOG-PROOF] (line " "$AVER" log verify cut.tlog-proof --policy none.policy
"$AVER" log consistency first --ledger "$L" >growth
expect 0 "only grew     since it had $(size first) entries" "$AVER" log verify growth --old first --policy none.policy
expect 1 "[MERKLE-PROOF]" "$AVER" log verify growth --old "$L/checkpoint" --policy none.policy
expect 64 "--old FILE" "$AVER" log verify growth --policy none.policy
expect 1 "[TRUST-LINE] (first line 1)" "$AVER" log verify first --policy first

# ---- what a witness refuses ----
"$AVER" log witness-request --old 0 --ledger "$L" >request
witness north <request >answer.cgi
grep -q "^Status: 409" answer.cgi || bad "north forgot: $(cat answer.cgi)"
grep -q "^Content-Type: text/x.tlog.size" answer.cgi || bad "a conflict has no type of its own"
[ "$(body answer.cgi)" = "$(size first)" ] || bad "north does not say what it saw last"
expect 1 "" "$AVER" witness request --key north.key --name $N/north --logs none.policy --state north.d
says "409 Conflict"
expect 1 '"status":409,"answer":"'"$(size first)"'\n"' "$AVER" witness request --key north.key --name $N/north \
    --logs none.policy --state north.d --json
"$AVER" log witness-request --old $(size first) --ledger "$L" >good
sed 3d good >bad.request # a hash is missing
witness north <bad.request | grep -q "^Status: 422" || bad "a proof that does not hold is cosigned"
sed 's/^old .*/old 1/' good | witness north | grep -q "^Status: 409" || bad "another old size is taken"
sed 's/^old .*/old 99999/' good | witness north | grep -q "^Status: 400" || bad "a log may shrink"
echo nonsense | witness north | grep -q "^Status: 400" || bad "nonsense is taken"
sed 's/^e2e.example$/e2e.elsewhere/' good | witness north | grep -q "^Status: 404" || bad "any log is known"
sed '/^— /s/\(.\{40\}\)[a-y]/\1z/' good | witness north | grep -q "^Status: 403" || bad "a forged signature is taken"
expect 0 "" "$AVER" init other --chain e2e.example # the same origin, another key
"$AVER" log witness-request --old 0 --ledger other | witness north | grep -q "^Status: 403" || bad "any key is trusted"

# A fork: the same ledger from before the second claim, with another one.
cp -R "$BASE/ledger" fork
"$AVER" submit v.837 --ledger fork --key fork/keys/clinic.key >/dev/null
[ "$(size fork/checkpoint)" = "$(size first)" ] || bad "the fork is not as long"
"$AVER" log witness-request --old $(size first) --ledger fork | witness north >answer.cgi
grep -q "^Status: 422" answer.cgi || bad "the fork is cosigned: $(cat answer.cgi)"
grep -q "forked" answer.cgi || bad "nobody says that it is a fork"
ls north.d/*/fork >/dev/null || bad "the proof of the fork is not kept"
visit V-3 M-1001 60 99213 20260307 >v3.837
"$AVER" submit v3.837 --ledger fork --key fork/keys/clinic.key >/dev/null
"$AVER" log witness-request --old $(size first) --ledger fork | witness north | grep -q "^Status: 422" ||
    bad "the longer fork is cosigned"

# The real one goes on; its cosigned checkpoint gives way only to one that is cosigned as well.
witness north <good >answer.cgi
grep -q "^Status: 200" answer.cgi || bad "the log that only grew is refused: $(cat answer.cgi)"
body answer.cgi >answer
expect 0 "not satisfied yet" "$AVER" log witness-accept answer --policy both.policy --ledger "$L"
"$AVER" log checkpoint --cosigned --ledger "$L" | cmp -s - cosigned || bad "a checkpoint cosigned too little takes over"
# The answer went to the newest checkpoint too, and survives another open.
grep -q "$N/north" "$L/checkpoint" || bad "the newest checkpoint has no cosignature"
"$AVER" log witness-request --old $(size first) --again --ledger "$L" | witness south >answer.cgi
body answer.cgi >answer
expect 0 "The policy is satisfied" "$AVER" log witness-accept answer --policy both.policy --ledger "$L"
expect 0 "holds" "$AVER" log verify "$L/checkpoint.cosigned" --policy both.policy
expect 0 "holds" "$AVER" log verify "$L/checkpoint" --policy both.policy
expect 0 "holds" "$AVER" log verify last.tlog-proof --policy none.policy
[ "$(size "$L/checkpoint.cosigned")" = "$((last + 1))" ] || bad "the newer one did not take over"
# A rollback behind it.
witness north <request | grep -q "^Status: 409" || bad "a rollback is cosigned"
cmp -s north.d/*/checkpoint south.d/*/checkpoint && bad "two witnesses keep the same file"
expect 0 "holds" "$AVER" log verify north.d/*/checkpoint --policy none.policy

# A witness whose memory was altered says so, and signs nothing.
echo altered >>"$(echo north.d/*/checkpoint)"
expect 2 "[WITNESS-STATE]" "$AVER" witness good --key north.key --name $N/north --logs none.policy --state north.d
# A stranger's line counts for nobody.
"$AVER" log witness-request --old 0 --ledger "$L" | witness stranger >answer.cgi
body answer.cgi >answer
expect 1 "[WITNESS-NONE]" "$AVER" log witness-accept answer --policy both.policy --ledger "$L"
# A log that is shorter than what witnesses saw is not taken up again.
cp -R "$BASE/ledger" "$T/short"
rm "$T/short/checkpoint"
cp "$L/checkpoint.cosigned" "$T/short/"
expect 2 "[LEDGER-SHORT]" "$AVER" submit v2.837 --ledger "$T/short" --key "$CLINIC"
