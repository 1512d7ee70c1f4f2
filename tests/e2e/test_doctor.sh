# What is wrong with a ledger and its machine, each told with what to do; and nothing is changed.
. "$E2E/lib.sh"
begin doctor
ledger
visit V-1 M-1001 150 99213 20260305 >v.837
expect 0 "" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC"
expect 0 "nobody writes now" "$AVER" doctor --ledger "$L" --scrub
says "have their hash"
says "records of the state"
silent "bad "
silent "warning "
expect 0 '"grade":"fine"' "$AVER" doctor --ledger "$L" --json
expect 1 "[LEDGER-NONE]" "$AVER" doctor --ledger nowhere

chmod 644 "$L/keys/node.key"
expect 1 "chmod 600" "$AVER" doctor --ledger "$L"
chmod 600 "$L/keys/node.key"
mv "$L/keys/node.wrap" wrap
expect 1 "[LEDGER-KEYS]" "$AVER" doctor --ledger "$L"
mv wrap "$L/keys/node.wrap"
expect 1 "[CLOCK-BEHIND]" env AVER_CLOCK_MS=1000000000000 "$AVER" doctor --ledger "$L"

# A crash: half a group at the end, no checkpoint, no state. Warnings: the next open for writing mends them.
cp -R "$L" crashed
head -c 500 "$L/log/groups" >>crashed/log/groups
rm crashed/checkpoint
expect 0 "[LEDGER-TAIL]" "$AVER" doctor --ledger crashed
says "[LEDGER-CHECKPOINT]"
rm -r crashed/state
expect 0 "[LEDGER-BEHIND]" "$AVER" doctor --ledger crashed
expect 0 "filed before" "$AVER" submit v.837 --ledger crashed --key "$CLINIC"
expect 0 "" "$AVER" doctor --ledger crashed
silent "warning "

# Damage: a log that is too short, and one altered in its middle, which only a scrub sees.
cp -R "$L" short
size=$(stat -c %s short/log/groups)
truncate -s $((size / 2)) short/log/groups
expect 1 "[LEDGER-SHORT]" "$AVER" doctor --ledger short
cp -R "$L" bent
printf '\125\252' | dd of=bent/log/groups bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
expect 0 "" "$AVER" doctor --ledger bent
expect 1 "[LEDGER-FRAME]" "$AVER" doctor --ledger bent --scrub
expect 0 "0 damaged" "$AVER" scrub --ledger "$L" --mib-per-second 0
says "fine "
expect 0 '"found":0' "$AVER" scrub --ledger "$L" --mib-per-second 0 --rounds 2 --json
expect 1 "[LEDGER-FRAME]" "$AVER" scrub --ledger bent
says "byte "
expect 0 "fine" timeout --preserve-status -s TERM 2 sh -c 'exec "$0" scrub --ledger "$1" --rounds 0' "$AVER" "$L"
expect 2 "[LEDGER-NONE]" "$AVER" scrub --ledger nowhere
truncate -s 5000 bent/state/data.mdb
"$AVER" doctor --ledger bent >out 2>&1
[ $? -ne 0 ] || bad "a state cut short is fine: $(cat out)"
grep -qF "[LEDGER-STATE]" out || bad "a state cut short is not named: $(cat out)"

expect 0 "" "$AVER" backup copy --ledger "$L"
expect 0 "[LEDGER-RESTORED]" "$AVER" doctor --ledger copy
