#!/bin/sh
# tests/e2e/demo_files.sh [all] - the demo's story over other people's 837P files: it ends well, the audit says same, and every
# claim that tests/expect-837.tsv accepts is accepted. A few files, mixed ones among them; with `all`, every file of the list.
# The files are third-party data: $AVER_DATA, ../shared/data when unset.
set -u
cd "$(dirname "$0")/../.." || exit 2
data=${AVER_DATA:-../shared/data}
if [ ! -d "$data" ]; then
    echo "$data is not there; set AVER_DATA"
    if [ -n "${CI-}" ]; then echo "0 passed, 1 failed"; else echo "0 passed, 0 failed, 1 skipped"; fi
    [ -z "${CI-}" ]
    exit
fi
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
export AVER_DEMO_DIR="$dir/demo-ledger"
# Of the accepted ones every third; of those rejected whole every twentieth: then the story goes on without claims.
grep -v '^#' tests/expect-837.tsv | awk -F'\t' -v all="${1-}" '
all == "all" || ($2 > 0 && a++ % 3 == 0) || ($2 == 0 && r++ % 20 == 0) { print $2 "\t" $3 "\t" $1 }' >"$dir/list"
passed=0
failed=0
while IFS="$(printf '\t')" read -r accepted rejected file; do
    sh examples/demo.sh "$data/$file" >"$dir/out" 2>&1 </dev/null
    code=$?
    if [ $code -eq 0 ] && grep -q "aver submit: $accepted accepted, 0 filed before," "$dir/out" && grep -q '^ *same$' "$dir/out"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok: $file: exit $code; expected $accepted accepted ($rejected rejected), same"
        tail -n 30 "$dir/out" | cut -c 1-200
    fi
done <"$dir/list"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
