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

--- The tier of the provider that bills, on the day of the service.
---@param claim Claim
---@param line Line
---@return string
local function tier_of(claim, line)
  local provider = claim.billing_provider.npi or line.rendering_id
  if provider == nil then return "out_of_network" end
  return network_of(provider, line.service_from) or "out_of_network"
end

--- An exclusion is a denial that the policy spells out, code and remarks included.
---@param line Line
---@return boolean denied
local function excluded(line)
  local exclusions = opt(policy, "exclusions")
  if exclusions == nil then return false end
  for rule in each(exclusions) do
    if in_ranges(rule.procedures, line.procedure) then
      line:deny(rule.group, rule.carc, rule.path, { rarc = codes_of(opt(rule, "rarc")) })
      return true
    end
  end
  return false
end

--- A number on the claim is what the provider says; nobody pays on it unseen.
---@param line Line
---@return boolean stopped
local function needs_authorization(line)
  local rules = opt(policy, "prior_auth")
  if rules == nil then return false end
  for rule in each(rules) do
    local exempt = opt(rule, "exempt_places")
    if in_ranges(rule.procedures, line.procedure)
      and not (exempt ~= nil and in_ranges(exempt, line.place))
    then
      if line.prior_auth == nil then
        line:deny("CO", "197", rule.path)
      else
        line:pend("check the authorization " .. line.prior_auth, rule.path)
      end
      return true
    end
  end
  return false
end

--- The lesser of charge and fee, unless the policy says that the fee stands.
---@param line Line
local function price(line)
  local schedule = policy.fee_schedule[line.tier]
  local fee = fees.find(schedule.table, line, opt(schedule, "percent"))
  if fee == nil then
    -- Never paid zero: a person looks.
    line:pend("no fee for " .. (line.procedure or "a line without a procedure") .. " in " .. schedule.table,
      "fee_schedule.missing")
    return
  end
  if fee.bundled then
    line:deny("CO", "97", schedule.path .. ".table", { fee = fee })
    return
  end
  if fee.cents == 0 then
    line:pend("the fee on file is zero", "fee_schedule.missing")
    return
  end
  local allowed = fee.cents
  if policy.fee_schedule.lesser_of == "per_line" then allowed = math.min(allowed, line.charge) end
  local group = opt(policy, "balance_billing." .. line.tier)
  line:allow(allowed, schedule.path .. ".table", { group = group, fee = fee })
end

---@param claim Claim
---@param line Line
local function cover_line(claim, line)
  line:set_tier(tier_of(claim, line))
  local known = opt(policy, "code_sets.procedures")
  if known ~= nil and (line.procedure == nil or not codes.known(known, line.procedure, line.service_from)) then
    line:deny("CO", "181", "code_sets.procedures")
    return
  end
  if excluded(line) then return end
  local benefit = benefit_for(line)
  if benefit == nil then
    line:deny("PR", "204", "benefits")
    return
  end
  line:set_benefit(benefit)
  if opt(benefit, "covered") == false then
    line:deny("PR", "96", benefit.path .. ".covered", { rarc = { "N130" } })
    return
  end
  if needs_authorization(line) then return end
  price(line)
end

---@param claim Claim
---@param member Member
local function coverage(claim, member)
  local in_network = true
  for line in each(claim.lines) do
    if line.is_open then
      cover_line(claim, line)
      if line.tier == "out_of_network" then in_network = false end
    end
  end
  -- Out of network the member is paid, unless benefits were assigned (CLM08 = Y).
  local assigned = claim.assignment ~= nil and str.ends_with(claim.assignment, "Y")
  if not in_network and not assigned then claim:pay_to("member") end
end

return { coverage = coverage }
