#!/bin/sh
# tests/lint/lint.sh - what the code base promises about itself, checked on its text: which way includes point, who owns which
# library, no floating point near money, nothing below storage that reads the world, length, headers, banned functions.
#
# POSIX sh and awk only. A finding is one line "FILE:LINE: RULE: what to do". The last line counts rules, not findings.
set -u
cd "$(dirname "$0")/../.." || exit 2
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# Tracked files; without git (a source archive) whatever lies here and was not built.
if ! git ls-files >"$work/all" 2>/dev/null || [ ! -s "$work/all" ]; then
    find . \( -name .git -o -name __pycache__ -o -path ./build -o -path ./bin -o -path ./demo-ledger \) -prune -o -type f -print |
        sed 's,^\./,,' >"$work/all"
fi
# A file may be deleted and not yet committed.
while IFS= read -r f; do [ -f "$f" ] && printf '%s\n' "$f"; done <"$work/all" | sort >"$work/files"
grep -E '\.[ch]$' "$work/files" >"$work/c"

RULES="include-direction library-owner no-floating-point pure banned-function file-header file-length \
build-product large-file workplace-path code-documented style"

# Every rule about C text, in one pass. Comments are blanked; string and character literals too, but not in #include.
xargs awk '
function rank(path) {
    if (path ~ /^base\//) return 1
    if (path ~ /^vm\//) return 2
    if (path ~ /^ledger\/model\//) return 3
    if (path ~ /^ledger\/transition\//) return 4
    if (path ~ /^ledger\/storage\//) return 5
    if (path ~ /^adapters\//) return 6
    if (path ~ /^aver\//) return 7
    if (path ~ /^tests\//) return 9
    return 0
}
function say(rule, what) { printf "%s:%d: %s: %s\n", FILENAME, FNR, rule, what }
function word(w) { return match(code, "(^|[^A-Za-z0-9_])" w "([^A-Za-z0-9_]|$)") }
# A call of a library function: not a member (.time, ->time), not part of a longer name.
function calls(w) { return match(code, "(^|[^A-Za-z0-9_.>])" w "[ \t]*\\(") }
# The line without comments and literals; `inside` remembers an open comment.
function strip(s,    out, c, two, i, n) {
    out = ""; n = length(s)
    for (i = 1; i <= n; i++) {
        two = substr(s, i, 2); c = substr(s, i, 1)
        if (inside) { if (two == "*/") { inside = 0; i++ } continue }
        if (two == "/*") { inside = 1; i++; out = out " "; continue }
        if (two == "//") break
        if (c == "\"" || c == "\047") {
            for (i++; i <= n && substr(s, i, 1) != c; i++) if (substr(s, i, 1) == "\\") i++
            out = out c c; continue
        }
        out = out c
    }
    return out
}
FNR == 1 {
    inside = 0; mine = rank(FILENAME)
    if (index($0, "/* " FILENAME " - ") != 1)
        say("file-header", "begin the file with \"/* " FILENAME " - what it is\"")
    if (mine == 0) say("include-direction", "no C file belongs in this directory")
}
FNR == 801 { say("file-length", "more than 800 lines: split the file by its reasons to change") }
{ code = strip($0) }
code ~ /^[ \t]*#[ \t]*include/ {
    target = $0
    sub(/^[^"<]*["<]/, "", target); sub(/[">].*$/, "", target)
    if (code ~ /include[ \t]*""/) {
        if (rank(target) == 0 && mine < 9) say("include-direction", "include \"" target "\" by its path from the root")
        else if (rank(target) > mine) say("include-direction", "includes upward: " target)
    } else {
        if ((target == "lua.h" || target == "lauxlib.h" || target == "lualib.h") && mine != 2)
            say("library-owner", "only vm/ includes " target)
        if (target == "sodium.h" && mine != 1 && mine != 5 && mine != 9)
            say("library-owner", "only base/ and ledger/storage/ include sodium.h")
        if (target == "lmdb.h" || target == "yaml.h" || target == "microhttpd.h") {
            if ((target in owner) && owner[target] != FILENAME) say("library-owner", owner[target] " owns " target)
            owner[target] = FILENAME
        }
    }
    next
}
mine < 7 && (word("double") || word("float")) {
    say("no-floating-point", "money, gas and dates are integers")
}
mine <= 4 {
    n = split("time clock clock_gettime gettimeofday localtime gmtime mktime getenv secure_getenv rand random srand open fopen freopen", f, " ")
    for (k = 1; k <= n; k++)
        if (calls(f[k])) say("pure", f[k] "() reads the world: take the value as an argument")
}
{
    n = split("strcpy strcat sprintf vsprintf strtok atoi atol atof gets", f, " ")
    for (k = 1; k <= n; k++)
        if (calls(f[k])) say("banned-function", f[k] "() has no bound or no error: use base/bytes.h")
}
' <"$work/c" >"$work/findings"

grep -nE '\.(o|a|so|gcda|gcno|mdb|tmp|swp|pyc)$|(^|/)(build|bin|__pycache__|demo-ledger)/' "$work/files" |
    sed 's/^[0-9]*:\(.*\)$/\1:1: build-product: it is made from other files: remove it and add it to .gitignore/' >>"$work/findings"
# Nothing that people wrote here comes near it: it slipped in.
xargs wc -c <"$work/files" | awk '$2 != "total" && $1 > 262144 {
    print $2 ":1: large-file: " $1 " bytes, at most 262144: remove it, or let the tests make it"
}' >>"$work/findings"
# Brackets, so that this file does not match itself.
xargs grep -nIE '/wor[k]/|/tm[p]/wt' <"$work/files" /dev/null 2>/dev/null |
    sed 's/^\([^:]*:[0-9]*\):.*$/\1: workplace-path: name no path of one machine/' >>"$work/findings"
# A code that a program can print, "BUNDLE-PACK", stands in docs/outcomes.md by itself or by its family, BUNDLE-*.
if [ -f docs/outcomes.md ]; then
    tr -c 'A-Z0-9*-' '\n' <docs/outcomes.md | grep -E '^[A-Z0-9]+-[A-Z0-9*-]+$' | sort -u >"$work/codes"
    grep -E '^(base|vm|ledger|adapters|aver)/.*\.c$' "$work/c" | xargs awk -v codes="$work/codes" '
    BEGIN { while ((getline code < codes) > 0) known[code] = 1 }
    {
        for (rest = $0; match(rest, /"[A-Z][A-Z0-9]*-[A-Z0-9-]*[A-Z0-9]"/); rest = substr(rest, RSTART + RLENGTH)) {
            code = substr(rest, RSTART + 1, RLENGTH - 2)
            family = code; sub(/-.*/, "-*", family)
            if (code in known || family in known || code == "YYYY-MM-DD" || length(family) > 10) continue
            printf "%s:%d: code-documented: say in docs/outcomes.md what %s means\n", FILENAME, FNR, code
        }
    }' >>"$work/findings"
fi
skipped=0
if command -v clang-format >/dev/null 2>&1; then
    xargs clang-format --dry-run -Werror <"$work/c" 2>&1 |
        sed -n 's/^\([^ :]*:[0-9]*\):[0-9]*: error: .*$/\1: style: run make format/p' |
        awk -F: '!seen[$1]++' >>"$work/findings"
else
    echo "lint: clang-format is not installed; style is not checked"
    skipped=1
fi

sort -t: -k1,1 -k2,2n "$work/findings"
failed=0
total=0
for rule in $RULES; do
    total=$((total + 1))
    grep -q ": $rule: " "$work/findings" && failed=$((failed + 1))
done
passed=$((total - failed - skipped))
if [ "$skipped" -gt 0 ]; then echo "$passed passed, $failed failed, $skipped skipped"; else echo "$passed passed, $failed failed"; fi
[ "$failed" -eq 0 ]
