-- Tests in Lua, beside the tables: the same dialect as contracts, with given, line, on, adjudicate, expect and check.
-- Money is text in dollars ("150.00") or whole cents (15000): the dialect has no fractions. Each test has a ledger of its own.

test("a visit with the deductible met: the copay, and nothing more", function(t)
  local claim = given.claim { line("99213", "150.00") }
  given.member { deductible_left = "0.00" }
  on "2026-03-10"
  expect(adjudicate(claim)):line(1):paid("62.00"):adjusted("CO", "45", "58.00"):adjusted("PR", "3", "30.00")
end)

test("the deductible fills up over two claims", function(t)
  given.member { id = "M-1002", deductible_left = "50.00" }
  on "2026-04-01"
  expect(adjudicate(given.claim { line("71046", "35.00") })):owes("35.00"):used("deductible", "485.00")
  on "2026-04-02"
  local second = adjudicate(given.claim { line("71046", "35.00") })
  expect(second):line(1):adjustments("PR-1 15.00, PR-2 4.00"):paid("16.00")
  expect(second):used("deductible", "500.00")
end)

test("the family's deductible binds before the member's own", function(t)
  given.member { id = "M-1001", deductible_used = "490.00" }
  given.member { id = "M-1002", deductible_used = "500.00" }
  on "2026-05-04"
  local d = adjudicate(given.claim { member = "M-1001", line("71046", "35.00") })
  expect(d):line(1):adjusted("PR", "1", "10.00", "deductible.in_network.individual"):adjusted("PR", "2", "5.00")
end)

test("a claim that comes after the time limit is denied", function(t)
  local claim = given.claim { line("99213", "150.00"), day = "2026-01-05", received = "2027-01-06" }
  expect(adjudicate(claim)):denied("CO", "29", "timely_filing.limit"):paid(0)
end)

test("a time limit in months keeps the day, or takes the month's last", function(t)
  given.set("timely_filing.limit", 6)
  given.set("timely_filing.unit", "months")
  on "2026-08-31"
  expect(adjudicate(given.claim { line("99213", "92.00"), received = "2027-02-28" })):decided()
  on "2026-08-30"
  expect(adjudicate(given.claim { line("99213", "92.00"), received = "2027-03-01" })):denied("CO", "29")
end)

test("nothing is paid on what is bundled, and nobody pays on a fee of zero unseen", function(t)
  given.bundled "80053"
  given.fee("99214", 0)
  expect(adjudicate(given.claim { line("80053", "14.40") })):denied("CO", "97")
  expect(adjudicate(given.claim { line("99214", "130.00") })):pended("fee_schedule.missing")
end)

test("what a person must see waits", function(t)
  expect(adjudicate(given.claim { line("99213", "92.00"), payer = "S" })):pended("plan.id")
  expect(adjudicate(given.claim { line("E1390", "180.00", { day = "2026-12-31..2027-01-01" }) })):pended("span")
  expect(adjudicate(given.claim { line("97110", "60.00", { day = "2026-06-01" }) })):decided()
  expect(adjudicate(given.claim { line("97110", "59.00", { day = "2026-06-01" }) })):pended("duplicates.suspected")
end)

test("coinsurance can go by the allowed amount less the deductible", function(t)
  given.set("cost_share.coinsurance_base", "allowed_less_deductible")
  given.member { deductible_left = "10.00" }
  expect(adjudicate(given.claim { line("97110", "60.00") })):adjustments("PR-3 15.00, PR-1 10.00, PR-2 10.00")
end)

-- A test with arguments is run a hundred times with others; what fails is made as small as it still fails.
test("the plan never pays more than its price for the units", function(t, charge, units, procedure, provider)
  local d = adjudicate(given.claim { line(procedure, charge, { units = units }), provider = provider })
  check(d.paid <= charge, "it paid more than the charge")
  check(d.paid + d.owes <= charge, "the member owes a part of what was paid")
end)

test("two visits on one day owe one copay", function(t, first_charge, second_charge, day)
  assume(first_charge > 0 and second_charge > 0)
  on(day)
  local claim = given.claim { line("99213", first_charge), line("99214", second_charge) }
  local copays = 0
  for l in each(adjudicate(claim).lines) do
    for a in each(l.adjustments) do
      if a.carc == "3" then copays = copays + a.amount end
    end
  end
  check(copays <= 3000, "the copays are " .. copays .. " cents")
end)
