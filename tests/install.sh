#!/bin/sh
# tests/install.sh [--quick|--build] - installs from Debian what this machine lacks, and only that. Needs root or sudo only
# when something is missing. --build: what `make` needs; --quick: the tests' libraries too; otherwise all that the tests use.
set -u
what=${1-}
missing=
need() { missing="$missing $1"; }
have() { command -v "$1" >/dev/null 2>&1; }

have make || need make
have gcc || need gcc
# The headers of the C library come with gcc only as a recommendation.
[ -f /usr/include/stdio.h ] || need libc6-dev
if have pkg-config; then
    pkg-config --exists lua5.4 || need liblua5.4-dev
    pkg-config --exists libsodium || need libsodium-dev
    pkg-config --exists lmdb || need liblmdb-dev
    pkg-config --exists yaml-0.1 || need libyaml-dev
    [ "$what" = --build ] || pkg-config --exists cmocka || need libcmocka-dev
else
    missing="$missing pkg-config liblua5.4-dev libsodium-dev liblmdb-dev libyaml-dev"
    [ "$what" = --build ] || need libcmocka-dev
fi
if [ -z "$what" ]; then
    have clang || need clang
    have clang-format || need clang-format
    have python3 || need python3
fi
missing=${missing# }
[ -n "$missing" ] || exit 0

if ! have apt-get; then
    echo "These are missing and this is no Debian to install them on; install their like: $missing" >&2
    exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! have sudo; then
        echo "Not root and there is no sudo: run as root: apt-get install -y --no-install-recommends $missing" >&2
        exit 1
    fi
    as_root=sudo
fi
echo "installing: $missing"
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
# Word splitting is meant: a list of package names.
if ! { $as_root apt-get update &&
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 40 "$log"
    echo "apt-get failed (above); run: ${as_root:+sudo }apt-get install -y --no-install-recommends $missing" >&2
    exit 1
fi
