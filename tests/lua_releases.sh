#!/bin/sh
# tests/lua_releases.sh DIR - another release of Lua 5.4 against the one of the system: both must give the same outcomes, lines and
# gas for every file of tests/bombs and two corpora, for 10,000 generated programs, and for every claim of the scenarios.
#
# DIR holds the release's sources (lapi.c, lua.h ...), or lua.h and liblua.a, in itself or in include/, lib/, src/. The package
# "lupa" of the Python index carries such sources:
#
#     pip download --no-deps --no-binary lupa lupa==VERSION && tar xf lupa-VERSION.tar.gz
#     make lua-releases LUA=lupa-VERSION/third-party/lua54
set -u
cd "$(dirname "$0")/.." || exit 2
dir=${1:-}
[ -n "$dir" ] && [ -d "$dir" ] || {
    echo "usage: tests/lua_releases.sh DIR (the sources of a Lua 5.4, or its lua.h and liblua.a)" >&2
    exit 64
}
dir=$(cd "$dir" && pwd)
include=
library=
for sub in . include src include/lua5.4; do [ -n "$include" ] || [ ! -f "$dir/$sub/lua.h" ] || include=$dir/$sub; done
for sub in . lib src; do [ -n "$library" ] || [ ! -f "$dir/$sub/liblua.a" ] || library=$dir/$sub/liblua.a; done
[ -n "$include" ] || {
    echo "tests/lua_releases.sh: no lua.h in $dir" >&2
    exit 2
}
number() { sed -n "s/^#define LUA_VERSION_$1[[:space:]]*\"\{0,1\}\([0-9]*\)\"\{0,1\}.*/\1/p" "$include/lua.h" | head -1; }
# Lua 5.4 writes its numbers as texts, later ones as numbers.
release=$(number MAJOR).$(number MINOR).$(number RELEASE)
case $release in 5.4.[0-9]*) ;; *)
    echo "tests/lua_releases.sh: $include/lua.h is of Lua $release, and contracts run on 5.4" >&2
    exit 2
    ;;
esac
build=build/lua-$release
mkdir -p "$build"
if [ -f "$include/lapi.c" ]; then
    # From sources always, so that the library is of this lua.h and of this machine.
    library=$PWD/$build/liblua.a
    rm -f "$library"
    for source in "$include"/l*.c; do
        case ${source##*/} in lua.c | luac.c | ltests.c) continue ;; esac
        object=$build/${source##*/}
        ${CC:-gcc} -std=gnu99 -O2 -DLUA_USE_LINUX -I"$include" -c -o "${object%.c}.o" "$source" || exit 2
        ar rcs "$library" "${object%.c}.o" || exit 2
    done
fi
[ -n "$library" ] || {
    echo "tests/lua_releases.sh: neither liblua.a nor lapi.c in $dir" >&2
    exit 2
}
here=$(pkg-config --modversion lua5.4)
echo "Lua $here of the system, Lua $release of $library"

packages='libsodium lmdb yaml-0.1'
unset MAKEFLAGS MFLAGS MAKELEVEL
make -s V=dev tools program >"$build/build.log" 2>&1 &&
    make -s V=dev B="$build" PKGS="$packages" CFLAGS="-I$include" \
        LDLIBS="$library -lm -ldl $(pkg-config --libs $packages) -lpthread" \
        "$build/tools/gas" "$build/aver/aver" >>"$build/build.log" 2>&1 || {
    tail -20 "$build/build.log"
    exit 2
}

passed=0
failed=0
find tests/bombs tests/fuzz/corpus/vm tests/fuzz/corpus/dialect -type f | LC_ALL=C sort >"$build/files"

# both NAME FILTER ARGUMENTS...: the same from build/dev and from the other build; lines that FILTER matches are counted.
both() {
    name=$1
    filter=$2
    shift 2
    "$@" build/dev >"$build/here" 2>&1
    "$@" "$build" >"$build/there" 2>&1
    count=$(grep -cE "$filter" "$build/here")
    if [ "$count" -gt 0 ] && cmp -s "$build/here" "$build/there"; then
        passed=$((passed + 1))
        echo "same:    $name, $count"
    else
        failed=$((failed + 1))
        echo "not ok: $name: $(grep -cE "$filter" "$build/here") and $(grep -cE "$filter" "$build/there")"
        diff "$build/here" "$build/there" | head -10
    fi
}
files() { xargs "$1/tools/gas" <"$build/files"; }
random() { "$1/tools/gas" --random 1 10000; }
scenarios() { "$1/aver/aver" contract test tests/scenarios -vvv | sed 's/ *[0-9.]* s$//'; } # without the time it took
costs() { "$1/aver/aver" contract gas tests/scenarios; }
both 'outcomes of bombs and corpora' '.' files
both 'outcomes of generated programs' '.' random
both 'scenarios, with each cent, line and gas' '^ ok ' scenarios
both 'gas of each scenario by stage' '[0-9]' costs
# The other one really is another one.
if [ "$here" = "$release" ]; then echo "note: both are Lua $release"; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
