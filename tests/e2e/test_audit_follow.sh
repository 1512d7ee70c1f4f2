# An auditor with a copy of his own: it grows, and a fork, a rollback and a rewritten history are found and can be shown to others.
. "$E2E/lib.sh"
begin audit_follow
ledger
file_one() { # LEDGER PCN CHARGE
    visit "$2" M-1001 "$3" 99213 20260305 >one.837
    expect 0 "$2" "$AVER" submit one.837 --ledger "$1" --key "$CLINIC"
}
file_one "$L" V-1 150
expect 0 "nothing was kept before" "$AVER" audit --follow "$L" --state own
[ "$(tail -1 "$T/.out")" = same ] || bad "the last line is not the verdict"
[ "$(stat -c %a own)" = 700 ] || bad "others can read the copy"
[ -z "$(find own -type f -perm /077 ! -path '*/tile/*' ! -path '*/checkpoints/*' ! -path 'own/log/*')" ] || bad "others can read what is kept"
cmp -s own/log/groups "$L/log/groups" || bad "the copy of the groups is another"
expect 0 "0 of them new; the history is the one that was kept" "$AVER" audit --follow "$L" --state own
for i in 2 3 4; do
    file_one "$L" "V-$i" "15$i"
    expect 0 "the history is the one that was kept" "$AVER" audit --follow "file://$L" --state own
    cmp -s own/log/groups "$L/log/groups" || bad "the copy of the groups is another"
    (cd "$L" && find tile -type f ! -path '*.p/*') >full
    while read -r tile; do cmp -s "$L/$tile" "own/$tile" || bad "another $tile"; done <full
done
# What was executed once is not executed again, and is counted.
expect 0 '"claims":4' "$AVER" audit --follow "$L" --state own --json
[ "$(field resumed)" = "" ] && bad "nothing was resumed"
# A copy that was broken off between its files goes on.
cp -R own broken
file_one "$L" V-5 155
cp -R broken once
expect 0 "" "$AVER" audit --follow "$L" --state once
cp once/log/groups broken/log/groups
expect 0 "same" "$AVER" audit --follow "$L" --state broken
cp once/position broken/position
cp own/checkpoint broken/checkpoint
expect 0 "same" "$AVER" audit --follow "$L" --state broken

# Two histories from one beginning.
cp -R "$L" a
cp -R "$L" b
file_one a V-6 160
file_one b V-7 170
expect 0 "same" "$AVER" audit --follow a --state own
cp -R own before
expect 3 "forked" "$AVER" audit --follow b --state own
[ "$(tail -1 "$T/.out")" = forked ] || bad "the last line is not the verdict"
E1=$(ls own/evidence-*.json)
# It stays a fork however far the other one goes, and nothing that was kept is lost.
file_one b V-8 180
file_one b V-9 190
expect 3 '"verdict":"forked"' "$AVER" audit --follow b --state own --json
E2=$(ls own/evidence-*.json | grep -v "$E1")
[ -n "$E2" ] || bad "the longer fork left no evidence"
for f in checkpoint log/groups audit.state vkey; do cmp -s "own/$f" "before/$f" || bad "the fork changed own/$f"; done
expect 0 "same" "$AVER" audit --follow a --state own
# A smaller one of the other history, too.
file_one a V-10 200
file_one a V-11 210
expect 0 "same" "$AVER" audit --follow a --state own
expect 3 "forked" "$AVER" audit --follow b --state own
# The same history, shown shorter.
expect 3 "rolled back" "$AVER" audit --follow "$L" --state own
# Anyone checks the evidence by itself.
vkey=$("$AVER" log vkey --ledger "$L")
for e in own/evidence-*.json; do
    expect 0 "" "$AVER" audit evidence "$e" --vkey "$vkey"
done
expect 0 "signed two histories" "$AVER" audit evidence "$E1"
expect 0 "signed two histories" "$AVER" audit evidence "$E2"
rolled=
for e in own/evidence-*.json; do
    "$AVER" audit evidence "$e" | grep -qx "rolled back" && rolled=$e
done
expect 0 '"proves":"rolled back"' "$AVER" audit evidence "$rolled" --json
if command -v python3 >/dev/null 2>&1; then
    for e in "$E1" "$E2"; do
        python3 "$ROOT/tests/interop/check_evidence.py" "$e" "$vkey" >py.out 2>&1 || bad "the other program refuses $e: $(cat py.out)"
    done
fi
# Evidence that somebody changed proves nothing.
sed 's/"smaller": "e2e.example\\n\([0-9]*\)/"smaller": "e2e.example\\n1\1/' "$E1" >bent.json
expect 1 "proves nothing" "$AVER" audit evidence bent.json
expect 1 "[EVIDENCE-KEY]" "$AVER" audit evidence "$E1" --vkey "other+$vkey"
expect 2 "could not check" "$AVER" audit evidence one.837

# History rewritten in place, with the node's own keys.
cp -R a rewritten
expect 0 "" "$AVER" claim show V-1 --ledger a --json
"$FORGE" rewritten e2e.example "$(field entry)" 100 || bad "nothing was forged"
expect 3 "forked" "$AVER" audit --follow rewritten --state own
expect 1 "LEDGER-REPLAY" "$AVER" audit --follow rewritten --state fresh
says "[LEDGER-REPLAY]"
# A difference that was found once is told in every later round.
file_one a V-12 220
expect 1 "differs" "$AVER" audit --follow rewritten --state fresh

# Damage is no fork, and no pass.
cp -R a bent
file_one bent V-13 230
for tile in bent/tile/entries/000.p/*; do
    printf '\125\252\125' | dd of="$tile" bs=1 seek=$(($(stat -c %s "$tile") - 20)) conv=notrunc 2>/dev/null
done
expect 1 "[LEDGER-TILE]" "$AVER" audit --follow bent --state own
rm bent/checkpoint
expect 2 "could not check" "$AVER" audit --follow bent --state own
mv a/keys a/keys-elsewhere
expect 2 "[FOLLOW-KEY]" "$AVER" audit --follow a --state keyless
expect 2 "could not check" "$AVER" audit --follow a --state keyless --vkey "$vkey"
says "[BODY-KEY]"
mv a/keys-elsewhere a/keys
expect 0 "same" "$AVER" audit --follow a --state keyless
# The auditor's own files are not believed either.
printf x | dd of=own/audit.state bs=1 seek=100 conv=notrunc 2>/dev/null
expect 2 "[AUDIT-STATE]" "$AVER" audit --follow a --state own
expect 64 "synchronise or mount" "$AVER" audit --follow https://example.org/ledger --state own
expect 64 "" "$AVER" audit --follow a
expect 64 "" "$AVER" audit a --state own
