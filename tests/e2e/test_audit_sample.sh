# A sample that nobody could choose, drawn again by another program from the rule in docs/audit.md.
. "$E2E/lib.sh"
begin audit_sample
ledger
for i in 1 2 3 4 5 6 7 8; do
    visit "V-$i" M-1001 "$((100 + i))" 99213 "2026030$i" "W-$i" 50 >"v$i.837"
    expect 0 "V-$i" "$AVER" submit "v$i.837" --ledger "$L" --key "$CLINIC"
done
expect 0 "Publish these two lines" "$AVER" audit sample "$L" --commit nonce
[ "$(stat -c %a nonce)" = 600 ] || bad "others can read the nonce"
grep -qxE '[0-9a-f]{64}' nonce || bad "the nonce is not 64 hexadecimal digits"
expect 0 '"frame"' "$AVER" audit sample "$L" --commit nonce --json
commitment=$(field commitment)
frame=$(field size)
if command -v python3 >/dev/null 2>&1; then
    [ "$(python3 -c 'import hashlib; print(hashlib.sha256(bytes.fromhex(open("nonce").read())).hexdigest())')" = "$commitment" ] ||
        bad "the commitment is not the nonce's hash"
fi
# Before there is a root that nobody knew, nothing is drawn.
expect 2 "[SAMPLE-EARLY]" "$AVER" audit sample "$L" --nonce nonce --frame "$frame" --size 5
visit V-9 M-1001 109 99213 20260309 >v9.837
expect 0 "V-9" "$AVER" submit v9.837 --ledger "$L" --key "$CLINIC"
expect 0 "16, in entries 0 to $frame" "$AVER" audit sample "$L" --nonce nonce --frame "$frame" --size 5 --out sample.csv
says "$commitment"
[ "$(wc -l <sample.csv)" -eq 6 ] || bad "the sample is not five claims"
silent "could not"
# What comes later changes nothing.
visit V-10 M-1001 110 99213 20260310 >v10.837
expect 0 "V-10" "$AVER" submit v10.837 --ledger "$L" --key "$CLINIC"
expect 0 "" "$AVER" audit sample "$L" --nonce nonce --frame "$frame" --size 5 --out again.csv
cmp -s sample.csv again.csv || bad "a later draw is another one"
# A larger sample begins with the smaller one; a whole frame is drawn once each.
expect 0 "" "$AVER" audit sample "$L" --nonce nonce --frame "$frame" --size 500 --out all.csv
head -6 all.csv | cmp -s - sample.csv || bad "a larger sample begins otherwise"
[ "$(tail -n +2 all.csv | cut -d, -f2 | sort -u | wc -l)" -eq 16 ] || bad "not each claim once"
cut -d, -f4 sample.csv | tail -n +2 | while read -r id; do
    "$AVER" claim show "$id" --ledger "$L" >/dev/null || bad "no claim $id"
done
if command -v python3 >/dev/null 2>&1; then
    for range in "" "20 $((frame - 6))"; do
        # shellcheck disable=SC2086
        python3 "$ROOT/tests/interop/draw_sample.py" "$L/log/groups" "$frame" nonce 7 $range >python.out || bad "the other program failed"
        set -- $range
        expect 0 "" "$AVER" audit sample "$L" --nonce nonce --frame "$frame" --size 7 --out own.csv ${1:+--from "$1" --to "$2"}
        tail -n +2 own.csv | cut -d, -f1-3 >own.draw
        grep , python.out | cmp -s - own.draw || bad "the other program draws otherwise: $range"
        says "$(tail -1 python.out)"
    done
fi
# A log that is not that of the checkpoint is not drawn from.
cp -R "$L" bent
size=$(stat -c %s bent/log/groups)
printf '\125\252' | dd of=bent/log/groups bs=1 seek=$((size / 2)) conv=notrunc 2>/dev/null
expect 2 "could not check" "$AVER" audit sample bent --nonce nonce --frame "$frame" --size 5
"$FORGE" "$L" e2e.example "$(awk -F, 'NR > 1 && $6 > 1 { print $2; exit }' all.csv)" 100 || bad "nothing was forged"
expect 0 "" "$AVER" audit sample "$L" --nonce nonce --frame "$frame" --size 5 --out forged.csv
cmp -s forged.csv sample.csv && bad "another log draws the same sample"
expect 2 "[SAMPLE-FRAME]" "$AVER" audit sample "$L" --nonce nonce --frame $((frame - 1)) --size 5
expect 2 "[SAMPLE-NONCE]" "$AVER" audit sample "$L" --nonce sample.csv --frame "$frame" --size 5
expect 64 "" "$AVER" audit sample "$L"
