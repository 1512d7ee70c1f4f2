--- Coverage: is each line a benefit of the plan, and at what price?
---
--- A line leaves here denied, pended, or with an allowed amount; what the charge
--- has above it is posted by the host as CARC 45.

--- The codes of a policy list as a table of our own; an absent list is empty.
local function codes_of(list)
  local out = {}
  if list ~= nil then
    for code, i in each(list) do out[i] = code end
  end
  return out
end

--- What the policy says of services: read once a claim, asked for each line.
local function terms_of()
  return {
    known = opt(policy, "code_sets.procedures"),
    exclusions = opt(policy, "exclusions"),
    prior_auth = opt(policy, "prior_auth"),
    protected = opt(policy, "protected"),
    modifiers = opt(policy, "modifier_prices"),
    multiple = opt(policy, "multiple_procedures"),
    schedules = policy.fee_schedule,
    lesser_of = policy.fee_schedule.lesser_of,
    rounding = opt(policy, "fee_schedule.rounding") or "half_up",
  }
end

--- The tier of the provider that bills, on the day of the service.
---@param line Line
---@return string
local function tier_of(billing, line)
  local provider = billing or line.rendering_id
  if provider == nil then return "out_of_network" end
  return network_of(provider, line.service_from) or "out_of_network"
end

--- An exclusion is a denial that the policy spells out, code and remarks included.
---@param line Line
---@return boolean denied
local function excluded(terms, line, procedure)
  if terms.exclusions == nil then return false end
  for rule in each(terms.exclusions) do
    if in_ranges(rule.procedures, procedure) then
      line:deny(rule.group, rule.carc, rule.path, { rarc = codes_of(opt(rule, "rarc")) })
      return true
    end
  end
  return false
end

--- A number on the claim is what the provider says; nobody pays on it unseen.
---@param line Line
---@return boolean stopped
local function needs_authorization(terms, line, procedure)
  if terms.prior_auth == nil then return false end
  for rule in each(terms.prior_auth) do
    if in_ranges(rule.procedures, procedure) then
      local exempt = opt(rule, "exempt_places")
      if exempt == nil or not in_ranges(exempt, line.place) then
        if line.prior_auth == nil then
          line:deny("CO", "197", rule.path)
        else
          line:pend("check the authorization " .. line.prior_auth, rule.path)
        end
        return true
      end
    end
  end
  return false
end

--- Out of network, whether the law lets the member owe no more than in network (No Surprises Act): the tier whose
--- cost share holds then.
---@param line Line
---@return string? tier
local function protected_as(terms, line, procedure)
  if terms.protected == nil then return nil end
  for rule in each(terms.protected) do
    local places = opt(rule, "places")
    local procedures = opt(rule, "procedures")
    if (places == nil or in_ranges(places, line.place)) and (procedures == nil or in_ranges(procedures, procedure)) then
      return rule.tier
    end
  end
  return nil
end

---@param line Line
---@return boolean
local function has_modifier(line, wanted)
  for modifier in each(line.modifiers) do
    if modifier == wanted then return true end
  end
  return false
end

--- The percentages of the line's modifiers, each of what the one before left. A row of the fee schedule that is for
--- the modifier has its price already.
local function price_modifiers(terms, price)
  local of_row = price.fee ~= nil and price.fee.modifier or nil
  for rule in each(terms.modifiers) do
    local modifier = rule.modifier
    if modifier ~= of_row and has_modifier(price.line, modifier) then
      price.cents = money.bps(price.cents, rule.percent, terms.rounding)
      price.because = rule.path .. ".percent"
    end
  end
end

--- What the contract with the provider gives for the line, before the lesser of charge and fee; nil where the line
--- is denied or waits. `first` is the same before a reduction for several procedures.
---@param line Line
local function price_of(terms, line, tier, procedure)
  local schedule = terms.schedules[tier]
  local of_charge = opt(schedule, "percent_of_charge")
  local price = { line = line }
  if of_charge ~= nil then
    price.cents = money.bps(line.charge, of_charge, terms.rounding)
    price.because = schedule.path .. ".percent_of_charge"
  else
    local fee = fees.find(schedule.table, line, opt(schedule, "percent"))
    if fee == nil then
      -- Never paid zero: a person looks.
      line:pend("no fee for " .. (procedure or "a line without a procedure") .. " in " .. schedule.table,
        "fee_schedule.missing")
      return nil
    end
    price.because = schedule.path .. ".table"
    if fee.bundled then
      line:deny("CO", "97", price.because, { fee = fee })
      return nil
    end
    price.fee = fee
    price.cents = fee.cents
  end
  if terms.modifiers ~= nil then price_modifiers(terms, price) end
  if price.cents == 0 and line.charge > 0 then
    line:pend("the fee on file is zero", "fee_schedule.missing")
    return nil
  end
  price.first = price.cents
  return price
end

---@param line Line
local function exempt(rule, line)
  local list = opt(rule, "exempt_modifiers")
  if list == nil then return false end
  for modifier in each(line.modifiers) do
    if in_ranges(list, modifier) then return true end
  end
  return false
end

--- Several procedures of one day and provider: the dearest is paid whole, the others in part. They rank by fee, and
--- by their number where the fees are the same.
local function reduce_several(terms, rule, prices)
  local keys, last = {}, len(rule.percents)
  for price, i in each(prices) do
    keys[i] = -price.cents
  end
  for price, rank in each(sort(prices, keys)) do
    local at = math.min(rank, last)
    price.cents = money.bps(price.first, rule.percents[at], terms.rounding)
    price.reduced = rule.path .. ".percents." .. (at - 1)
  end
end

local function reduce_multiple(terms, prices)
  local ranked = {}
  for rule in each(terms.multiple) do
    local groups = {}
    for price, i in each(prices) do
      local line = price.line
      if not ranked[i] and in_ranges(rule.procedures, line.procedure) then
        ranked[i] = true
        if not exempt(rule, line) then
          local key = line.service_from .. " " .. line.rendering_id
          local group = groups[key] or {}
          group[#group + 1] = price
          groups[key] = group
        end
      end
    end
    for _, group in sorted_pairs(groups) do
      reduce_several(terms, rule, group)
    end
  end
end

--- The lesser of all charges and all fees: the fees, where together they are not above the charges.
local function lesser_of_claim(prices)
  local charges, fee_sum = 0, 0
  for price in each(prices) do
    charges = charges + price.line.charge
    fee_sum = fee_sum + price.cents
  end
  if fee_sum <= charges then return end
  for price in each(prices) do
    price.cents = price.line.charge
    price.first = price.cents
  end
end

--- A reduction is told apart from what the charge has above the fee.
local function allow(terms, price)
  local line, allowed = price.line, price.cents
  local charge = line.charge
  if terms.lesser_of == "per_line" then allowed = math.min(allowed, charge) end
  if allowed == 0 and charge > 0 then
    line:pend("nothing is left of the fee", "fee_schedule.missing")
    return
  end
  local first = math.max(allowed, math.min(price.first, charge))
  line:allow(first, price.because, { group = price.group, fee = price.fee })
  if first > allowed then line:reduce("59", first - allowed, price.reduced, { group = price.group }) end
end

---@param line Line
---@return table? price where the line is covered
local function cover_line(terms, line, tier)
  local procedure = line.procedure
  local share_tier = tier
  if tier == "out_of_network" then share_tier = protected_as(terms, line, procedure) or tier end
  line:set_tier(share_tier)
  if terms.known ~= nil and (procedure == nil or not codes.known(terms.known, procedure, line.service_from)) then
    line:deny("CO", "181", "code_sets.procedures")
    return nil
  end
  if excluded(terms, line, procedure) then return nil end
  local benefit = benefit_for(line)
  if benefit == nil then
    line:deny("PR", "204", "benefits")
    return nil
  end
  line:set_benefit(benefit)
  if opt(benefit, "covered") == false then
    line:deny("PR", "96", benefit.path .. ".covered", { rarc = { "N130" } })
    return nil
  end
  if needs_authorization(terms, line, procedure) then return nil end
  local price = price_of(terms, line, tier, procedure)
  -- What a protected member does not owe, the provider bears.
  if price ~= nil then price.group = share_tier == tier and opt(policy, "balance_billing." .. tier) or "CO" end
  return price
end

---@param claim Claim
---@param member Member
local function coverage(claim, member)
  local terms = terms_of()
  local billing = claim.billing_provider.npi
  local in_network = true
  local prices, n = {}, 0
  for line in each(claim.lines) do
    if line.is_open then
      local price = cover_line(terms, line, tier_of(billing, line))
      if line.tier == "out_of_network" then in_network = false end
      if price ~= nil then
        n = n + 1
        prices[n] = price
      end
    end
  end
  if terms.multiple ~= nil then reduce_multiple(terms, prices) end
  if terms.lesser_of == "per_claim" then lesser_of_claim(prices) end
  for price in each(prices) do
    allow(terms, price)
  end
  -- Out of network the member is paid, unless benefits were assigned (CLM08 = Y).
  local assigned = claim.assignment ~= nil and str.ends_with(claim.assignment, "Y")
  if not in_network and not assigned then claim:pay_to("member") end
end

return { coverage = coverage }
