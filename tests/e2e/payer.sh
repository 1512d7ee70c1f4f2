#!/bin/sh
# tests/e2e/payer.sh - the five minutes of a payer (examples/payer.sh) say what examples/payer.expected has; what differs from run to
# run or with the contracts' source is left out: ids, digests, lines of contracts, sizes and times. AVER_GOLDEN=1 writes the file anew.
set -u
cd "$(dirname "$0")/../.." || exit 2
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
AVER_DEMO_DIR="$dir/demo-payer" sh examples/payer.sh >"$dir/said" 2>&1 || {
    tail -n 20 "$dir/said"
    echo "0 passed, 1 failed"
    exit 1
}
sed -E 's/\b[0-9A-Z]{24}\b/CLAIM-ID/g; s/\b[0-9a-f]{64}\b/DIGEST/g; s/[0-9a-f]{12}\.\.\./DIGEST/g
s/ +[a-z]+\.lua:[0-9]+( < [0-9]+)*$//; s/[0-9]+ bytes$/N bytes/; s/entry [0-9]+ of/entry N of/; s/height [0-9]+\./height N./
s/, [0-9]+ files$/, N files/; s,'"$dir/"',,g' "$dir/said" >"$dir/plain"
[ -z "${AVER_GOLDEN-}" ] || cp "$dir/plain" examples/payer.expected
if diff examples/payer.expected "$dir/plain"; then
    echo "1 passed, 0 failed"
else
    echo "0 passed, 1 failed"
    exit 1
fi
