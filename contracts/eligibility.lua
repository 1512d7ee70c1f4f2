--- Eligibility: is this person covered on the day of each service, did the claim
--- come in time, and was it billed before?
---
--- Money is integer cents, dates are day numbers, units are thousandths. Every
--- denial names its reason by a path of the policy, which the host checks.

--- The last day on which a claim for services that began on `start` may arrive.
--- Days are counted; months and years keep the day of the month, or take the
--- month's last day (2023-08-31 and 6 months: 2024-02-29).
---@param start integer
---@return integer
local function filing_deadline(start)
  local rule = policy.timely_filing
  if rule.unit == "days" then return start + rule.limit end
  local months = rule.limit
  if rule.unit == "years" then months = months * 12 end
  return date.add_months(start, months)
end

--- A line that reaches into another period belongs to two decisions: a person splits it.
---@param member Member
---@param line Line
---@return boolean
local function spans_periods(member, line)
  local last = member:cover_on(line.service_to)
  if last == nil or last.plan ~= policy.plan.id then return true end
  if line.service_to > policy.plan.effective["end"] then return true end
  return policy.plan.benefit_year == "calendar"
    and date.year(line.service_to) ~= date.year(line.service_from)
end

---@param claim Claim
---@param line Line
---@return boolean late
local function too_late(claim, line)
  local start = line.service_from
  if policy.timely_filing.counted_from == "statement_to" then start = claim.statement_to end
  if policy.timely_filing.counted_from == "service_to" then start = line.service_to end
  return claim.received > filing_deadline(start)
end

--- Billed before, exactly so or nearly: the policy says which is denied and which a person looks at.
---@param line Line
local function check_duplicate(line)
  local kind = history.duplicate(line)
  if kind == nil then return end
  if policy.duplicates[kind] == "deny" then
    line:deny("OA", "18", "duplicates." .. kind)
  else
    line:pend("it looks like a service that was billed before", "duplicates." .. kind)
  end
end

---@param claim Claim
---@param member Member
---@param line Line
local function check_line(claim, member, line)
  local cover = member:cover_on(line.service_from)
  if cover == nil then
    local carc = "26" -- before the cover began
    if member:covered_before(line.service_from) then carc = "27" end
    line:deny("PR", carc, "plan.effective", {
      note = "the member was not covered by any plan on " .. date.text(line.service_from),
    })
    return
  end
  if cover.plan ~= policy.plan.id then
    line:pend("on this day the member is covered by plan " .. cover.plan, "plan.id")
    return
  end
  local effective = policy.plan.effective
  if line.service_from < effective.start or line.service_from > effective["end"] then
    line:pend("the service lies outside this version of the plan: split the claim", "plan.effective")
    return
  end
  if spans_periods(member, line) then
    line:pend("the service crosses the end of cover or of the benefit year", "span")
    return
  end
  if too_late(claim, line) then
    line:deny("CO", "29", "timely_filing.limit")
    return
  end
  check_duplicate(line)
end

---@param claim Claim
---@param member Member
local function eligibility(claim, member)
  local responsibility = claim.coverage.responsibility
  if responsibility ~= nil and responsibility ~= "P" then
    claim:pend("another plan pays first: its payment must be coordinated", "plan.id")
    return
  end
  for line in each(claim.lines) do
    check_line(claim, member, line)
  end
end

return { eligibility = eligibility }
