#!/bin/sh
# tests/interop/go.sh PROGRAM - runs one of the Go programs beside it over tests/vectors. They need Go and, the first time, the
# module proxy; the versions are those of go.mod and go.sum. Without either the test is skipped, and says so.
set -u
here=$(cd "$(dirname "$0")" && pwd)
skip() {
    echo "skipped: $*"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
}
PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null 2>&1 || skip "go is not installed"
cd "$here/$1" || exit 1
export GOFLAGS=-mod=readonly GOTOOLCHAIN=local
timeout 120 go mod download >/dev/null 2>&1 || skip "the modules of tests/interop/$1/go.mod are not here and the module proxy cannot be reached"
exec go run -buildvcs=false . ../../vectors
