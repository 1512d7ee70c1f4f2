-- Tests in Lua give what hospitals bill, too, and expect adjustments below zero.
test("rule 7: a stay, given and expected in Lua", function(t)
  given.set("in_price", "table: fees, case_rates: [{id: joints, drgs: [\"470\"], rate: 12000.00}], drugs: {table: drugs, missing: pend}")
  local room, rest = line(nil, "9000.00", { revenue = "0120", units = 3 }), line("P0001", "50.00", { revenue = "0250" })
  local stay = given.claim { room, rest, drg = "470", statement = "2026-03-01..2026-03-04", admitted = "2026-02-28", day = "2026-03-04" }
  local d = adjudicate(stay)
  expect(d):line(1):allowed("12000.00"):adjusted("OA", "94", "-3000.00"):adjusted("OA", "94", -300000)
  expect(d):line(2):denied("CO", "97")
  expect(adjudicate(given.claim { line("P0001", "100.00", { drug = "00002-7512-01 1 ML" }), day = "2026-05-01" })):allowed("31.23")
end)

test("rule 7: a stay of any charge is paid its rate", function(t, charge, days)
  given.set("in_price", "table: fees, case_rates: [{id: joints, drgs: [\"470\"], rate: 12000.00}]")
  assume(days > 0)
  local stay = given.claim { line(nil, charge, { revenue = "0120", units = days }), drg = "470", day = "2026-03-04" }
  expect(adjudicate(stay)):allowed("12000.00")
end)
