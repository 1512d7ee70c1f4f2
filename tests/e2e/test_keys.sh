# Keys: made with mode 0600, refused when others can read them, revoked, rotated.
. "$E2E/lib.sh"
begin keys
ledger
expect 0 "kid" "$AVER" key new a.key
[ "$(stat -c %a a.key)" = 600 ] || bad "the key file has mode $(stat -c %a a.key)"
kid=$(sed -n 's/^kid *//p' "$T/.out")
expect 1 "[FILE-EXISTS] (a.key)" "$AVER" key new a.key
expect 0 "" "$AVER" key new a.key --force
expect 0 "$(sed -n 's/^public //p' a.key)" "$AVER" key show a.key
silent "$(sed -n 's/^seed //p' a.key)"
expect 0 "does not know the key" "$AVER" key show a.key --ledger "$L"
expect 0 "clinic (in force)" "$AVER" key show "$CLINIC" --ledger "$L"
expect 2 "[NO-FILE] (nowhere/b.key)" "$AVER" key new nowhere/b.key
expect 2 "[NO-FILE]" "$AVER" key show nowhere.key
chmod 640 a.key
expect 1 "[KEY-MODE] (a.key)" "$AVER" key show a.key
chmod 600 a.key
sed 's/^seed ./seed z/' a.key >b.key && chmod 600 b.key
expect 1 "[KEY-FORM]" "$AVER" key show b.key
{ sed -n 1p a.key; grep public "$CLINIC"; grep seed a.key; } >b.key
expect 1 "the file was altered" "$AVER" key show b.key
head -c 100000 /dev/zero >b.key
expect 1 "[FILE-SIZE]" "$AVER" key show b.key
expect 1 "[KEY-FORM]" "$AVER" key show "$T"

visit V-1 M-1001 150 99213 20260305 >v.837
expect 0 "V-1" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC"
expect 64 "32 hexadecimal digits" "$AVER" key revoke xyz --reason r --ledger "$L" --key "$OPS"
expect 1 "[KEY-UNKNOWN]" "$AVER" key revoke "$kid" --reason r --ledger "$L" --key "$OPS"
expect 0 "revoked" "$AVER" key rotate clinic new.key --ledger "$L" --key "$OPS"
visit V-2 M-1001 150 99213 20260306 >w.837
expect 1 "[TX-KEY-REVOKED]" "$AVER" submit w.837 --ledger "$L" --key "$CLINIC"
expect 0 "V-2" "$AVER" submit w.837 --ledger "$L" --key new.key
kid=$("$AVER" key show new.key | sed -n 's/^kid *//p')
expect 0 "revoked" "$AVER" key revoke "$kid" --reason "laptop lost" --ledger "$L" --key "$OPS"
expect 1 "[OUT-CONFLICT]" "$AVER" key revoke "$kid" --reason again --ledger "$L" --key "$OPS"
expect 1 "[TX-KEY-REVOKED]" "$AVER" submit w.837 --ledger "$L" --key new.key
expect 1 "[PARTY-UNKNOWN]" "$AVER" key rotate nobody n.key --ledger "$L" --key "$OPS"
[ -e n.key ] && bad "a key was made for a party that is not there"
