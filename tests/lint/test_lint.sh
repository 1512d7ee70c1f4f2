#!/bin/sh
# tests/lint/test_lint.sh - a lint that never finds anything proves nothing: one bad file for each rule, and the rule finds it;
# a good file, and nothing does.
set -u
cd "$(dirname "$0")" || exit 2
lint=$PWD/lint.sh
dir=$(mktemp -d) || exit 2
trap 'rm -rf "$dir"' EXIT
passed=0
failed=0

# case RULE|none PATH LINES...: a tree of just this file, with its head comment.
try() {
    rule=$1 path=$2
    shift 2
    rm -rf "$dir/tree"
    mkdir -p "$dir/tree/tests/lint" "$dir/tree/$(dirname "$path")"
    cp "$lint" "$dir/tree/tests/lint/lint.sh"
    { [ "$rule" = file-header ] || printf '/* %s - a file. */\n' "$path"
      printf '%s\n' "$@"; } >"$dir/tree/$path"
    found=$(sh "$dir/tree/tests/lint/lint.sh" | sed -n "s,^$path:[0-9]*: \([a-z-]*\): .*,\1,p" | grep -v '^style$' | sort -u | tr '\n' ' ')
    [ "$rule" = none ] && want= || want="$rule "
    if [ "$found" = "$want" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok: $path: wanted \"$want\", found \"$found\": $*"
    fi
}

try include-direction base/a.c '#include "vm/vm.h"'
try include-direction vm/a.c '#include "ledger/model/claim.h"'
try include-direction ledger/model/a.c '#include "ledger/transition/view.h"'
try include-direction ledger/transition/a.c '#include "ledger/storage/ledger.h"'
try include-direction ledger/storage/a.c '#include "adapters/csv.h"'
try include-direction adapters/a.c '#include "aver/command.h"'
try include-direction aver/a.c '#include "tests/unit/world.h"'
try include-direction base/a.c '#include "bytes.h"'
try include-direction other/a.c 'int a;'
try none aver/a.c '#include "ledger/storage/ledger.h"' '#include "base/bytes.h"' '#include <stdio.h>'
try none tests/unit/a.c '#include "aver/command.h"' '#include <sodium.h>'
try library-owner aver/a.c '#include <lua.h>'
try library-owner base/a.c '#include <lauxlib.h>'
try library-owner vm/a.c '#include <sodium.h>'
try none vm/a.c '#include <lua.h>'
try no-floating-point base/a.c 'static double a;'
try no-floating-point adapters/a.c 'static float a;'
try none base/a.c '/* never a double */' 'static int doubles; // float' 'static const char *a = "double";' '/*' 'a double' '*/'
try none aver/a.c 'static double seconds;'
try pure ledger/transition/a.c 'void a(void) { time(NULL); }'
try pure base/a.c 'void a(void) { getenv ("HOME"); }'
try pure vm/a.c 'void a(void) { fopen("x", "r"); }'
try none ledger/model/a.c 'void a(void) { view->time(0); my_time(0); s.open(1); }'
try none ledger/storage/a.c 'void a(void) { time(NULL); }'
try banned-function aver/a.c 'void a(char *b) { strcpy(b, b); }'
try banned-function tests/unit/a.c 'void a(char *b) { sprintf(b, b); }'
try none aver/a.c 'void a(char *b) { snprintf(b, 1, b); aver_strcpy(b); }'
try file-header base/a.c 'int a;'
try file-length base/a.c "$(awk 'BEGIN { for (i = 0; i < 800; i++) print "int a;" }')"
try none base/a.c "$(awk 'BEGIN { for (i = 0; i < 799; i++) print "int a;" }')"
try workplace-path base/a.c "/* see /wo""rk/main */"
try build-product base/a.o ''
try large-file adapters/claims.837 "$(awk 'BEGIN { for (i = 0; i < 26215; i++) print "123456789" }')"
try none adapters/claims.837 "$(awk 'BEGIN { for (i = 0; i < 100; i++) print "123456789" }')"

# Two owners of one library.
rm -rf "$dir/tree"
mkdir -p "$dir/tree/tests/lint" "$dir/tree/adapters"
cp "$lint" "$dir/tree/tests/lint/lint.sh"
for f in a b; do printf '/* adapters/%s.c - a file. */\n#include <yaml.h>\n' $f >"$dir/tree/adapters/$f.c"; done
if sh "$dir/tree/tests/lint/lint.sh" | grep -q '^adapters/b.c:2: library-owner: adapters/a.c owns yaml.h'; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "not ok: two files include yaml.h"
fi
# Codes that docs/outcomes.md has, by itself or by their family, and one that it has not.
rm -rf "$dir/tree"
mkdir -p "$dir/tree/tests/lint" "$dir/tree/aver" "$dir/tree/docs"
cp "$lint" "$dir/tree/tests/lint/lint.sh"
printf '| A-ONE, B-* | words |\n' >"$dir/tree/docs/outcomes.md"
printf '/* aver/a.c - a file. */\n%s\n%s\n' 'static const char *a[] = {"A-ONE", "B-TWO-C",' '"A-TWO", "a-three"};' >"$dir/tree/aver/a.c"
found=$(sh "$dir/tree/tests/lint/lint.sh" | grep code-documented)
if [ "$found" = "aver/a.c:3: code-documented: say in docs/outcomes.md what A-TWO means" ]; then
    passed=$((passed + 1))
else
    failed=$((failed + 1))
    echo "not ok: codes: $found"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
