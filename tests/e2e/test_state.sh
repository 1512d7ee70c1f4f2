# The state proved, exported, checked by those who have only a file, and made from it again.
. "$E2E/lib.sh"
begin state
ledger
visit V-1 M-1001 150 99213 20260305 >v.837
visit V-2 M-1001 75 99213 20260312 >w.837
expect 0 "" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC"
expect 0 "" "$AVER" submit w.837 --ledger "$L" --key "$CLINIC"
expect 0 "" "$AVER" claim show V-1 --ledger "$L" --json
one=$(field id)
expect 0 "" "$AVER" claim show V-2 --ledger "$L" --json
two=$(field id)

# What is there, what is not, and what was not there yet.
expect 0 "is there" "$AVER" state prove m/M-1001 --ledger "$L"
says "ics23"
silent "record"
expect 0 '"shows":"absent"' "$AVER" state prove m/M-9999 --ledger "$L" --json
expect 0 '"shows":"member"' "$AVER" state prove "c/$one" --before V-2 --ledger "$L" --json
before=$(field root)
expect 0 '"shows":"absent"' "$AVER" state prove "c/$two" --before V-2 --ledger "$L" --json
[ "$(field root)" = "$before" ] || bad "two roots of one epoch"
expect 0 '"shows":"member"' "$AVER" state prove "c/$two" --ledger "$L" --json
[ "$(field root)" = "$before" ] && bad "one root of two epochs"
expect 0 '"record":' "$AVER" state prove "c/$one" --before V-2 --open --ledger "$L" --json
[ "$(field root)" = "$before" ] || bad "executing leads to another root"
expect 2 "[LEDGER-EPOCH]" "$AVER" state prove g --before 0 --ledger "$L"
expect 2 "[STATE-SECRET]" "$AVER" state prove f/NOBODY --ledger "$L"
expect 1 "[CLAIM-UNKNOWN]" "$AVER" state prove g --before V-9 --ledger "$L"

# Exported twice it is the same; commitments name nobody.
expect 0 "records of" "$AVER" state export a.state --ledger "$L"
expect 0 "records of" "$AVER" state export b.state --ledger "$L"
cmp -s a.state b.state || bad "two exports of one state differ"
[ "$(stat -c %a a.state)" = 600 ] || bad "others may read the export"
expect 1 "a.state" "$AVER" state export a.state --ledger "$L"
expect 0 "commitments of" "$AVER" state export c.state --commitments --ledger "$L"
grep -q "M-1001" a.state || bad "the records lack a member"
grep -q "M-1001" c.state && bad "the commitments name a member"
for file in a.state c.state; do
    expect 0 "by its own word" "$AVER" state verify $file
    [ "$(tail -1 "$T/.out")" = same ] || bad "the last line is not the verdict"
    expect 0 '"in_log":"yes"' "$AVER" state verify $file --ledger "$L" --json
    cp $file bent
    printf '\125' | dd of=bent bs=1 seek=$(($(stat -c %s $file) / 2)) conv=notrunc 2>/dev/null
    cmp -s bent $file && printf '\252' | dd of=bent bs=1 seek=$(($(stat -c %s $file) / 2)) conv=notrunc 2>/dev/null
    expect 1 "differs" "$AVER" state verify bent
done
expect 1 "[EXPORT-LOG]" "$AVER" state verify a.state --ledger "$BASE/ledger"
expect 2 "could not check" "$AVER" state verify nowhere

# A reader that shares no source with this program says the same of proofs and exports, where there is one.
if command -v python3 >/dev/null 2>&1; then
    for before in "" "--before V-2" "--before V-1"; do
        for name in g m/M-1001 m/M-9999 m/NOBODY k/none "c/$one" "c/$two" q/1 q/2 q/3 q/4 q/5; do
            "$AVER" state prove $name $before --ledger "$L" --json >>proofs
        done
    done
    "$AVER" state prove m/M-1001 --open --ledger "$L" --json >>proofs
    [ "$(wc -l <proofs)" -eq 37 ] || bad "not every name has a proof"
    expect 0 "" python3 "$ROOT/tests/interop/check_state.py" export a.state
    expect 0 "" python3 "$ROOT/tests/interop/check_state.py" export c.state
    python3 "$ROOT/tests/interop/check_state.py" proof <proofs || bad "a proof does not hold for the second reader"
fi

# The state is lost, and made from the export and what came after it.
visit V-3 M-1001 60 99213 20260319 >x.837
expect 0 "" "$AVER" submit x.837 --ledger "$L" --key "$CLINIC"
expect 1 "[LEDGER-STATE]" "$AVER" state rebuild a.state --ledger "$L"
rm -r "$L/state"
expect 1 "[EXPORT-FORM]" "$AVER" state rebuild c.state --ledger "$L"
expect 0 "records of" "$AVER" state rebuild a.state --ledger "$L"
expect 0 "same" "$AVER" audit "$L"
expect 0 "V-3" "$AVER" claim list --ledger "$L"
