--- Payout: what the member owes of each allowed line. The rest is paid by the plan;
--- no contract ever sets a paid amount.
---
--- The policy says the order of copay, deductible and coinsurance, each taken from
--- what the step before left, and none past the out-of-pocket maximum: what that cuts
--- off, the plan pays.

--- What the policy says of cost sharing: read once a claim, asked for each line.
local function terms_of()
  return {
    order = policy.cost_share.order,
    less_deductible = opt(policy, "cost_share.coinsurance_base") == "allowed_less_deductible",
    rounding = opt(policy, "cost_share.rounding") or "half_up",
    oop_max = opt(policy, "oop_max") ~= nil,
    by_day = opt(policy, "cost_share.lines_by") == "service_from",
  }
end

--- The accumulators that a charge to the member consumes.
local function consumed(terms, share, first)
  local out = {}
  local n = 0
  if first ~= nil then
    n = n + 1
    out[n] = first
  end
  if terms.oop_max and opt(share, "counts_to_oop") ~= false then
    n = n + 1
    out[n] = "oop_max"
  end
  return out
end

--- Charges the member, as far as the line and the accumulators leave room.
---@param line Line
---@param carc string
---@param wanted integer
---@param because string
---@param counters string[]
---@param copay boolean
---@return integer charged
local function member_owes(line, carc, wanted, because, counters, copay)
  local owed = math.min(wanted, line:unexplained())
  for counter in each(counters) do
    owed = math.min(owed, accum.left(counter, line))
  end
  if owed > 0 then
    line:adjust("PR", carc, owed, because, { consumes = counters, copay = copay })
  end
  return math.max(owed, 0)
end

--- A copay is owed once for a visit (member, benefit, provider, day); what a small line
--- leaves of it falls to the next line or claim of the visit.
local function take_copay(terms, line, share)
  local copay = opt(share, "copay")
  if copay == nil then return end
  local per = opt(share, "copay_per") or "visit"
  local taken = 0
  if per == "visit" then taken = history.visit(line).copay end
  if per == "day" then taken = history.visit(line).day_copay end
  -- What a small line left of it is dropped, where the policy says so.
  if taken > 0 and opt(share, "copay_rest") == "drop" then return end
  if copay > taken then
    member_owes(line, "3", copay - taken, share.path .. ".copay", consumed(terms, share, nil), true)
  end
end

local function take_deductible(terms, line, share, tier)
  if not opt(share, "deductible") then return 0 end
  local because = "deductible." .. tier
  local whose = ".individual"
  if opt(policy, because .. ".family_rule") == "aggregate" then whose = ".family" end
  local wanted = line:unexplained()
  return member_owes(line, "1", wanted, because .. whose, consumed(terms, share, "deductible"), false)
end

local function take_coinsurance(terms, line, share, deductible)
  local rate = opt(share, "coinsurance")
  if rate == nil then return end
  local base = line:unexplained()
  if terms.less_deductible then base = line.allowed - deductible end
  local wanted = money.bps(base, rate, terms.rounding)
  member_owes(line, "2", wanted, share.path .. ".coinsurance", consumed(terms, share, nil), false)
end

--- Past the visit limit the price still binds the provider; the member owes the rest.
---@param line Line
---@return boolean past
local function past_visit_limit(line, benefit, if_paid)
  local limit = opt(benefit, "limit.visits")
  if limit == nil then return false end
  local visit = history.visit(line)
  if visit.counted or visit.used < limit then
    if not if_paid then line:count_visit() end
    return false
  end
  line:adjust("PR", "119", line:unexplained(), line.benefit.path .. ".limit.visits")
  return true
end

---@param line Line
local function pay_line(terms, line)
  local benefit = line.benefit
  local if_paid = opt(benefit, "limit.count_if") == "paid"
  if line.allowed == 0 or past_visit_limit(line, benefit, if_paid) then return end
  local tier = line.tier
  local share = benefit.cost_share[tier]
  local deductible = 0
  for step in each(terms.order) do
    if step == "copay" then
      take_copay(terms, line, share)
    elseif step == "deductible" then
      deductible = take_deductible(terms, line, share, tier)
    else
      take_coinsurance(terms, line, share, deductible)
    end
  end
  if if_paid and line:unexplained() > 0 then line:count_visit() end
end

---@param claim Claim
---@param member Member
local function payout(claim, member)
  local terms = terms_of()
  local lines = claim.lines
  if terms.by_day then
    local days = {}
    for line, i in each(lines) do
      days[i] = line.service_from
    end
    lines = sort(lines, days)
  end
  for line in each(lines) do
    if line.is_open then pay_line(terms, line) end
  end
end

return { payout = payout }
