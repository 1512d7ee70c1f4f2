--- Payout: what the member owes of each allowed line. The rest is paid by the plan;
--- no contract ever sets a paid amount.
---
--- The policy says the order of copay, deductible and coinsurance, each taken from
--- what the step before left, and none past the out-of-pocket maximum: what that cuts
--- off, the plan pays.

--- The accumulators that a charge to the member consumes.
local function consumed(share, first)
  local out = {}
  local n = 0
  if first ~= nil then
    n = n + 1
    out[n] = first
  end
  if opt(policy, "oop_max") ~= nil and opt(share, "counts_to_oop") ~= false then
    n = n + 1
    out[n] = "oop_max"
  end
  return out
end

--- A copay is owed once for a visit (member, benefit, provider, day), for a day, or for each line.
local function copay_of(share)
  local cents = opt(share, "copay")
  if cents == nil then return nil end
  return {
    kind = "copay",
    cents = cents,
    per = opt(share, "copay_per") or "visit",
    drop = opt(share, "copay_rest") == "drop",
    because = share.path .. ".copay",
    options = { consumes = consumed(share, nil), copay = true },
  }
end

local function deductible_of(share, tier)
  if not opt(share, "deductible") then return nil end
  local because = "deductible." .. tier
  local whose = ".individual"
  if opt(policy, because .. ".family_rule") == "aggregate" then whose = ".family" end
  return { kind = "deductible", because = because .. whose, options = { consumes = consumed(share, "deductible") } }
end

local function coinsurance_of(share)
  local rate = opt(share, "coinsurance")
  if rate == nil then return nil end
  return {
    kind = "coinsurance",
    rate = rate,
    because = share.path .. ".coinsurance",
    options = { consumes = consumed(share, nil) },
  }
end

--- The member's share of one benefit in one tier: the steps that there are, in the policy's order.
local function steps_of(share, tier)
  local out, n = {}, 0
  for name in each(policy.cost_share.order) do
    local step = copay_of(share)
    if name == "deductible" then step = deductible_of(share, tier) end
    if name == "coinsurance" then step = coinsurance_of(share) end
    if step ~= nil then
      n = n + 1
      out[n] = step
    end
  end
  return out
end

--- Whether a list of the policy has the name; one that is not there has them all.
local function holds(list, name)
  if list == nil then return true end
  for item in each(list) do
    if item == name then return true end
  end
  return false
end

--- What the plan pays at most of a benefit in a tier, of one basis; nil where there is no such maximum. One of a
--- benefit year is CARC 119, one of a lifetime 35.
local function maxima_of(benefit, tier, basis)
  local counters, carcs, n = {}, {}, 0
  local name = str.sub(benefit.path, len("benefits.") + 1, len(benefit.path))
  for rule in each(policy.maxima) do
    local mine = (opt(rule, "basis") or "plan_paid") == basis
    if mine and holds(opt(rule, "benefits"), name) and holds(opt(rule, "tiers"), tier) then
      n = n + 1
      counters[n] = "maxima." .. rule.id
      carcs[n] = "119"
      if rule.per == "lifetime" then carcs[n] = "35" end
    end
  end
  if n == 0 then return nil end
  return { counters = counters, carcs = carcs }
end

local function benefit_terms(benefit)
  local shares, tiers, considered, paid = opt(benefit, "cost_share"), {}, {}, {}
  local limited = opt(policy, "maxima") ~= nil
  for network in each(policy.networks) do
    local tier = str.sub(network.path, len("networks.") + 1, len(network.path))
    local share = opt(shares, tier)
    if share ~= nil then tiers[tier] = steps_of(share, tier) end
    if limited then
      considered[tier] = maxima_of(benefit, tier, "allowed")
      paid[tier] = maxima_of(benefit, tier, "plan_paid")
    end
  end
  return {
    tiers = tiers,
    considered = limited and considered or nil,
    paid = limited and paid or nil,
    visits = opt(benefit, "limit.visits"),
    because_visits = benefit.path .. ".limit.visits",
    if_paid = opt(benefit, "limit.count_if") == "paid",
    whole_charge = opt(benefit, "limit.past") == "charge",
  }
end

--- What the policy says of cost sharing. It is read once for each version of the plan; a step that a benefit does not
--- have is not there, and is not looked for at any line.
local function prepare()
  local benefits = {}
  for benefit in each(policy.benefits) do
    benefits[benefit.path] = benefit_terms(benefit)
  end
  return {
    benefits = benefits,
    frequency = opt(policy, "frequency"),
    less_deductible = opt(policy, "cost_share.coinsurance_base") == "allowed_less_deductible",
    rounding = opt(policy, "cost_share.rounding") or "half_up",
    by_day = opt(policy, "cost_share.lines_by") == "service_from",
    sequestration = opt(policy, "sequestration.percent"),
    sequestration_rounding = opt(policy, "sequestration.rounding") or "half_up",
  }
end

--- What is owed of a copay. What a small line left of it falls to the next line or claim of the visit, or is dropped,
--- where the policy says so.
---@param line Line
---@return integer
local function copay_due(line, copay)
  if copay.per == "line" then return copay.cents end
  local visit = history.visit(line)
  local taken = visit.copay
  if copay.per == "day" then taken = visit.day_copay end
  if taken > 0 and copay.drop then return 0 end
  return copay.cents - taken
end

--- Past the visit limit the price still binds the provider; the member owes the rest.
---@param line Line
---@return boolean past
local function past_visit_limit(line, plan)
  local visit = history.visit(line)
  if visit.counted or visit.used < plan.visits then
    if not plan.if_paid then line:count_visit() end
    return false
  end
  if plan.whole_charge then
    line:deny("PR", "119", plan.because_visits)
  else
    line:adjust("PR", "119", line:unexplained(), plan.because_visits)
  end
  return true
end

--- Takes off what is above the maximum that leaves least, and counts the rest of the line to all of them.
---@param line Line
local function keep_to(line, maxima)
  local least, at = nil, 1
  for counter, i in each(maxima.counters) do
    local left = accum.left(counter, line)
    if least == nil or left < least then
      least = left
      at = i
    end
  end
  local above = line:unexplained() - least
  if above > 0 then
    line:adjust("PR", maxima.carcs[at], above, accum.limit(maxima.counters[at], line))
  end
  line:count(maxima.counters)
end

--- A part of what the plan would pay, which nobody pays: the member owes none of it.
---@param line Line
local function sequester(terms, line)
  local cents = money.bps(line:unexplained(), terms.sequestration, terms.sequestration_rounding)
  if cents > 0 then line:adjust("CO", "253", cents, "sequestration.percent") end
end

--- Past how often a procedure is paid the price still binds the provider, as past the visits.
---@param line Line
---@return boolean past
local function past_frequency(rules, line)
  local rule = rule_for(rules, line)
  while rule ~= nil do
    local mine = 1000
    if opt(rule, "count") == "units" then mine = line.units_paid end
    if history.uses(line, rule) + mine > rule.limit * 1000 then
      line:adjust("PR", "119", line:unexplained(), rule.path .. ".limit")
      return true
    end
    rule = rule_for(rules, line, rule)
  end
  return false
end

---@param line Line
local function count_uses(rules, line)
  local rule = rule_for(rules, line)
  while rule ~= nil do
    line:count_use(rule)
    rule = rule_for(rules, line, rule)
  end
end

---@param line Line
local function pay_line(terms, line)
  local benefit = line.benefit
  local plan = terms.benefits[benefit.path]
  if line.allowed == 0 or (terms.frequency ~= nil and past_frequency(terms.frequency, line)) then return end
  if plan.visits ~= nil and past_visit_limit(line, plan) then return end
  if terms.frequency ~= nil then count_uses(terms.frequency, line) end
  local tier = line.tier
  local steps = plan.tiers[tier] or benefit.cost_share[tier]
  local considered, deductible = line.allowed, 0
  if plan.considered ~= nil and plan.considered[tier] ~= nil then
    keep_to(line, plan.considered[tier])
    considered = line:unexplained()
  end
  local rest = considered
  -- Each as far as the line and the accumulators leave room.
  for step in each(steps) do
    local kind = step.kind
    if kind == "copay" then
      local due = copay_due(line, step)
      if due > 0 then rest = rest - line:owe("3", due, step.because, step.options) end
    elseif kind == "deductible" then
      deductible = line:owe("1", rest, step.because, step.options)
      rest = rest - deductible
    else
      local base = rest
      if terms.less_deductible then base = considered - deductible end
      rest = rest - line:owe("2", money.bps(base, step.rate, terms.rounding), step.because, step.options)
    end
  end
  if terms.sequestration ~= nil then sequester(terms, line) end
  if plan.paid ~= nil and plan.paid[tier] ~= nil then keep_to(line, plan.paid[tier]) end
  if plan.if_paid and line:unexplained() > 0 then line:count_visit() end
end

---@param claim Claim
---@param member Member
local function payout(claim, member, terms)
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

return { prepare = prepare, payout = payout }
