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
    schedules = policy.fee_schedule,
    lesser_of = policy.fee_schedule.lesser_of,
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

--- The lesser of charge and fee, unless the policy says that the fee stands.
---@param line Line
local function price(terms, line, tier, procedure)
  local schedule = terms.schedules[tier]
  local fee = fees.find(schedule.table, line, opt(schedule, "percent"))
  if fee == nil then
    -- Never paid zero: a person looks.
    line:pend("no fee for " .. (procedure or "a line without a procedure") .. " in " .. schedule.table,
      "fee_schedule.missing")
    return
  end
  local because = schedule.path .. ".table"
  if fee.bundled then
    line:deny("CO", "97", because, { fee = fee })
    return
  end
  local allowed = fee.cents
  if allowed == 0 then
    line:pend("the fee on file is zero", "fee_schedule.missing")
    return
  end
  if terms.lesser_of == "per_line" then allowed = math.min(allowed, line.charge) end
  line:allow(allowed, because, { group = opt(policy, "balance_billing." .. tier), fee = fee })
end

---@param line Line
---@return string tier
local function cover_line(terms, billing, line)
  local tier = tier_of(billing, line)
  local procedure = line.procedure
  line:set_tier(tier)
  if terms.known ~= nil and (procedure == nil or not codes.known(terms.known, procedure, line.service_from)) then
    line:deny("CO", "181", "code_sets.procedures")
    return tier
  end
  if excluded(terms, line, procedure) then return tier end
  local benefit = benefit_for(line)
  if benefit == nil then
    line:deny("PR", "204", "benefits")
    return tier
  end
  line:set_benefit(benefit)
  if opt(benefit, "covered") == false then
    line:deny("PR", "96", benefit.path .. ".covered", { rarc = { "N130" } })
    return tier
  end
  if needs_authorization(terms, line, procedure) then return tier end
  price(terms, line, tier, procedure)
  return tier
end

---@param claim Claim
---@param member Member
local function coverage(claim, member)
  local terms = terms_of()
  local billing = claim.billing_provider.npi
  local in_network = true
  for line in each(claim.lines) do
    if line.is_open and cover_line(terms, billing, line) == "out_of_network" then in_network = false end
  end
  -- Out of network the member is paid, unless benefits were assigned (CLM08 = Y).
  local assigned = claim.assignment ~= nil and str.ends_with(claim.assignment, "Y")
  if not in_network and not assigned then claim:pay_to("member") end
end

return { coverage = coverage }
