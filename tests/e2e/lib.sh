# tests/e2e/lib.sh - what each end-to-end test begins with. A test is a POSIX sh script: it sources this file, calls
# `begin NAME`, makes its checks, and ends; it prints "ok NAME" or "not ok NAME" with what went wrong.
#
# run.sh sets AVER (the program), BASE (a prepared ledger with its keys, made once), and E2E (this directory).
set -u
: "${AVER:?run tests/e2e/run.sh}" "${BASE:?}" "${E2E:?}"
unset AVER_LEDGER AVER_CLOCK_MS

begin() {
    NAME=$1
    BAD=0
    T=$(mktemp -d "${TMPDIR:-/tmp}/aver-e2e.XXXXXX") || exit 1
    trap finish EXIT
    cd "$T" || exit 1
}

# A shell that gives up half way (an unset variable: 2 and more) is no success; 1 may be what the last check left.
finish() {
    status=$?
    cd /
    rm -rf "$T"
    if [ "$BAD" -eq 0 ] && [ "$status" -le 1 ]; then
        echo "ok $NAME"
        exit 0
    fi
    echo "not ok $NAME"
    exit 1
}

bad() {
    echo "  $NAME: $*" >&2
    BAD=1
}

# A copy of the prepared ledger, in $L, with its keys in $L/keys: operations.key, compliance.key, clinic.key.
ledger() {
    cp -R "$BASE/ledger" "$T/ledger"
    L=$T/ledger
    OPS=$L/keys/operations.key
    COM=$L/keys/compliance.key
    CLINIC=$L/keys/clinic.key
}

# expect CODE TEXT COMMAND...: runs it, wants this exit code, and TEXT (a fixed string, may be empty) in what it says.
expect() {
    want=$1 text=$2
    shift 2
    "$@" >"$T/.out" 2>"$T/.err" </dev/null
    got=$?
    if [ "$got" -ne "$want" ]; then
        bad "exit $got, not $want: $*"
        sed 's/^/    /' "$T/.out" "$T/.err" | head -20 >&2
    fi
    if [ -n "$text" ] && ! cat "$T/.out" "$T/.err" | grep -qF -- "$text"; then
        bad "nothing says \"$text\": $*"
        sed 's/^/    /' "$T/.out" "$T/.err" | head -20 >&2
    fi
}

# says TEXT: the last command's output has it, too.
says() { cat "$T/.out" "$T/.err" | grep -qF -- "$1" || {
    bad "nothing says \"$1\""
    sed 's/^/    /' "$T/.out" "$T/.err" | head -20 >&2
}; }
silent() { cat "$T/.out" "$T/.err" | grep -qF -- "$1" && bad "something says \"$1\""; }

# visit PCN MEMBER CHARGE PROCEDURE DAY [PCN2 CHARGE2]: an 837P of one claim, or of two for the same patient.
visit() {
    n=23
    cat <<END
ISA*00*          *00*          *ZZ*RIDGECLINIC    *ZZ*SUMMIT01       *260306*1200*^*00501*000000101*0*T*:~
GS*HC*RIDGECLINIC*SUMMIT01*20260306*1200*101*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*101*20260306*1200*CH~
NM1*41*2*RIDGE CLINIC*****46*RIDGECLINIC~
PER*IC*BILLING*TE*3035550100~
NM1*40*2*SUMMIT HEALTH PLAN*****46*SUMMIT01~
HL*1**20*1~
NM1*85*2*RIDGE CLINIC*****XX*1234567893~
N3*1 RIDGE ROAD~
N4*DENVER*CO*802020000~
REF*EI*123456789~
HL*2*1*22*0~
SBR*P*18*******CI~
NM1*IL*1*DOE*ANN****MI*$2~
N3*2 ELM STREET~
N4*DENVER*CO*80203~
DMG*D8*19800102*F~
NM1*PR*2*SUMMIT HEALTH PLAN*****PI*SUMMIT01~
CLM*$1*$3***11:B:1*Y*A*Y*Y~
HI*ABK:J069~
LX*1~
SV1*HC:$4*$3*UN*1***1~
DTP*472*D8*$5~
END
    [ $# -gt 5 ] && cat <<END
CLM*$6*$7***11:B:1*Y*A*Y*Y~
HI*ABK:J069~
LX*1~
SV1*HC:$4*$7*UN*1***1~
DTP*472*D8*$5~
END
    [ $# -gt 5 ] && n=28
    cat <<END
SE*$n*0001~
GE*1*101~
IEA*1*000000101~
END
}

# field NAME: a text or number of the first JSON line on the last command's output.
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p" "$T/.out" | head -1; }
