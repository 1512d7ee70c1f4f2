# explain: in full, in a member's words, as JSON and as a page; the texts of codes that somebody loads; text that would be markup.
. "$E2E/lib.sh"
begin explain
ledger
visit X-1 M-1001 150 99213 20260305 >a.837
visit X-2 M-1001 700 G0204 20260306 >b.837
visit X-3 M-1001 100 97110 20260307 >c.837
visit X-4 M-1001 400 G0429 20260307 >d.837
visit X-5 M-1001 95 K0001 20260307 >e.837
visit X-6 NOBODY 95 99213 20260307 >f.837
expect 0 "6 accepted" "$AVER" submit a.837 b.837 c.837 d.837 e.837 f.837 --ledger "$L" --key "$CLINIC"
export AVER_LEDGER="$L"

# In words, without codes.
expect 0 "The plan's price for this service is \$92.00 (your provider agreed to it)." "$AVER" explain X-1 --for member
says "Your copay is \$30.00, so you pay \$30.00."
says "The plan pays \$62.00. You may owe \$30.00."
says "This is not a bill."
says "Your out-of-pocket maximum, in network, 2026: \$30.00 of \$4000.00 used, \$3970.00 left"
says "within 180 days"
grep -qE 'CO-|PR-|OA-|CARC' "$T/.out" && bad "a member is told codes"
expect 0 "\$500.00 of your deductible for 2026 was left, so you pay \$45.00 of this service yourself." "$AVER" explain X-3 --for member --line 1
expect 0 "Your plan does not cover this. You may owe \$400.00." "$AVER" explain X-4 --for member
expect 0 "a person at the plan has to look at it (no fee for K0001 in" "$AVER" explain X-5 --for member
says "nothing is owed yet"
silent "If you disagree"
expect 0 "What to do: Check the member number on your card" "$AVER" explain X-6 --for member
expect 1 "[CLAIM-LINE]" "$AVER" explain X-3 --for member --line 2

# In full.
expect 0 "see   Provider Manual 2026, section 7" "$AVER" explain X-1 --for examiner
says "(entry "
says "used 0.00 -> 30.00 of 4000.00"
says "appeal  You may ask the plan"
expect 0 "remark N130" "$AVER" explain X-4 --no-source
says "next  If you think this is wrong"
says "see   Certificate of Coverage 2026, section 5, What is not covered"
expect 0 "task  set a price" "$AVER" explain X-5
says "why   fee_schedule.missing"
expect 0 '"citation":"Certificate of Coverage 2026, section 4, Covered services"' "$AVER" explain X-1 --json
says '"table_row":{"from":"2026-01-01","price":"92.00"}'
says '"table_entry":"'
says '"limit":"4000.00"'
says '"member_words":"Your copay is $30.00, so you pay $30.00."'
says '"decided_by":"contract"'
expect 0 '"task":"set a price' "$AVER" explain X-5 --json

# As a page: the same bytes each time, the amounts add up, and it is what it was (ids and digests apart).
plain() { sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC/THEN/; s/\b[0-9A-Z]{24}\b/ID/g; s/\b[0-9a-f]{64}\b/DIGEST/g; s/(Log entry<.dt><dd>)[0-9]+/\1N/; s/(Height<.dt><dd>)[0-9]+/\1N/' "$1"; }
for n in 1 2 3 4 5 6; do
    expect 0 "bytes" "$AVER" explain X-$n --format html --out x-$n.html
    if command -v python3 >/dev/null 2>&1; then
        expect 0 "everything adds up" python3 "$ROOT/tests/interop/check_eob.py" x-$n.html
    fi
done
"$AVER" explain X-1 --format html >again.html
cmp -s x-1.html again.html || bad "the page differs from run to run"
plain x-1.html >x-1.plain
if [ -n "${AVER_GOLDEN-}" ]; then cp x-1.plain "$E2E/data/eob.html"; fi # AVER_GOLDEN=1: a change that is meant
diff "$E2E/data/eob.html" x-1.plain >&2 || bad "the page is not as in tests/e2e/data/eob.html"
expect 0 '"sha256":"' "$AVER" explain X-1 --out y.html --json
cmp -s x-1.html y.html || bad "--out alone is not the page"
[ "$(stat -c %a y.html)" = 600 ] || bad "the page can be read by others"
expect 64 "leave out --for examiner" "$AVER" explain X-1 --for examiner --format html
expect 64 "leave out --line" "$AVER" explain X-1 --format html --line 1
expect 64 "--out is for the page" "$AVER" explain X-1 --format text --out z
expect 64 "name a file for the page" "$AVER" explain X-1 --format html --json
expect 64 "one of examiner, member" "$AVER" explain X-1 --for nobody
expect 64 "one of text, html" "$AVER" explain X-1 --format pdf

# Texts of codes: kept beside the log, used everywhere, replaced by set.
expect 0 "no texts are kept" "$AVER" codes list
cat >codes.csv <<'END'
code_set,code,text
carc,3,The licensed words for a copay
carc,45,"A text with ""quotes"", a comma and <b>markup</b>"
rarc,N130,Licensed remark
procedure,99213,Licensed name of the visit
END
before=$(find "$L/log" -type f -exec cksum {} + | sort)
expect 0 "carc              2 codes  loaded" "$AVER" codes load codes.csv
[ "$before" = "$(find "$L/log" -type f -exec cksum {} + | sort)" ] || bad "codes load wrote to the log"
[ "$(stat -c %a "$L/codes.csv")" = 600 ] || bad "the codes can be read by others"
expect 0 "text  3: The licensed words for a copay" "$AVER" explain X-1 --no-source
says 'text  45: A text with "quotes", a comma and <b>markup</b>'
expect 0 "1. Licensed name of the visit" "$AVER" explain X-1 --for member
expect 0 '"rarc_text":["Licensed remark"]' "$AVER" explain X-4 --json
"$AVER" explain X-1 --format html >coded.html
grep -qF 'A text with &quot;quotes&quot;, a comma and &lt;b&gt;markup&lt;/b&gt;' coded.html || bad "a loaded text is not in the page as text"
printf 'code_set,code,text\ncarc,3,Newer\n' >newer.csv
expect 0 '"code_set":"procedure","codes":1,"loaded":false' "$AVER" codes load newer.csv --json
expect 0 "text  3: Newer" "$AVER" explain X-1 --no-source
silent "text  45:"
printf 'code_set,code,text\ncarx,3,Newer\n' >wrong.csv
expect 1 "wrong.csv:2" "$AVER" codes load wrong.csv
expect 2 "[NO-FILE]" "$AVER" codes load nothing.csv
expect 0 "carc              1 code" "$AVER" codes list
expect 0 "same" "$AVER" audit "$L"

# Names, notes and benefits that would be markup, or turn the writing round.
sed "s/name: Office visit/name: \"<b onclick='x'>Office \\& \\\\\"visit\\\\\"<\\/b>\"/" "$ROOT/examples/summit-ppo-2026.yaml" >hostile.yaml
expect 0 "" "$AVER" policy publish hostile.yaml --key "$OPS" --approve-key "$COM"
rm "$L/codes.csv"
sed -n '1p; 2s/^C-1,M-1001,158.50,Doe,Ann/H-1,M-1001,150.00,"<script>alert(1)<\/script>","A'"$(printf '\342\200\256')"'nn \&lt;"/p' "$E2E/data/claims.csv" |
    sed 's/Ridge Clinic/<img src=x onerror=y>/' >hostile.csv
expect 0 "1 accepted" "$AVER" submit hostile.csv --key "$CLINIC"
expect 0 "" "$AVER" explain H-1 --out hostile.html
if command -v python3 >/dev/null 2>&1; then expect 0 "everything adds up" python3 "$ROOT/tests/interop/check_eob.py" hostile.html; fi
for text in '<script' '<img' '<b ' '&amp;lt;script'; do grep -qF -- "$text" hostile.html && bad "the page has $text"; done
grep -qF "$(printf '\342\200\256')" hostile.html && bad "the page turns the writing round"
for text in '&lt;script&gt;alert(1)&lt;/script&gt;' '&lt;img src=x onerror=y&gt;' '&lt;b onclick=&#39;x&#39;&gt;Office &amp; &quot;visit&quot;&lt;/b&gt;' '&amp;lt;'; do
    grep -qF -- "$text" hostile.html || bad "the page lacks $text"
done

# What the plan pays at most.
for per in benefit_year lifetime; do
    { cat "$ROOT/examples/summit-ppo-2026.yaml" && echo "maxima: [{id: visits-$per, individual: 50.00, per: $per, benefits: [office_visit]}]"; } >maxima.yaml
    expect 0 "" "$AVER" policy publish maxima.yaml --key "$OPS" --approve-key "$COM"
    visit "M-$per" M-2001 150 99213 20260309 | sed "s/D8\*20260309/D8*$([ $per = lifetime ] && echo 20260310 || echo 20260309)/" >m.837
    expect 0 "1 accepted" "$AVER" submit m.837 --key "$CLINIC"
done
expect 0 "Your plan covers \$50.00 a year of this benefit, and that is used up: the rest, \$12.00, is" "$AVER" explain M-benefit_year --for member
says "Your visits-benefit year maximum, 2026: \$50.00 of \$50.00 used, \$0.00 left (this claim: \$50.00)"
expect 0 "took  maxima.visits-benefit_year, member, 2026: used 0.00 -> 50.00 of 50.00, reached" "$AVER" explain M-benefit_year --no-source
expect 0 "Your plan covers \$50.00 a lifetime of this benefit, and that is used up: the rest" "$AVER" explain M-lifetime --for member
says "maximum, your lifetime: \$50.00 of \$50.00 used"
expect 0 '"counter":"maxima.visits-lifetime","scope":"member","period":"all","amount":"50.00","before":"0.00","after":"50.00","limit":"50.00","basis":"paid"' "$AVER" explain M-lifetime --json
