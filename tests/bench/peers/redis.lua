-- tests/bench/peers/redis.lua - the adjudication of contracts/*.lua under examples/summit-ppo-2026.yaml as a user of Redis would
-- write it: one script a claim, state in hashes, amounts in cents (numbers of Redis's Lua 5.1). ARGV[1]: the number of families.
-- It decides the n-th claim of tests/bench/bench.c, n counted in the key `n`. No signature, proof or audit.
local n = redis.call('INCR', 'n') - 1
local families = tonumber(ARGV[1])
local member = string.format('M%06d', n % families)
local provider, year = '1234567893', 2026
local day = 20458 + math.floor(n / families) % 250 -- days since 1970: 2026-01-05
local filing = 'filing:' .. n
if redis.call('EXISTS', filing) == 1 then return redis.call('HGET', filing, 'paid') end
local lines = {{'80053', 9000}, {'97110', 10111}, {'97140', 11222}, {'99213', 12333}, {'E0110', 13444}, {'J1100', 14555}}

local limits = {in_network = {deductible = {50000, 100000}, oop_max = {400000, 800000}},
  out_of_network = {deductible = {150000, 300000}, oop_max = {900000, 1800000}}}
local ranges = {
  {'99202', '99215', 'office_visit'}, {'G0402', 'G0402', 'office_visit'}, {'G0438', 'G0439', 'office_visit'},
  {'80047', '89398', 'laboratory'}, {'G0103', 'G0103', 'laboratory'}, {'P9010', 'P9100', 'laboratory'},
  {'97110', '97546', 'therapy'}, {'G0151', 'G0153', 'therapy'}, {'70010', '76499', 'imaging'}, {'G0204', 'G0235', 'imaging'},
  {'A4206', 'A9999', 'equipment'}, {'E0100', 'E8002', 'equipment'}, {'K0001', 'K0900', 'equipment'},
  {'J0120', 'J9999', 'injections'}, {'90281', '90756', 'injections'}, {'Q0138', 'Q9992', 'injections'}}
local shares = {
  office_visit = {in_network = {3000, false, 0}, out_of_network = {0, true, 4000}},
  laboratory = {in_network = {0, true, 1000}, out_of_network = {0, true, 4000}},
  therapy = {in_network = {1500, true, 2000}, out_of_network = {0, true, 4000}, visits = 20},
  imaging = {in_network = {0, true, 2000}, out_of_network = {0, true, 5000}},
  equipment = {in_network = {0, true, 2000}, out_of_network = {0, true, 5000}},
  injections = {in_network = {0, true, 2000}, out_of_network = {0, true, 4000}}}
local function within(list, code)
  for _, r in ipairs(list) do if code >= r[1] and code <= r[2] then return r end end
end

local m = redis.call('HMGET', 'member:' .. member, 'family', 'plan', 'from', 'to')
local family = m[1]
local tier = redis.call('HGET', 'roster', provider) or 'out_of_network'
local balances = 'balance:' .. family .. ':' .. year
local used = redis.call('HMGET', balances, member .. ':deductible:' .. tier, '*:deductible:' .. tier,
  member .. ':oop_max:' .. tier, '*:oop_max:' .. tier)
local limit = limits[tier]
local deductible = math.max(0, math.min(limit.deductible[1] - (tonumber(used[1]) or 0), limit.deductible[2] - (tonumber(used[2]) or 0)))
local oop = math.max(0, math.min(limit.oop_max[1] - (tonumber(used[3]) or 0), limit.oop_max[2] - (tonumber(used[4]) or 0)))
local took_deductible, took_oop = 0, 0
local services = 'service:' .. member .. ':' .. day
local out, allowed_sum, paid_sum, charge_sum = {}, 0, 0, 0
local function adjust(i, group, carc, cents, because) out[#out + 1] = i .. ' ' .. group .. ' ' .. carc .. ' ' .. cents .. ' ' .. because end

for i, line in ipairs(lines) do
  local code, charge = line[1], line[2]
  local allowed, left = 0, 0
  charge_sum = charge_sum + charge
  local r = within(ranges, code)
  if not m[2] or day < tonumber(m[3]) or day > tonumber(m[4]) then adjust(i, 'PR', '26', charge, 'plan.effective')
  elseif day < 20454 or day > 20818 then out[#out + 1] = i .. ' pended'
  elseif 20727 > day + 365 then adjust(i, 'CO', '29', charge, 'timely_filing.limit')
  elseif redis.call('HSETNX', services, provider .. ':' .. code, n .. ':' .. i) == 0 then adjust(i, 'OA', '18', charge, 'duplicates.exact')
  elseif within({{'15820', '15823'}, {'G0429', 'G0429'}}, code) then adjust(i, 'PR', '96', charge, 'exclusions.cosmetic')
  elseif not r then adjust(i, 'PR', '204', charge, 'benefits')
  elseif within({{'70551', '70553'}, {'G0219', 'G0219'}}, code) then adjust(i, 'CO', '197', charge, 'prior_auth.advanced_imaging')
  else
    local benefit = r[3]
    local fee = tonumber(redis.call('HGET', 'fee', code))
    if not fee then out[#out + 1] = i .. ' pended'
    else
      if tier == 'out_of_network' then fee = math.floor((fee * 8 + 5) / 10) end
      allowed = math.min(fee, charge)
      left = allowed
      if charge > allowed then adjust(i, tier == 'in_network' and 'CO' or 'PR', '45', charge - allowed, 'fee_schedule.' .. tier .. '.table') end
      local share = shares[benefit][tier]
      local visits = 'visit:' .. member .. ':' .. benefit .. ':' .. year
      local visit = day .. ':' .. provider
      local copaid = 0
      local past = false
      if shares[benefit].visits or share[1] > 0 then
        local v = redis.call('HGET', visits, visit)
        if not v and shares[benefit].visits and redis.call('HLEN', visits) >= shares[benefit].visits then past = true end
        copaid = tonumber(v) or 0
      end
      if past then
        adjust(i, 'PR', '119', left, 'benefits.' .. benefit .. '.limit.visits')
        left = 0
      else
        local owed = math.min(math.max(share[1] - copaid, 0), left, oop)
        if owed > 0 then
          adjust(i, 'PR', '3', owed, 'benefits.' .. benefit .. '.cost_share.' .. tier .. '.copay')
          left = left - owed; copaid = copaid + owed; oop = oop - owed; took_oop = took_oop + owed
        end
        if shares[benefit].visits or share[1] > 0 then redis.call('HSET', visits, visit, copaid) end
        if share[2] then
          owed = math.min(left, deductible, oop)
          if owed > 0 then
            adjust(i, 'PR', '1', owed, 'deductible.' .. tier .. '.individual')
            left = left - owed; deductible = deductible - owed; oop = oop - owed
            took_deductible = took_deductible + owed; took_oop = took_oop + owed
          end
        end
        owed = math.min(math.floor((left * share[3] + 5000) / 10000), oop)
        if owed > 0 then
          adjust(i, 'PR', '2', owed, 'benefits.' .. benefit .. '.cost_share.' .. tier .. '.coinsurance')
          left = left - owed; oop = oop - owed; took_oop = took_oop + owed
        end
      end
    end
  end
  allowed_sum = allowed_sum + allowed
  paid_sum = paid_sum + left
end
if took_deductible > 0 then
  redis.call('HINCRBY', balances, member .. ':deductible:' .. tier, took_deductible)
  redis.call('HINCRBY', balances, '*:deductible:' .. tier, took_deductible)
end
if took_oop > 0 then
  redis.call('HINCRBY', balances, member .. ':oop_max:' .. tier, took_oop)
  redis.call('HINCRBY', balances, '*:oop_max:' .. tier, took_oop)
end
redis.call('HSET', filing, 'member', member, 'provider', provider, 'day', day, 'charge', charge_sum, 'allowed', allowed_sum,
  'paid', paid_sum, 'adjustments', table.concat(out, '\n'))
redis.call('INCRBY', 'paid', paid_sum)
return paid_sum
