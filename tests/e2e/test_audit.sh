# The audit's three answers, never mixed up.
. "$E2E/lib.sh"
begin audit
ledger
visit V-1 M-1001 150 99213 20260305 >v.837
expect 0 "same" env AVER_LEDGER="$L" "$AVER" audit
expect 64 "AVER_LEDGER" "$AVER" audit
expect 0 "V-1" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC" --receipts r
expect 0 "same" "$AVER" audit "$L"
[ "$(tail -1 "$T/.out")" = same ] || bad "the last line is not the verdict"
expect 0 '"verdict":"same"' "$AVER" audit "$L" --receipts r --json
says '"promises_kept":1'

# A receipt of another ledger is a promise that this log does not keep.
cp -R "$BASE/ledger" other
expect 0 "" "$AVER" submit v.837 --ledger other --key "$CLINIC" --receipts r2
visit V-9 M-1001 77 99213 20260307 >x.837
expect 0 "" "$AVER" submit x.837 --ledger other --key "$CLINIC" --receipts r3
expect 1 "differs" "$AVER" audit "$L" --receipts r3

# One byte changed in the middle of the log.
cp -R "$L" bent
size=$(stat -c %s bent/log/groups)
printf '\125' | dd of=bent/log/groups bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
cmp -s bent/log/groups "$L/log/groups" && printf '\252' | dd of=bent/log/groups bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
expect 1 "differs" "$AVER" audit bent

# The state cut short: an answer of its own for each who reads it, and all there again from the log.
cp -R "$L" short
size=$(stat -c %s short/state/data.mdb)
for part in 2 3 5; do
    truncate -s $((size / part)) short/state/data.mdb
    expect 1 "differs" "$AVER" audit short
    expect 2 "[LEDGER-STATE]" "$AVER" claim list --ledger short
    expect 2 "[LEDGER-STATE]" "$AVER" submit v.837 --ledger short --key "$CLINIC"
    rm -r short/state
    expect 0 "filed before" "$AVER" submit v.837 --ledger short --key "$CLINIC"
    expect 0 "same" "$AVER" audit short
done

mkdir nothing
expect 2 "could not check" "$AVER" audit nothing
expect 2 "could not check" "$AVER" audit nowhere
expect 2 "[NO-FILE]" "$AVER" audit "$L" --receipts nowhere
