#!/bin/sh
# examples/demo-data.sh OUT FILE.837... - makes an insurer for somebody else's 837P files: OUT/members.csv enrols everyone on
# their claims, OUT/fees.csv pays 80 % of each procedure's charge, OUT/providers.csv has every billing NPI in network, and
# OUT/policy.yaml is the Summit policy for all years, with one benefit for all their procedures.
#
# A demonstration only: nothing of this decides anything outside the demo. POSIX sh and awk.
set -u
LC_ALL=C
export LC_ALL
out=$1
shift
here=$(dirname "$0")
mkdir -p "$out" || exit 1

# Every file as lines "|" and elements separated by "|", whatever delimiters its ISA says.
for file in "$@"; do
    isa=$(tr -d '\r\n' <"$file" | head -c 106)
    element=$(printf '%s' "$isa" | cut -c 4)
    component=$(printf '%s' "$isa" | cut -c 105)
    # A line break may be the terminator itself.
    terminator=$(head -c 106 "$file" | tail -c 1)
    [ -n "$element" ] && [ -n "$component" ] || continue
    echo "FILE|$component"
    tr -d '|' <"$file" | if [ -n "$terminator" ]; then tr "$terminator" '\n'; else cat; fi | tr -d '\r' | tr "$element" '|'
done | awk -F'|' -v out="$out" '
# Printable ASCII only, quoted where CSV wants it.
function clean(text) {
    gsub(/[^ -~]/, "?", text); sub(/^ +/, "", text); sub(/ +$/, "", text)
    return text
}
function cell(text) {
    text = clean(text)
    if (text ~ /[",]/) { gsub(/"/, "\"\"", text); text = "\"" text "\"" }
    return text
}
function day(text) {
    if (text !~ /^[12][0-9][0-9][0-9][01][0-9][0-3][0-9]$/) return "1970-01-01"
    return substr(text, 1, 4) "-" substr(text, 5, 2) "-" substr(text, 7, 2)
}
function sex(text) { return text == "F" || text == "M" ? text : "U" }
function relationship(code) { return code == "01" ? "spouse" : code == "19" ? "child" : "other" }
function subscriber(    key) {
    if (id == "" || id in seen) return
    seen[id] = ++families
    first_of[id] = first == "" ? "UNKNOWN" : first
    last_of[id] = last == "" ? "UNKNOWN" : last
    born[id] = day(dob); sex_of[id] = sex(gender)
}
function dependant(    key) {
    key = id SUBSEP p_dob SUBSEP p_first
    if (id == "" || p_dob == "" || key in seen_dependant) return
    seen_dependant[key] = 1
    n = ++dependants
    d_of[n] = id; d_number[n] = ++count[id]
    d_first[n] = p_first == "" ? "UNKNOWN" : p_first; d_last[n] = p_last == "" ? "UNKNOWN" : p_last
    d_born[n] = day(p_dob); d_sex[n] = sex(p_gender); d_rel[n] = relationship(p_rel)
}
{ sub(/^[ \t]+/, "", $1) }
$1 == "FILE" { component = $2; next }
$1 == "HL" { level = $4; in_claim = 0; if (level == 22) id = first = last = dob = gender = ""; p_dob = p_first = p_last = p_gender = p_rel = "" }
$1 == "PAT" && level == 23 && !in_claim { p_rel = $2 }
$1 == "NM1" && $2 == "IL" && level == 22 && !in_claim { id = clean($10); last = $4; first = $5; person = "IL" }
$1 == "NM1" && $2 == "QC" && level == 23 && !in_claim { p_last = $4; p_first = $5; person = "QC" }
$1 == "DMG" && !in_claim { if (level == 23) { p_dob = $3; p_gender = $4 } else { dob = $3; gender = $4 } }
$1 == "NM1" && $2 == "85" && $9 == "XX" && $10 ~ /^[0-9]+$/ && length($10) == 10 { npi[$10] = clean($4) }
$1 == "CLM" { in_claim = 1; subscriber(); if (level == 23) dependant() }
$1 == "SV1" {
    split($2, part, component)
    code = clean(part[2])
    if (code ~ /^[A-Z0-9]+$/ && length(code) <= 8 && $3 + 0 > 0) {
        price = 0.8 * $3 / ($5 + 0 > 0 ? $5 : 1)
        if (!(code in fee) || price > fee[code]) fee[code] = price
    }
}
END {
    members = out "/members.csv"; fees = out "/fees.csv"; providers = out "/providers.csv"
    print "family_id,member_id,relationship,last_name,first_name,birth_date,sex,plan,group_number,coverage_from,coverage_to" >members
    for (id in seen)
        print "F" seen[id] "," cell(id) ",self," cell(last_of[id]) "," cell(first_of[id]) "," born[id] "," sex_of[id] ",demo-plan,,1990-01-01," >members
    for (n = 1; n <= dependants; n++)
        print "F" seen[d_of[n]] "," cell(d_of[n] "-D" d_number[n]) "," d_rel[n] "," cell(d_last[n]) "," cell(d_first[n]) "," d_born[n] "," d_sex[n] ",demo-plan,,1990-01-01," >members
    print "code,price,from" >fees
    for (code in fee) printf "%s,%.4f,1990-01-01\n", cell(code), fee[code] >fees
    print "npi,tier,from,to,description" >providers
    for (n in npi) print n ",in_network,1990-01-01,," cell(npi[n]) >providers
}' || exit 1

# CPT and HCPCS have three shapes; what has another is named by itself.
codes=$(awk -F, 'NR > 1 && $1 !~ /^([0-9][0-9][0-9][0-9][0-9]|[A-Z][0-9][0-9][0-9][0-9]|[0-9][0-9][0-9][0-9][A-Z])$/ {
    printf ", \"%s\"", $1
}' "$out/fees.csv" | head -c 20000)
codes="\"00000-99999\", \"A0000-Z9999\", \"0000A-9999Z\"$codes"
awk -v codes="$codes" '
/^benefits:/ { exit }
/^timely_filing:/ { print "timely_filing: {limit: 100, unit: years, counted_from: service_from}"; next }
{
    sub(/id: summit-ppo-2026/, "id: demo-plan"); sub(/name: Summit PPO 2026/, "name: Demonstration plan")
    # A deductible small enough to see it met.
    sub(/individual: 500.00/, "individual: 20.00")
    sub(/\{start: .*\}/, "{start: 1990-01-01, end: 2059-12-31}")
    sub(/table: summit-fees/, "table: fees"); sub(/roster: summit-providers/, "roster: providers")
    print
}
END {
    print "benefits:"
    print "  everything:"
    print "    name: All procedures"
    print "    match: {procedures: [" codes "]}"
    print "    cost_share:"
    print "      in_network: {copay: 10.00, deductible: true, coinsurance: 20 %}"
    print "      out_of_network: {deductible: true, coinsurance: 40 %}"
}' "$here/summit-ppo-2026.yaml" >"$out/policy.yaml"
