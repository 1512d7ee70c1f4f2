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

--- What was agreed in a tier for a case, for each day, or for the whole stay of a diagnosis related group.
local function agreed_of(schedule)
  local rates, groups, including = {}, {}, {}
  for kind in each({ "case_rates", "per_diem" }) do
    for rule in each(opt(schedule, kind) or {}) do
      local drgs, base = opt(rule, "drgs"), opt(rule, "base_rate")
      local cents, because = opt(rule, "rate"), rule.path .. ".rate"
      if cents == nil then because = rule.path .. ".table" end
      local rate = {
        path = rule.path,
        rule = rule,
        procedures = opt(rule, "procedures"),
        revenue_codes = opt(rule, "revenue_codes"),
        drgs = drgs,
        includes = opt(rule, "includes"),
        apart = opt(rule, "carve_outs"),
        daily = kind == "per_diem",
        cents = cents,
        table = opt(rule, "table"),
        -- A table of weights is of the thousandth part of a dollar, so that a weight of 1.0000 is the base rate.
        units = base ~= nil and base * 10 or 1000,
        because = because,
        above = opt(rule, "stop_loss.above"),
        percent = opt(rule, "stop_loss.percent"),
      }
      if drgs ~= nil then groups[#groups + 1] = rate else rates[#rates + 1] = rate end
      if rate.includes ~= nil then including[#including + 1] = rate end
    end
  end
  return {
    rates = #rates > 0 and rates or nil,
    groups = #groups > 0 and groups or nil,
    including = including,
  }
end

--- How a tier prices drugs by their NDC, where it does.
local function drugs_of(schedule)
  local drugs = opt(schedule, "drugs")
  if drugs == nil then return nil end
  return {
    table = drugs.table,
    percent = opt(drugs, "percent"),
    pend = drugs.missing == "pend",
    because_table = drugs.path .. ".table",
    because_missing = drugs.path .. ".missing",
  }
end

--- What the policy gives for a service in each tier, by the tier's name.
local function schedules_of()
  local out = {}
  for network in each(policy.networks) do
    local tier = str.sub(network.path, len("networks.") + 1, len(network.path))
    local schedule = opt(policy.fee_schedule, tier)
    if schedule ~= nil then
      local agreed = agreed_of(schedule)
      out[tier] = {
        table = opt(schedule, "table"),
        percent = opt(schedule, "percent"),
        because_table = schedule.path .. ".table",
        of_charge = opt(schedule, "percent_of_charge"),
        because_charge = schedule.path .. ".percent_of_charge",
        relative = opt(schedule, "rbrvs"),
        because_relative = schedule.path .. ".rbrvs",
        agreed = agreed.rates ~= nil or agreed.groups ~= nil,
        rates = agreed.rates,
        including = agreed.including,
        groups = agreed.groups,
        drugs = drugs_of(schedule),
      }
    end
  end
  return out
end

--- Who bears what the charge has above the allowed amount, by the tier's name.
local function balances_of()
  local out = {}
  for network in each(policy.networks) do
    local tier = str.sub(network.path, len("networks.") + 1, len(network.path))
    out[tier] = opt(policy, "balance_billing." .. tier) or "CO"
  end
  return out
end

--- What coverage asks of each benefit, by the benefit's path.
local function benefits_of()
  local out = {}
  for benefit in each(policy.benefits) do
    out[benefit.path] = {
      not_covered = opt(benefit, "covered") == false,
      because_covered = benefit.path .. ".covered",
      waiting = opt(benefit, "waiting_period"),
    }
  end
  return out
end

--- What the policy says of services. It is read once for each version of the plan; what the plan does not use is not
--- there, and is not looked for at any line.
local function prepare()
  local schedules, agreed = schedules_of(), false
  for _, schedule in sorted_pairs(schedules) do
    if schedule.agreed then agreed = true end
  end
  local units, pairs, lesser_of = opt(policy, "ncci.units"), opt(policy, "ncci.pairs"), policy.fee_schedule.lesser_of
  local multiple, lesser_of_claim = opt(policy, "multiple_procedures"), lesser_of == "per_claim"
  return {
    known = opt(policy, "code_sets.procedures"),
    known_revenue = opt(policy, "code_sets.revenue_codes"),
    barred = opt(policy, "barred_providers"),
    edits = opt(policy, "edits"),
    exclusions = opt(policy, "exclusions"),
    prior_auth = opt(policy, "prior_auth"),
    protected = opt(policy, "protected"),
    modifiers = opt(policy, "modifier_prices"),
    multiple = multiple,
    pairs = pairs,
    units = units,
    schedules = schedules,
    agreed = agreed,
    because_locality = opt(policy, "localities.table") ~= nil and "localities.table" or "fee_schedule.missing",
    balances = balances_of(),
    borne_by = { CO = { group = "CO" }, PR = { group = "PR" } },
    benefits = benefits_of(),
    lesser_of_line = lesser_of == "per_line",
    lesser_of_claim = lesser_of_claim,
    -- Whether the price of a line depends on other lines.
    together = units ~= nil or pairs ~= nil or multiple ~= nil or lesser_of_claim,
    rounding = opt(policy, "fee_schedule.rounding") or "half_up",
    unit_rounding = opt(policy, "fee_schedule.unit_rounding") or "half_up",
  }
end

--- An exclusion is a denial that the policy spells out, code and remarks included.
---@param line Line
---@return boolean denied
local function excluded(terms, line)
  local rule = rule_for(terms.exclusions, line)
  if rule == nil then return false end
  line:deny(rule.group, rule.carc, rule.path, { rarc = codes_of(opt(rule, "rarc")) })
  return true
end

--- Providers who are paid nothing for services of that day, such as those that a government excluded.
---@param line Line
---@return boolean denied
local function provider_barred(terms, billing, line)
  local rendering, day = line.rendering_id, line.service_from
  for rule in each(terms.barred) do
    if codes.known(rule.table, rendering, day) or (billing ~= nil and codes.known(rule.table, billing, day)) then
      line:deny("CO", "B7", rule.path)
      return true
    end
  end
  return false
end

--- Whether the line points at a diagnosis that begins so; a line that points at none is for all of the claim's.
---@param line Line
---@return boolean
local function has_diagnosis(claim, line, list)
  local pointers = line.diagnosis_pointers
  local all = claim.diagnoses
  local n = len(pointers)
  if n == 0 then n = len(all) end
  for i = 1, n do
    local at = i
    if len(pointers) > 0 then at = pointers[i] end
    local code = all[at].code
    for prefix in each(list) do
      if str.starts_with(code, prefix) then return true end
    end
  end
  return false
end

---@param line Line
---@return boolean
local function has_modifier_of(line, list)
  for modifier in each(line.modifiers) do
    if in_ranges(list, modifier) then return true end
  end
  return false
end

--- What a procedure asks of the member's age and sex. What is not on file is for a person.
---@param member Member
---@param line Line
---@return boolean stopped
local function wrong_member(rule, member, line, group)
  local age = opt(rule, "age")
  if age ~= nil then
    local born = member.birth_date
    if born == nil then
      line:pend("the member's date of birth is not on file", rule.path .. ".age")
      return true
    end
    local years, day = -1, line.service_from
    if born <= day then years = date.years_between(born, day) end
    local from, to = opt(age, "from"), opt(age, "to")
    if (from ~= nil and years < from) or (to ~= nil and years > to) then
      line:deny(group, "6", rule.path .. ".age")
      return true
    end
  end
  local sex = opt(rule, "sex")
  if sex ~= nil and member.sex ~= sex then
    if member.sex == "F" or member.sex == "M" then
      line:deny(group, "7", rule.path .. ".sex")
    else
      line:pend("the member's sex is not on file", rule.path .. ".sex")
    end
    return true
  end
  return false
end

--- Edits: age, sex, place, diagnosis and modifiers that a procedure asks for.
---@param line Line
---@return boolean stopped
local function edited(terms, claim, member, line)
  local rule = rule_for(terms.edits, line)
  while rule ~= nil do
    local group = opt(rule, "group") or "CO"
    if wrong_member(rule, member, line, group) then return true end
    local places = opt(rule, "places")
    if places ~= nil and not in_ranges(places, line.place) then
      line:deny(group, "5", rule.path .. ".places")
      return true
    end
    local diagnoses = opt(rule, "diagnoses")
    if diagnoses ~= nil and not has_diagnosis(claim, line, diagnoses) then
      line:deny(group, "11", rule.path .. ".diagnoses")
      return true
    end
    local modifiers = opt(rule, "modifiers")
    if modifiers ~= nil and not has_modifier_of(line, modifiers) then
      line:deny(group, "4", rule.path .. ".modifiers")
      return true
    end
    rule = rule_for(terms.edits, line, rule)
  end
  return false
end

--- The first day of the cover that the member has without a gap, of this plan, up to the day.
---@param member Member
---@return integer
local function covered_since(member, day)
  local cover = member:cover_on(day)
  if cover == nil then return day end
  local plan, since = cover.plan, cover.from
  local before = member:cover_on(since - 1)
  while before ~= nil and before.plan == plan do
    since = before.from
    before = member:cover_on(since - 1)
  end
  return since
end

--- A benefit that begins only some time after the cover does.
---@param member Member
---@param line Line
---@return boolean denied
local function must_wait(member, line, waiting)
  local day = line.service_from
  local since, unit, limit = covered_since(member, day), waiting.unit, waiting.limit
  local first = since + limit
  if unit == "months" then first = date.add_months(since, limit) end
  if unit == "years" then first = date.add_months(since, 12 * limit) end
  if day >= first then return false end
  line:deny("PR", "179", waiting.path .. ".limit", {
    note = "this benefit begins on " .. date.text(first),
  })
  return true
end

--- A number on the claim is what the provider says; nobody pays on it unseen.
---@param line Line
---@return boolean stopped
local function needs_authorization(terms, line)
  local rule = rule_for(terms.prior_auth, line)
  while rule ~= nil do
    local exempt = opt(rule, "exempt_places")
    if exempt == nil or not in_ranges(exempt, line.place) then
      if line.prior_auth == nil then
        line:deny("CO", "197", rule.path)
      else
        line:pend("check the authorization " .. line.prior_auth, rule.path)
      end
      return true
    end
    rule = rule_for(terms.prior_auth, line, rule)
  end
  return false
end

--- Out of network, whether the law lets the member owe no more than in network (No Surprises Act): the tier whose
--- cost share holds then.
---@param line Line
---@return string? tier
local function protected_as(terms, line)
  for rule in each(terms.protected) do
    local places = opt(rule, "places")
    local any = opt(rule, "procedures") == nil and opt(rule, "revenue_codes") == nil
    if (places == nil or in_ranges(places, line.place)) and (any or concerns(rule, line)) then
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
--- the modifier has its price already. The price and the path of the last percentage, if one applies.
---@param line Line
local function price_modifiers(terms, line, fee, cents)
  local of_row, because = fee ~= nil and fee.modifier or nil, nil
  for rule in each(terms.modifiers) do
    local modifier = rule.modifier
    if modifier ~= of_row and has_modifier(line, modifier) then
      cents = money.bps(cents, rule.percent, terms.rounding)
      because = rule.path .. ".percent"
    end
  end
  return { cents = cents, because = because }
end

--- What a line was billed as, for people.
---@param line Line
---@return string
local function billed_as(line)
  local procedure, revenue = line.procedure, line.revenue_code
  if procedure ~= nil then return procedure end
  if revenue ~= nil then return "revenue code " .. revenue end
  return "a line without a procedure"
end

--- The price by relative values, indices of the locality and conversion factor; nil where one of them is not known.
---@param line Line
---@return Fee?
local function relative_fee(terms, schedule, line)
  if locality_of(line) == nil then
    line:pend("the locality of the service is not known", terms.because_locality)
    return nil
  end
  local fee = fees.relative(schedule.relative, line, schedule.percent, terms.unit_rounding)
  if fee == nil then
    line:pend("no relative values for " .. billed_as(line) .. " where it was done", "fee_schedule.missing")
  end
  return fee
end

--- What a fee table has for the line's revenue code, where it has nothing for its procedure.
---@param line Line
---@return Fee?
local function fee_by_revenue(name, line, percent, rounding, units)
  local revenue = line.revenue_code
  if revenue == nil then return nil end
  return fees.find(name, line, percent, rounding, units, revenue)
end

--- What the fee schedule has for the line; nil where there is nothing or the line is denied.
---@param line Line
---@return Fee?
local function fee_of(terms, schedule, line)
  local fee = fees.find(schedule.table, line, schedule.percent, terms.unit_rounding)
    or fee_by_revenue(schedule.table, line, schedule.percent, terms.unit_rounding, nil)
  if fee == nil then
    -- Never paid zero: a person looks.
    line:pend("no fee for " .. billed_as(line) .. " in " .. schedule.table, "fee_schedule.missing")
    return nil
  end
  if fee.bundled then
    line:deny("CO", "97", schedule.because_table, { fee = fee })
    return nil
  end
  return fee
end

--- What the drug of the line costs by its NDC, in the unit of measure that its price is for; nil where it has no price, or the
--- line is denied or waits.
---@param line Line
---@return Fee?
local function drug_fee(terms, drugs, line)
  local ndc = line.drug_code
  if ndc == nil then return nil end
  local fee, unit = fees.drug(drugs.table, line, drugs.percent, terms.unit_rounding), line.drug_unit
  if fee == nil then
    if drugs.pend then line:pend("no price for " .. ndc .. " in " .. drugs.table, drugs.because_missing) end
  elseif fee.unit ~= unit then
    line:pend("the drug is priced by " .. fee.unit .. " and was billed by " .. (unit or "no unit"), drugs.because_table)
  elseif fee.bundled then
    line:deny("CO", "97", drugs.because_table, { fee = fee })
  end
  return fee
end

--- The agreed rate that is for the line: one that names its procedure, else one that names its revenue code.
---@param line Line
local function rate_for(rates, line)
  local procedure, revenue, by_revenue = line.procedure, line.revenue_code, nil
  for rate in each(rates) do
    if rate.procedures ~= nil and in_ranges(rate.procedures, procedure) then return rate end
    local codes = rate.revenue_codes
    if by_revenue == nil and codes ~= nil and in_ranges(codes, revenue) then by_revenue = rate end
  end
  return by_revenue
end

--- The agreed rate of each line, and of each rate the first line that it is for: what else the rate includes is paid with
--- that one.
local function leads_of(terms, covered)
  local leads = {}
  for at in each(covered) do
    local schedule, line = terms.schedules[at.tier], at.line
    if at.stay == nil and schedule ~= nil and schedule.rates ~= nil then
      local rate = rate_for(schedule.rates, line)
      at.rate = rate
      if rate ~= nil and leads[rate.path] == nil then leads[rate.path] = line.number end
    end
  end
  return leads
end

--- Whether a list that mixes codes of procedures and revenue codes has one of the line's: no code is of both forms.
---@param line Line
---@return boolean
local function in_either(list, line)
  return in_ranges(list, line.procedure) or in_ranges(list, line.revenue_code)
end

--- Whether the agreed rate of another line pays for this one too.
---@param line Line
---@return boolean denied
local function paid_within(rates, line, leads)
  for rate in each(rates) do
    local includes, lead = rate.includes, leads[rate.path]
    if includes ~= nil and lead ~= nil and lead ~= line.number and in_either(includes, line) then
      line:deny("CO", "97", rate.path .. ".includes")
      return true
    end
  end
  return false
end

--- A rate agreed for the case whatever its units, or for each unit, a covered day. The charge does not bind it. Nil where
--- there is none for the line, or where it is denied or waits.
---@param line Line
local function agreed_price(terms, line, rate)
  if rate == nil then return nil end
  local units = rate.units
  if rate.daily then units = line.units end
  if rate.cents ~= nil then
    return { cents = money.muldiv(rate.cents, units, 1000, terms.unit_rounding), because = rate.because, fee = nil, note = nil }
  end
  local fee = fees.find(rate.table, line, nil, terms.unit_rounding, units)
    or fee_by_revenue(rate.table, line, nil, terms.unit_rounding, units)
  if fee == nil or fee.cents == 0 then
    line:pend("no rate for " .. billed_as(line) .. " in " .. rate.table, "fee_schedule.missing")
    return nil
  end
  return { cents = fee.cents, because = rate.because, fee = fee, note = nil }
end

--- The rate of a tier that is for the DRG; nil where none is.
local function group_of(schedule, drg)
  for rate in each(schedule ~= nil and schedule.groups or {}) do
    if in_ranges(rate.drgs, drg) then return rate end
  end
  return nil
end

--- A rate for the claim's DRG pays for all its lines in the tier but those carved out: the first of them takes it. What they
--- were charged together is told for the stop loss.
local function find_stays(terms, claim, covered)
  local drg, stays = claim.drg, {}
  if drg == nil then return end
  for at in each(covered) do
    local tier, line = at.tier, at.line
    local stay = stays[tier]
    if stay == nil then
      stay = { rate = group_of(terms.schedules[tier], drg), lead = 0, drg = drg, charges = 0 }
      stays[tier] = stay
    end
    local rate = stay.rate
    if rate ~= nil and not (rate.apart ~= nil and in_either(rate.apart, line)) then
      if stay.lead == 0 then stay.lead = line.number end
      stay.charges = stay.charges + line.charge
      at.stay = stay
    end
  end
end

--- Cents, for people.
---@param cents integer
---@return string
local function dollars(cents)
  local rest = cents % 100
  return cents // 100 .. (rest < 10 and ".0" or ".") .. rest
end

--- The rate of the stay on the line that takes it; the others are paid with it. Nil where it waits or is denied.
---@param line Line
local function stay_price(terms, line, stay)
  local rate = stay.rate
  if line.number ~= stay.lead then
    line:deny("CO", "97", rate.path .. ".drgs")
    return nil
  end
  local cents, because, fee = rate.cents, rate.because, nil
  if cents == nil then
    fee = fees.find(rate.table, line, nil, terms.unit_rounding, rate.units, stay.drg)
    if fee == nil or fee.cents == 0 then
      line:pend("no rate for DRG " .. stay.drg .. " in " .. rate.table, "fee_schedule.missing")
      return nil
    end
    cents = fee.cents
  end
  local note = nil
  if rate.above ~= nil and stay.charges > rate.above then
    local beside = money.bps(stay.charges - rate.above, rate.percent, terms.rounding)
    note = "the rate " .. dollars(cents) .. ", and " .. dollars(beside) .. " for charges of " .. dollars(stay.charges)
    cents = cents + beside
    because = rate.path .. ".stop_loss.percent"
  end
  return { cents = cents, because = because, fee = fee, note = note }
end

--- Allows the line its price, after rules that reduced it from `first` at the path `reduced`: that is told apart from what the
--- charge has above the price. `agreed` where the price is a rate that was agreed.
---@param line Line
---@return integer allowed
local function allow(terms, line, group, cents, first, because, reduced, fee, agreed)
  local charge, allowed = line.charge, cents
  if terms.lesser_of_line and not agreed and cents > charge then allowed = charge end
  if allowed == 0 and charge > 0 then
    line:pend("nothing is left of the fee", "fee_schedule.missing")
    return 0
  end
  local whole, options = allowed, terms.borne_by[group]
  if reduced ~= nil then whole = math.max(allowed, math.min(first, charge)) end
  if agreed and agreed.note ~= nil then options = { group = group, note = agreed.note } end
  line:allow(whole, because, options, fee)
  if whole > allowed then line:reduce("59", whole - allowed, reduced, options) end
  return allowed
end

--- The price of a line as the rules that look at all lines together take it: `first` is the same before a reduction for
--- several procedures, `group` who bears what the charge has above it, `units` what edits leave of the line's.
local function priced(line, group, cents, because, fee, agreed)
  return {
    line = line, group = group, cents = cents, first = cents, because = because, fee = fee, reduced = nil,
    agreed = agreed, units = nil,
  }
end

--- What the contract with the provider gives for the line, before the lesser of charge and fee: allowed at once where it depends
--- on no other line. Nil then, and where the line is denied or waits. `leads` where rates were agreed, and then `at` what was
--- agreed for the line.
---@param line Line
local function price_of(terms, line, tier, group, leads, at)
  local schedule = terms.schedules[tier] or policy.fee_schedule[tier]
  local fee, cents, because = nil, 0, schedule.because_table
  if leads ~= nil and schedule.agreed then
    local agreed = nil
    if at.stay ~= nil then
      agreed = stay_price(terms, line, at.stay)
    elseif not paid_within(schedule.including, line, leads) then
      agreed = agreed_price(terms, line, at.rate)
    end
    if not line.is_open then return nil end
    if agreed ~= nil then
      if terms.together then return priced(line, group, agreed.cents, agreed.because, agreed.fee, agreed) end
      allow(terms, line, group, agreed.cents, agreed.cents, agreed.because, nil, agreed.fee, agreed)
      return nil
    end
  end
  if schedule.drugs ~= nil then
    fee = drug_fee(terms, schedule.drugs, line)
    if not line.is_open then return nil end
  end
  if fee ~= nil then
    cents = fee.cents
    because = schedule.drugs.because_table
  elseif schedule.relative ~= nil then
    fee = relative_fee(terms, schedule, line)
    if fee == nil then return nil end
    cents = fee.cents
    because = schedule.because_relative
  elseif schedule.of_charge ~= nil then
    cents = money.bps(line.charge, schedule.of_charge, terms.rounding)
    because = schedule.because_charge
  else
    fee = fee_of(terms, schedule, line)
    if fee == nil then return nil end
    cents = fee.cents
  end
  if terms.modifiers ~= nil then
    local modified = price_modifiers(terms, line, fee, cents)
    cents = modified.cents
    because = modified.because or because
  end
  if cents == 0 and line.charge > 0 then
    line:pend("the fee on file is zero", "fee_schedule.missing")
    return nil
  end
  if terms.together then return priced(line, group, cents, because, fee, nil) end
  allow(terms, line, group, cents, cents, because, nil, fee, nil)
  return nil
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
      if not ranked[i] and not price.agreed and in_ranges(rule.procedures, line.procedure) then
        ranked[i] = true
        local exempt = opt(rule, "exempt_modifiers")
        if exempt == nil or not has_modifier_of(line, exempt) then
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
    if not price.agreed then
      charges = charges + price.line.charge
      fee_sum = fee_sum + price.cents
    end
  end
  if fee_sum <= charges then return end
  for price in each(prices) do
    if not price.agreed then
      price.cents = price.line.charge
      price.first = price.cents
    end
  end
end

--- Of the units that the edits leave, their part of what would be allowed for all.
---@param line Line
local function pay_some_units(terms, line, units, allowed)
  local part = money.muldiv(allowed, units.paid, line.units, terms.rounding)
  local options = { rarc = { "N362" }, edit = units.edit }
  if part == 0 and allowed > 0 then
    line:deny("CO", "151", units.because, options)
    return
  end
  if part < allowed then line:reduce("151", allowed - part, units.because, options) end
  line:pay_units(units.paid)
end

--- A line without a procedure is known by its revenue code.
---@param line Line
---@return boolean
local function known_procedure(terms, line)
  local procedure = line.procedure
  if procedure == nil then return line.revenue_code ~= nil end
  return codes.known(terms.known, procedure, line.service_from)
end

---@param line Line
---@return boolean
local function known_revenue(terms, line)
  local revenue = line.revenue_code
  return revenue == nil or codes.known(terms.known_revenue, revenue, line.service_from)
end

--- Order of checks, version 2 (docs/policy.md): barred provider, code, edits, authorization, exclusions and benefit,
--- waiting period, price.
---@param line Line
---@return string? group who bears what the charge has above the price, where the line is covered
local function cover_line(terms, claim, member, billing, line, tier)
  local share_tier = tier
  if terms.protected ~= nil and tier == "out_of_network" then
    share_tier = protected_as(terms, line) or tier
  end
  line:set_tier(share_tier)
  if terms.barred ~= nil and provider_barred(terms, billing, line) then return nil end
  if terms.known ~= nil and not known_procedure(terms, line) then
    line:deny("CO", "181", "code_sets.procedures")
    return nil
  end
  if terms.known_revenue ~= nil and not known_revenue(terms, line) then
    line:deny("CO", "16", "code_sets.revenue_codes", { rarc = { "M50" } })
    return nil
  end
  if terms.edits ~= nil and edited(terms, claim, member, line) then return nil end
  if terms.prior_auth ~= nil and needs_authorization(terms, line) then return nil end
  if terms.exclusions ~= nil and excluded(terms, line) then return nil end
  local benefit = benefit_for(line)
  if benefit == nil then
    line:deny("PR", "204", "benefits")
    return nil
  end
  line:set_benefit(benefit)
  local asked = terms.benefits[benefit.path]
  if asked.not_covered then
    line:deny("PR", "96", asked.because_covered, { rarc = { "N130" } })
    return nil
  end
  if asked.waiting ~= nil and must_wait(member, line, asked.waiting) then return nil end
  -- What a protected member does not owe, the provider bears.
  return share_tier == tier and terms.balances[tier] or "CO"
end

local function still_open(prices)
  local open, n = {}, 0
  for price in each(prices) do
    if price.line.is_open then
      n = n + 1
      open[n] = price
    end
  end
  return open
end

--- The table of an edit that is for the claim, and its path: hospitals may have one of their own.
local function table_of(rule, claim)
  local key = "table"
  if claim.type == "institutional" and opt(rule, "institutional_table") ~= nil then key = "institutional_table" end
  return { name = opt(rule, key), because = rule.path .. "." .. key }
end

--- Units of the procedure that the provider billed that day on earlier claims, and that were not denied: those of claims
--- that wait apart.
---@param line Line
local function units_before(line)
  local procedure, provider, paid, waiting = line.procedure, line.rendering_id, 0, 0
  for service in each(history.day(line)) do
    if service.procedure == procedure and service.provider == provider then
      if service.waits then
        waiting = waiting + service.units
      else
        paid = paid + service.units - service.units_denied
      end
    end
  end
  return { paid = paid, waiting = waiting }
end

--- Medically unlikely edits: more units of a procedure than anybody needs, on one line (MAI 1) or by one provider on
--- one day with what earlier claims billed (MAI 2 and 3). The line that passes the number is denied whole, waits, or is
--- paid up to it.
local function check_units(terms, claim, prices)
  local rule = terms.units
  local from, above, days = table_of(rule, claim), rule.above, {}
  for price in each(prices) do
    local line = price.line
    local procedure = line.procedure
    local edit = procedure ~= nil and edits.units(from.name, procedure, line.service_from) or nil
    if edit ~= nil and (edit.units > 0 or rule.zero == "deny") then
      local most, mine, day = edit.units * 1000, line.units, { paid = 0, waiting = 0 }
      if edit.indicator ~= 1 then
        local key = line.service_from .. " " .. line.rendering_id .. " " .. procedure
        day = days[key] or units_before(line)
        days[key] = day
      end
      local left = most - day.paid
      if mine > left and above == "pend" then
        line:pend("more units than the edits allow", rule.path .. ".above")
      elseif mine > left and (left <= 0 or above == "deny" or edit.indicator == 1) then
        line:deny("CO", "151", from.because, { rarc = { "N362" }, edit = edit })
      elseif mine + day.waiting > left and day.waiting > 0 then
        line:pend("with units of a claim that waits it is more than the edits allow", rule.path .. ".above")
      else
        if mine > left then
          price.units = { paid = left, because = from.because, edit = edit }
          mine = left
        end
        day.paid = day.paid + mine
      end
    end
  end
end

--- Services of one procedure that no pair tells apart are one: they bundle the same and are bundled alike.
local function add_service(services, codes, service, apart, waits)
  local code = service.procedure
  local alike = services[code]
  if alike == nil then
    alike = {}
    services[code] = alike
    codes[#codes + 1] = code
  end
  for one in each(alike) do
    if one.apart == apart and one.waits == waits then
      one.lines[#one.lines + 1] = service
      return
    end
  end
  alike[#alike + 1] = {
    procedure = code, apart = apart, waits = waits, lines = { service }, open = true, bundles = {}, bundled = 0, ready = false,
  }
end

--- The open lines of each day and provider, and what earlier claims billed to the provider that day.
local function together_of(rule, prices)
  local groups, by_key, n = {}, {}, 0
  for price in each(prices) do
    local line = price.line
    if line.procedure ~= nil then
      local provider = line.rendering_id
      local key = line.service_from .. " " .. provider
      local group = by_key[key]
      if group == nil then
        group = { first = line, codes = {}, lines = {}, earlier_codes = {}, earlier = {} }
        by_key[key] = group
        n = n + 1
        groups[n] = group
        for service in each(history.day(line)) do
          if service.provider == provider and service.procedure ~= nil then
            local apart = has_modifier_of(service, rule.modifiers)
            add_service(group.earlier, group.earlier_codes, service, apart, service.waits)
          end
        end
      end
      add_service(group.lines, group.codes, line, has_modifier_of(line, rule.modifiers), false)
    end
  end
  return groups
end

--- Each two of which the second is not paid beside the first; with indicator 1 a modifier of either tells them apart.
local function add_edges(edges, edit, ones, twos)
  if ones == nil or twos == nil then return end
  for one in each(ones) do
    for two in each(twos) do
      if edit.indicator == 0 or not (one.apart or two.apart) then
        edges[#edges + 1] = { one = one, two = two, edit = edit }
      end
    end
  end
end

--- The pairs among the services of each day and provider: `edges` on the claim, `after` where the first was billed
--- earlier, `before` where the second was.
local function edges_of(from, groups)
  local edges, after, before = {}, {}, {}
  for group in each(groups) do
    for code in each(group.codes) do
      for edit in each(edits.pairs(from.name, code, group.first)) do
        local other = edit.column_2
        if edit.indicator ~= 9 and other ~= code then
          add_edges(edges, edit, group.lines[code], group.lines[other])
          add_edges(before, edit, group.lines[code], group.earlier[other])
        end
      end
    end
    for code in each(group.earlier_codes) do
      for edit in each(edits.pairs(from.name, code, group.first)) do
        local other = edit.column_2
        if edit.indicator ~= 9 and other ~= code then
          add_edges(after, edit, group.earlier[code], group.lines[other])
        end
      end
    end
  end
  return { edges = edges, after = after, before = before }
end

local function deny_pair(from, edge)
  edge.two.open = false
  for line in each(edge.two.lines) do
    line:deny("CO", "236", from.because, { edit = edge.edit })
  end
end

local function pend_pair(service, words, because)
  service.open = false
  for line in each(service.lines) do
    line:pend(words, because)
  end
end

--- Lines against what earlier claims billed: where column 1 was paid, column 2 is denied. Beside what waits, and a column 2
--- that was paid, a line is for a person.
local function check_earlier(rule, from, found)
  for edge in each(found.after) do
    if edge.two.open and not edge.one.waits then deny_pair(from, edge) end
  end
  for edge in each(found.after) do
    if edge.two.open then
      pend_pair(edge.two, "a claim that waits has " .. edge.one.procedure .. ", beside which it is not paid", from.because)
    end
  end
  for edge in each(found.before) do
    if edge.one.open then
      pend_pair(edge.one, "an earlier claim has " .. edge.two.procedure .. ", which is not paid beside it",
        rule.path .. ".earlier_column_2")
    end
  end
end

local function open_edges(edges)
  local open, n = {}, 0
  for edge in each(edges) do
    if edge.one.open and edge.two.open then
      n = n + 1
      open[n] = edge
    end
  end
  return open
end

--- Denies column 2 where column 1 stays payable: first what is bundled by lines that nothing bundles, then what is bundled
--- by lines that this frees.
local function deny_bundled(from, edges)
  local ready, n = {}, 0
  for edge in each(edges) do
    local one, two = edge.one, edge.two
    one.bundles[#one.bundles + 1] = edge
    two.bundled = two.bundled + 1
  end
  for edge in each(edges) do
    local one = edge.one
    if one.bundled == 0 and not one.ready then
      one.ready = true
      n = n + 1
      ready[n] = one
    end
  end
  local at = 1
  while at <= n do
    for edge in each(ready[at].bundles) do
      if edge.two.open then
        deny_pair(from, edge)
        for freed in each(edge.two.bundles) do
          local two = freed.two
          two.bundled = two.bundled - 1
          if two.bundled == 0 and two.open and #two.bundles > 0 then
            n = n + 1
            ready[n] = two
          end
        end
      end
    end
    at = at + 1
  end
end

--- NCCI pairs: column 2 is denied where column 1 is payable on the same day to the same provider. A line that is
--- denied itself as another's column 2 bundles nothing.
local function check_pairs(terms, claim, prices)
  local rule = terms.pairs
  local from = table_of(rule, claim)
  local found = edges_of(from, together_of(rule, still_open(prices)))
  check_earlier(rule, from, found)
  deny_bundled(from, open_edges(found.edges))
  for edge in each(open_edges(found.edges)) do
    if edge.two.open then pend_pair(edge.two, "each of two services bundles the other", from.because) end
  end
end

--- The rules under which the lines of a claim depend on each other.
local function price_together(terms, claim, prices)
  if terms.units ~= nil then check_units(terms, claim, prices) end
  if terms.pairs ~= nil then check_pairs(terms, claim, prices) end
  if terms.units ~= nil or terms.pairs ~= nil then prices = still_open(prices) end
  if terms.multiple ~= nil then reduce_multiple(terms, prices) end
  if terms.lesser_of_claim then lesser_of_claim(prices) end
  return prices
end

--- Where a rate was agreed for a case or a day, a price depends on what else of the claim is covered.
local function agreed_prices(terms, claim, covered)
  find_stays(terms, claim, covered)
  local leads, prices, n = leads_of(terms, covered), {}, 0
  for at in each(covered) do
    local price = price_of(terms, at.line, at.tier, at.group, leads, at)
    if price ~= nil then
      n = n + 1
      prices[n] = price
    end
  end
  return prices
end

--- Whether lines are paid, and all of them as out of network.
---@return boolean
local function all_outside(lines)
  local some = false
  for line in each(lines) do
    if line.is_open then
      if line.tier ~= "out_of_network" then return false end
      some = true
    end
  end
  return some
end

---@param claim Claim
---@param member Member
local function coverage(claim, member, terms)
  local billing = claim.billing_provider.npi
  local provider, day, tier, outside = nil, 0, "out_of_network", false
  local prices, n, covered = {}, 0, {}
  for line in each(claim.lines) do
    if line.is_open then
      -- The tier of the provider that bills, on the day of the service: mostly that of the line before.
      local bills, from = billing or line.rendering_id, line.service_from
      if bills == nil then
        tier = "out_of_network"
      elseif bills ~= provider or from ~= day then
        tier = network_of(bills, from) or "out_of_network"
      end
      if tier == "out_of_network" then outside = true end
      provider = bills
      day = from
      local group = cover_line(terms, claim, member, billing, line, tier)
      if group ~= nil and terms.agreed then
        covered[#covered + 1] = { line = line, tier = tier, group = group, stay = nil, rate = nil }
      elseif group ~= nil then
        local price = price_of(terms, line, tier, group, nil, nil)
        if price ~= nil then
          n = n + 1
          prices[n] = price
        end
      end
    end
  end
  if terms.agreed then prices = agreed_prices(terms, claim, covered) end
  if terms.together then prices = price_together(terms, claim, prices) end
  for price in each(prices) do
    local line, units = price.line, price.units
    local allowed = allow(terms, line, price.group, price.cents, price.first, price.because, price.reduced, price.fee, price.agreed)
    if units ~= nil and line.is_open then pay_some_units(terms, line, units, allowed) end
  end
  -- Out of network the member is paid, unless benefits were assigned (CLM08 = Y); the provider, where one line is in
  -- network or protected.
  if outside and all_outside(claim.lines) then
    local assigned = claim.assignment ~= nil and str.ends_with(claim.assignment, "Y")
    if not assigned then claim:pay_to("member") end
  end
end

return { prepare = prepare, coverage = coverage }
