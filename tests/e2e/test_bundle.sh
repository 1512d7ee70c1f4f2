# One claim in one file, and the small program that checks it with no ledger in reach.
. "$E2E/lib.sh"
begin bundle
ledger
VERIFY=${AVER%/*}/aver-verify
visit V-1 M-1001 150 99213 20260305 V-2 60 >v.837
expect 0 "V-1" "$AVER" submit v.837 --ledger "$L" --key "$CLINIC"
expect 0 "+" "$AVER" log vkey --ledger "$L"
cp "$T/.out" node.vkey
for reader in provider member auditor; do
    expect 0 "aver-verify" "$AVER" bundle V-1 --for $reader --out $reader.bundle --ledger "$L"
done
[ "$(stat -c %a auditor.bundle)" = 600 ] || bad "others may read the bundle"
expect 0 '"for":"member"' "$AVER" bundle V-2 --for member --no-pack --out bare.bundle --ledger "$L" --json
key=$(field node_key)
mv "$L" gone
for reader in provider member auditor; do
    expect 0 "comes out the same" "$VERIFY" $reader.bundle --node-key node.vkey
    [ "$(tail -1 "$T/.out")" = same ] || bad "the last line is not the verdict"
    # No key, no trust: the third answer, and what it would be.
    expect 2 "same, if the log key" "$VERIFY" $reader.bundle
    says "[BUNDLE-TRUST]"
done
printf 'log %s\nquorum none\n' "$key" >trust.policy
expect 0 '"verdict":"same"' "$VERIFY" auditor.bundle --policy trust.policy --json
expect 0 "same" "$VERIFY" auditor.bundle --policy trust.policy --node-key "$key"

# Without contracts and policy, which another bundle, or files, can lend.
expect 2 "[BUNDLE-PACK]" "$VERIFY" bare.bundle --node-key "$key"
expect 0 "same" "$VERIFY" bare.bundle --node-key "$key" --pack member.bundle
mkdir pack && cp member.bundle pack
expect 0 "same" "$VERIFY" bare.bundle --node-key "$key" --pack pack

# One byte in the middle; another log's key; no bundle at all.
size=$(stat -c %s auditor.bundle)
for at in 1 $((size / 3)) $((size / 2)) $((size - 1)); do
    cp auditor.bundle bent
    old=$(od -An -tu1 -j "$at" -N 1 bent)
    printf "\\$(printf %o $((old ^ 1)))" | dd of=bent bs=1 seek="$at" conv=notrunc 2>/dev/null
    expect 2 "could not check" "$VERIFY" bent --node-key "$key"
    silent "differs"
done
cp -R "$BASE/ledger" other
expect 0 "" "$AVER" init elsewhere --chain elsewhere
expect 0 "" "$AVER" log vkey --ledger elsewhere
cp "$T/.out" elsewhere.vkey
expect 2 "another log" "$VERIFY" auditor.bundle --node-key elsewhere.vkey
expect 2 "could not check" "$VERIFY" v.837 --node-key "$key"
expect 2 "[NO-FILE]" "$VERIFY" nowhere --node-key "$key"
expect 64 "FILE is missing" "$VERIFY"
expect 64 "--node-key" "$VERIFY" auditor.bundle --node-key nonsense
expect 64 "" "$VERIFY" auditor.bundle --no-such-option
expect 0 "Examples" "$VERIFY" --help
expect 64 "provider, member" "$AVER" bundle V-1 --for everybody --out x --ledger gone
expect 1 "[CLAIM-UNKNOWN]" "$AVER" bundle NONE --for member --out x --ledger gone
[ -e x ] && bad "a bundle of nothing was written"

# The verifier is small: neither of the libraries that it could not need.
if command -v ldd >/dev/null 2>&1; then
    ldd "$VERIFY" >"$T/.out" 2>&1
    : >"$T/.err"
    silent lmdb
    silent yaml
fi
if command -v nm >/dev/null 2>&1; then
    nm "$VERIFY" 2>/dev/null | grep -E ' (mdb|yaml)_' >"$T/.out"
    [ -s "$T/.out" ] && bad "it links $(head -1 "$T/.out")"
fi
