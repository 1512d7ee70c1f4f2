# What the world and the ledger refuse: no ledger, another's key, an expired batch, a ledger in use, a full disk.
. "$E2E/lib.sh"
begin refusals
ledger
visit V-1 M-1001 150 99213 20260305 >v.837
mkdir not-a-ledger
expect 2 "[LEDGER-NONE]" "$AVER" party list --ledger not-a-ledger
expect 2 "[LEDGER-NONE]" "$AVER" party list --ledger nowhere
expect 2 "LEDGER-NONE" "$AVER" submit v.837 --ledger not-a-ledger --key "$CLINIC" --json
expect 1 "" "$AVER" init "$L" --chain again
expect 1 "" "$AVER" init fresh --chain "No Such Chain"
[ -e fresh ] && bad "a refused init left a directory"

expect 0 "" "$AVER" init other --chain other.example
expect 1 "[TX-KEY-UNKNOWN]" "$AVER" submit v.837 --ledger "$L" --key other/keys/operations.key

# The ledger's time never goes back: what is signed by an older clock is past its time.
expect 0 "V-1" env AVER_CLOCK_MS=1893456000000 "$AVER" submit v.837 --ledger "$L" --key "$CLINIC"
visit V-2 M-1001 150 99213 20260306 >w.837
expect 1 "[TX-EXPIRED]" env AVER_CLOCK_MS=1800000000000 "$AVER" submit w.837 --ledger "$L" --key "$CLINIC"
says "has reached 2030-01-01"
expect 0 "filed before" env AVER_CLOCK_MS=1800000000000 "$AVER" submit v.837 --ledger "$L" --key "$CLINIC"

# A clock that says no time that a ledger can have: nothing is filed, nothing crashes.
for clock in 253402300800000 4611686018427387903 99999999999999999999 -5 soon; do
    expect 2 "[CLOCK]" env AVER_CLOCK_MS=$clock "$AVER" submit w.837 --ledger "$L" --key "$CLINIC"
    expect 2 "[CLOCK]" env AVER_CLOCK_MS=$clock "$AVER" remit --payee all --ledger "$L" --key "$OPS"
done

# A clock that has leapt: what is filed by it would move the ledger's time for good.
expect 0 "" env AVER_CLOCK_MS=1500000000000 "$AVER" init old --chain old.example
expect 2 "[CLOCK-LEAP]" "$AVER" party add c1 --role provider --name C --key-file "$L/keys/clinic.key" --ledger old --key old/keys/operations.key
says "AVER_ACCEPT_TIME=$(date -u +%F)"
expect 1 "[CLOCK-LEAP]" "$AVER" doctor --ledger old
expect 2 "[CLOCK-LEAP]" env AVER_ACCEPT_TIME=2017-07-14 "$AVER" party add c1 --role provider --name C --key-file "$L/keys/clinic.key" --ledger old --key old/keys/operations.key
expect 0 "" env AVER_ACCEPT_TIME="$(date -u +%F)" "$AVER" party add c1 --role provider --name C --key-file "$L/keys/clinic.key" --ledger old --key old/keys/operations.key
expect 0 "" "$AVER" party revoke c1 --reason over --ledger old --key old/keys/operations.key
expect 0 "same" "$AVER" audit old
exec 9>>"$L/lock"
flock 9
expect 2 "[LEDGER-BUSY]" env AVER_CLOCK_MS=1893456000000 "$AVER" submit w.837 --ledger "$L" --key "$CLINIC"
expect 0 "clinic" "$AVER" party list --ledger "$L"
exec 9>&-

# A full disk, as a limit on the size of files: no answer is given, and the claim can be filed afterwards.
full() { (ulimit -f 0 && exec "$@"); }
expect 2 "" full env AVER_CLOCK_MS=1893456000000 "$AVER" submit w.837 --ledger "$L" --key "$CLINIC"
expect 0 "V-2" env AVER_CLOCK_MS=1893456000000 "$AVER" submit w.837 --ledger "$L" --key "$CLINIC"
silent "filed before, first"
expect 0 "same" "$AVER" audit "$L"

# Results that cannot be written are no results.
"$AVER" party list --ledger "$L" >/dev/full 2>"$T/.err" </dev/null
[ $? -eq 2 ] || bad "results on a full device, and no exit 2"
: >"$T/.out"
says "[DISK-FULL] (standard output)"

# Another chain's name: neither the log nor any signature is of it.
sed 's/e2e.example/e3.example/' "$L/ledger.conf" >conf && cat conf >"$L/ledger.conf"
expect 2 "[LEDGER-CONF]" "$AVER" submit w.837 --ledger "$L" --key "$CLINIC"
expect 1 "differs" "$AVER" audit "$L"
