--- Eligibility: is this person covered on the day of each service, did the claim
--- come in time, and was it billed before?
---
--- Money is integer cents, dates are day numbers, units are thousandths. Every
--- denial names its reason by a path of the policy, which the host checks.

--- What the policy says of days. It is read once for each version of the plan.
local function prepare()
  return {
    plan = policy.plan.id,
    first = policy.plan.effective.start,
    last = policy.plan.effective["end"],
    counted_from = policy.timely_filing.counted_from,
    unit = policy.timely_filing.unit,
    limit = policy.timely_filing.limit,
    first_because = opt(policy, "coordination.not_first") ~= nil and "coordination.not_first" or "plan.id",
    not_first = opt(policy, "coordination.not_first") == "deny",
    institutional_from = opt(policy, "timely_filing.institutional_from"),
    deny = { exact = policy.duplicates.exact == "deny", suspected = policy.duplicates.suspected == "deny" },
  }
end

--- The last day on which a claim for services that began on `start` may arrive.
--- Days are counted; months and years keep the day of the month, or take the
--- month's last day (2023-08-31 and 6 months: 2024-02-29).
---@param start integer
---@return integer
local function filing_deadline(terms, start)
  if terms.unit == "days" then return start + terms.limit end
  local months = terms.limit
  if terms.unit == "years" then months = months * 12 end
  return date.add_months(start, months)
end

--- A line that reaches into another period belongs to two decisions: a person splits it.
---@param member Member
---@return boolean
local function spans_periods(terms, member, line, from, to)
  local day = from
  while day <= to do -- from one period of cover to the next, without a gap
    local cover = member:cover_on(day)
    if cover == nil or cover.plan ~= terms.plan then return true end
    if cover.to == nil then break end
    day = cover.to + 1
  end
  if to > terms.last then return true end
  local year_end = line.year_end -- nil: the claim belongs wholly to the year of its admission
  return year_end ~= nil and to > year_end
end

---@param claim Claim
---@return boolean late
local function too_late(terms, claim, from, to)
  local start, counted_from = from, terms.counted_from
  if terms.institutional_from ~= nil and claim.type == "institutional" then counted_from = terms.institutional_from end
  if counted_from == "statement_to" then start = claim.statement_to end
  if counted_from == "service_to" then start = to end
  return claim.received > filing_deadline(terms, start)
end

--- Billed before, exactly so or nearly: the policy says which is denied and which a person looks at.
---@param line Line
local function check_duplicate(terms, line, kind)
  if terms.deny[kind] then
    line:deny("OA", "18", "duplicates." .. kind)
  else
    line:pend("it looks like a service that was billed before", "duplicates." .. kind)
  end
end

--- The enrolment knows a plan that pays before this one, and the claim does not: it belongs there first.
---@param line Line
local function not_first(terms, line, other)
  if terms.not_first then
    line:deny("OA", "22", terms.first_because, { rarc = { "MA04" }, note = other .. " pays first" })
  else
    line:pend(other .. " pays first: its payment must be coordinated", terms.first_because)
  end
end

--- Whether the member was covered by this plan, this version of it and no other plan first, and the claim came in time:
--- all that the days of a service decide. Where one of them does not hold, the line is denied or waits.
---@param claim Claim
---@param member Member
---@param line Line
---@return boolean
local function days_hold(terms, claim, member, line, from, to)
  local cover = member:cover_on(from)
  if cover == nil then
    local carc = "26" -- before the cover began
    if member:covered_before(from) then carc = "27" end
    line:deny("PR", carc, "plan.effective", {
      note = "the member was not covered by any plan on " .. date.text(from),
    })
    return false
  end
  local covered = cover.plan
  if covered ~= terms.plan then
    line:pend("on this day the member is covered by plan " .. covered, "plan.id")
    return false
  end
  if from < terms.first or from > terms.last then
    line:pend("the service lies outside this version of the plan: split the claim", "plan.effective")
    return false
  end
  local other = cover.pays_first
  if other ~= nil then
    not_first(terms, line, other)
    return false
  end
  if to ~= from and spans_periods(terms, member, line, from, to) then
    line:pend("the service crosses the end of cover or of the benefit year", "span")
    return false
  end
  if too_late(terms, claim, from, to) then
    line:deny("CO", "29", "timely_filing.limit")
    return false
  end
  -- A service is billed once it is given. Received is a day of UTC, and some are ahead of it by one.
  if from > claim.received + 1 then
    line:deny("CO", "110", "timely_filing.counted_from")
    return false
  end
  return true
end

---@param claim Claim
---@param member Member
local function eligibility(claim, member, terms)
  local responsibility = claim.coverage.responsibility
  if responsibility ~= nil and responsibility ~= "P" then
    claim:pend("another plan pays first: its payment must be coordinated", "plan.id")
    return
  end
  local first, last = nil, nil -- the days that hold: mostly all lines have the same
  for line in each(claim.lines) do
    local from, to = line.service_from, line.service_to
    if (from == first and to == last) or days_hold(terms, claim, member, line, from, to) then
      first = from
      last = to
      local kind = history.duplicate(line)
      if kind ~= nil then check_duplicate(terms, line, kind) end
    end
  end
end

return { prepare = prepare, eligibility = eligibility }
