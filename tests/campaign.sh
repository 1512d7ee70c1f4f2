#!/bin/sh
# tests/campaign.sh [HOURS] - every fuzz target in turn, HOURS (1; 0.25 is a quarter) shared among them, each from its corpus and
# from what earlier campaigns found. Ends with a table of executions and crashes, and fails on any crash.
#
# What is found stays in build/fuzz/campaign: NAME/ the corpus, crashes/NAME-* what to give the target again. It needs
# make V=fuzz fuzzers. Runs at low priority.
set -u
cd "$(dirname "$0")/.." || exit 2
hours=${1:-1}
kept=build/fuzz/campaign
mkdir -p "$kept/crashes"
targets=$(for source in tests/fuzz/fuzz_*.c; do n=${source##*/fuzz_}; echo "${n%.c}"; done)
count=$(echo "$targets" | wc -l)
seconds=$(awk -v h="$hours" -v n="$count" 'BEGIN { s = h * 3600 / n; print s < 1 ? 0 : int(s) }')
[ "$seconds" -gt 0 ] || {
    echo "usage: tests/campaign.sh HOURS, enough for a second for each of $count targets" >&2
    exit 64
}
fixed="setarch $(uname -m) -R" # where a container allows it: see tests/run.sh
$fixed true 2>/dev/null || fixed=
table=$kept/table
: >"$table"
bad=0
for name in $targets; do
    target=build/fuzz/fuzz/fuzz_$name
    mkdir -p "$kept/$name"
    before=$(ls "$kept/$name" | wc -l)
    nice -n 19 $fixed "$target" "$kept/$name" "tests/fuzz/corpus/$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
        -artifact_prefix="$kept/crashes/$name-" -print_final_stats=1 >"$kept/$name.log" 2>&1 </dev/null
    code=$?
    crashes=$(ls "$kept/crashes" | grep -c "^$name-")
    [ "$code" -eq 0 ] || [ "$crashes" -gt 0 ] || crashes=1 # it could not even start, or left nothing
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$kept/$name.log")
    printf '%-16s %12s %8s %8s %8s\n' "$name" "${runs:-?}" "$seconds" "$(($(ls "$kept/$name" | wc -l) - before))" "$crashes" >>"$table"
    tail -n 1 "$table"
    if [ "$crashes" -gt 0 ]; then
        bad=$((bad + 1))
        grep -E 'ERROR|SUMMARY|assert' "$kept/$name.log" | head -5
    fi
done
echo
printf '%-16s %12s %8s %8s %8s\n' target executions seconds new crashes
cat "$table"
awk -v bad="$bad" '{ n += $2 } END { printf "%d targets, %d executions, %d with crashes\n", NR, n, bad }' "$table"
[ "$bad" -eq 0 ]
