# Tests in Lua, the laws that hold unasked, line coverage, gas by line, and contract check against the policy: each with an error
# that it must find.
. "$E2E/lib.sh"
begin contract_lua
A=$AVER
(cd "$ROOT" && "$A" contract new summit --dir "$T/plan") >/dev/null || bad "contract new"
lua() { cat >plan/tests/x.lua; }
payout() { sed "$1" "$ROOT/contracts/payout.lua" >plan/contracts/payout.lua; }
run() { "$A" contract test plan/tests/x.lua "$@"; }

# What is expected, and what comes otherwise: the line of the test, the adjustments, why.
lua <<'END'
test("right", function(t)
  given.member { id = "M-1002", deductible_left = "0.00" }
  on "2026-03-10"
  local d = adjudicate(given.claim { line("99213", "150.00", { units = 1 }), line("71046", 3500), id = "PCN7" })
  expect(d):paid("90.00"):charge("185.00"):allowed(12700):owes("37.00"):decided():payee("1234567893")
  expect(d):line(1):adjustments("CO-45 58.00, PR-3 30.00"):line(2):adjusted("PR", "2", 700)
  check(#d.lines == 2 and d.lines[1].adjustments[2].carc == "3", "a line has its adjustments")
  check(d.lines[2].benefit == "benefits.imaging" and d.lines[9] == nil)
  t:note("paid " .. d.paid)
end)

test("wrong", function(t)
  local d = adjudicate(given.claim { line("99213", "150.00"), day = "2026-03-10" })
  expect(d):line(1):paid("60.00")
  expect(d):adjusted("PR", "3", "30.00", "deductible"):denied():used("oop_max", 1):payee "x"
  check(d.paid > 10000, "paid more than a hundred")
end)

test("state is fresh", function(t)
  expect(adjudicate(given.claim { line("99213", "150.00"), day = "2026-03-10" })):line(1):paid("62.00")
end)
END
expect 1 "2 passed, 1 failed" run
says "plan/tests/x.lua:14   line 1, paid: expected 60.00, got 62.00"
says "x.lua:15   adjusted: expected PR-3 30.00 because deductible, got CO-45 58.00, PR-3 30.00"
says "x.lua:15   status: expected denied, got decided"
says "x.lua:15   oop_max used: expected 0.01, got 30.00"
says "x.lua:15   payee: expected x, got 1234567893"
says "x.lua:16   check: paid more than a hundred"
says "again: aver contract test plan/tests/x.lua --match 'wrong' -vvv"
expect 0 "note: paid 9000" run --match right -v
expect 1 '"column":"paid","expected":"60.00","got":"62.00"' run --json
expect 0 "plan/tests/x.lua:12  wrong" run --list
expect 1 "" run --junit out.xml
grep -q '<failure message="paid: expected 60.00, got 62.00">' out.xml || bad "the JUnit file lacks the failure"

# What a test cannot say is told where it stands.
one() { printf 'test("one", function(t)\n%s\nend)\n' "$1" | lua; }
one 'expect(adjudicate(given.claim { line("99213", 150.00) }))'
expect 1 'count in the smallest unit: cents' run
says '^'
one 'adjudicate(given.claim { line("99213", "1.00", { unit = 2 }) })'
expect 1 'x.lua:2   the test ends early: line: there is no option "unit": did you mean units?' run
one 'given.claim { }'
expect 1 "a claim has a line" run
one 'adjudicate(given.claim { line("99213", "lots") })'
expect 1 'charge "lots": it is dollars' run
one 'local c = given.claim { line("99213", "1.00") } adjudicate(c) adjudicate(c)'
expect 1 "was filed before" run
one 'adjudicate(given.claim { line("99213", "1.00") }) given.fee("99213", 1)'
expect 1 "before the first adjudicate" run
one 'given.set("no.such.path", "1") adjudicate(given.claim { line("99213", "1.00") })'
expect 1 "the policy has no value at no.such.path" run
one 'given.member { id = "M-9", oop_used = 1 } adjudicate(given.claim { line("99213", "1.00") })'
expect 1 "members.csv has no member M-9" run
one 'given.member { oop_left = "9000.00" } adjudicate(given.claim { line("99213", "1.00") })'
expect 1 "the policy leaves no 9000.00 at oop_max.in_network.individual" run
one 'local d = nil; local x = d.paid'
expect 1 "x.lua:2   the test ends early: attempt to index" run
one 'while true do end'
expect 1 "out of gas" run
printf 'test("a", function() end)\ntest("a", function() end)\n' | lua
expect 1 "stands here and before" run
printf 'test("a", function(t, colour) end)\n' | lua
expect 1 'nothing is drawn for an argument "colour"' run
printf 'local x = 1\n' | lua
expect 1 'there is no test("name"' run

# Arguments: a seeded error is found, made as small as it still fails, and comes again with the same seed.
payout 's/rest = rest - line:owe("3", due, /line:adjust("PR", "3", due, /'
lua <<'END'
test("no contract traps", function(t, charge)
  given.member { deductible_left = 0 }
  adjudicate(given.claim { line("99213", charge) })
end)
test("assumed away", function(t, n) assume(n > 5000) end)
test("every name", function(t, amount, units, day, procedure2, first_member, provider, place)
  on(day)
  adjudicate(given.claim { member = first_member, provider = provider,
    line(procedure2, amount, { units = units, place = place }) })
end)
END
expect 1 "claim C-1 is held, and :held() was not expected: payout:" run
says "Line:adjust: the adjustment goes past what is left of the line"
says "with charge = 1 (0.01)"
says "assume() gave up every run"
says "--seed 1 --runs 100"
run --json >first.json
run --json >second.json
sed -i 's/,"ms":[0-9]*//' first.json second.json
cmp -s first.json second.json || bad "the same seed gave other runs"
expect 1 "of seed 77" run --seed 77
says "with charge = 1 (0.01)"
expect 1 '"seed":3,"with":"charge = 1 (0.01)"' run --seed 3 --json
payout ''
expect 0 "1 passed, 0 failed" run --match 'every name' --runs 500
says "(500 runs)"
expect 64 "--runs" run --runs 0

# The laws, unasked. Cost share past the out-of-pocket maximum, by a contract that forgets to consume it:
payout 's/n = n + 1$/&/; s/out\[n\] = "oop_max"/n = n - 1/'
lua <<'END'
test("nothing is expected", function(t)
  given.member { oop_left = "20.00" }
  adjudicate(given.claim { line("99213", "150.00") })
end)
END
expect 1 "law: the cost share of M-1001 in 2026, in_network, came to 4010.00, past oop_max: 4000.00" run
printf 'scenario nothing is expected\nset oop_max.in_network.individual 20.00\nclaim | member | day | procedure | charge\nA | M-1001 | 2026-03-02 | 99213 | 150.00\n' >plan/tests/x.test
expect 1 "law: the cost share of M-1001 in 2026, in_network, came to 30.00, past oop_max: 20.00" "$A" contract test plan/tests/x.test
rm plan/tests/x.test
payout ''
expect 0 "1 passed, 0 failed" run

# A held claim that is expected, and one that is not.
payout 's/^local function pay_line(terms, line)$/&\n  local x = line.nothing/'
lua <<'END'
test("expected", function(t)
  expect(adjudicate(given.claim { line("99213", "150.00") })):held("FIELD"):paid(0)
end)
test("of another kind", function(t)
  expect(adjudicate(given.claim { line("99213", "150.00") })):held("RULE")
end)
END
expect 1 "1 passed, 1 failed" run
says 'trap: expected RULE, got FIELD: payout:'
says 'Line has no field "nothing"'
payout ''
rm plan/tests/x.lua

# Gas by line: all of it, the dearest first; and by the claims' size. The check still compares.
expect 0 "fees.find(schedule.table, line" "$A" contract gas plan --lines
says "all lines, in all runs of the tests"
expect 0 '"source":"(an execution as such)"' "$A" contract gas plan --lines --json
expect 0 "mean a line" "$A" contract gas plan --sizes
expect 0 '{"lines":2,"claims":' "$A" contract gas plan --sizes --json
expect 64 "give one" "$A" contract gas plan --lines --sizes
payout 's/^local function pay_line(terms, line)$/&\n  for _ in each({ 1, 2, 3 }) do end/'
at=$(grep -n '^local function pay_line' plan/contracts/payout.lua | cut -d: -f1)
expect 0 "payout.lua:$((at + 1))  for _ in each({ 1, 2, 3 }) do end" "$A" contract gas plan --lines
payout ''

# Lines that no test runs.
payout 's/^local function pay_line(terms, line)$/&\n  if line.charge == 7777777 then\n    line:pend("why", "plan.id")\n    return\n  end/'
expect 0 "never: " "$A" contract cover plan
says " $((at + 2))-$((at + 3))"
expect 0 "$((at + 2)),$((at + 3))" "$A" contract cover plan --json
expect 1 "of the contracts' lines are reached, and --min asks for 99 %" "$A" contract cover plan --min 99
payout ''
expect 0 "" "$A" contract cover plan --min 30

# What the source says in so many words is held against the policy and the codes.
expect 0 "policies: summit" "$A" contract check plan
says "plan/tests/plan.lua  10 tests"
seeded() { # SED CODE WORDS
    payout "$1"
    expect 1 "$2" "$A" contract check plan
    says "$3"
    says "^"
}
seeded 's/"PR", "119"/"PX", "119"/' CHECK-GROUP 'there is no group "PX"'
seeded 's/"PR", "119"/"PR", "11 9"/' CHECK-CARC '"11 9" is no claim adjustment reason code'
seeded 's/line:adjust("PR", "119"/line:ajust("PR", "119"/' CHECK-METHOD 'did you mean "adjust"?'
seeded 's/policy.cost_share.order/policy.cost_share.ordr/' CHECK-PATH "the policy of summit has nothing at cost_share.ordr"
says "did you mean cost_share.order?"
seeded 's/accum.left(counter, line)/accum.left("deductable", line)/' CHECK-COUNTER 'has no accumulator "deductable"'
seeded 's/plan.because_visits)/"limits.visits")/' CHECK-PATH "the policy of summit has nothing at limits.visits"
seeded 's/plan.because_visits)/"benfits." .. line.tier, { rarc = { "130" }, consumes = { "copays" } })/' CHECK-PATH "has nothing at benfits"
says 'CHECK-RARC: "130" is no remark code'
says 'CHECK-COUNTER: the policy of summit has no accumulator "copays"'
expect 1 '"level":"error","code":"CHECK-RARC","line":' "$A" contract check plan --json
expect 1 "CHECK-PATH" "$A" contract check plan/contracts/payout.lua
seeded 's/line:unexplained()/math.mx(1, 2)/' DIALECT-NAME 'math has no function "mx"'
payout 's/"PR", "119"/"PR", "999"/'
expect 0 "warning: the reason code 999 is none that we have words for" "$A" contract check plan
says "0 errors, 3 warnings"
payout 's/"PR", "119", line:unexplained(), plan.because_visits/"PR", "119", line:unexplained(), "nowhere"/; s/^local function pay_line(terms, line)$/&\n  if opt(policy, "nowhere") == nil then return end/'
expect 0 "policies: summit" "$A" contract check plan
expect 2 "PROJECT-DIR" "$A" contract check "$T"
