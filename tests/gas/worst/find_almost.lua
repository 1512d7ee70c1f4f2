-- Searches long texts for what almost stands everywhere.
local K, Q, W, R, L = {}, {}, {}, {}, 'a'
for i = 1, 1000 do K[i] = 'key' .. i end
for i = 1, 1000 do Q[K[i]] = i end
for i = 1, 256 do W[i] = i * 7919 % 997 end
for i = 1, 60 do R[i * 4096] = i end
for i = 1, 12 do L = L .. L end
local M = str.sub(L, 1, 2000) .. 'b'
return { main = function(claim, member)
local a, b, c, s, u, l, m = 7, 9, 100, 'abcdefgh', 'abcdefgi', L, M
local t, k, q, w, r, x = {}, K, Q, W, R, {1, 2, 3, name = 1}
local function f(y, z) return y end local g = function() end
local function h(y) if y > 0 then h(y - 1) end end
local lines, line, day, list = claim.lines, claim.lines[1], claim.statement_from, policy.exclusions[1].procedures
local visit = policy.benefits.visits_of_the_lines line:set_tier('in_network') line:set_benefit(visit)
for i = 2, 40 do lines[i]:set_tier('in_network') lines[i]:set_benefit(visit) end
line:allow(900000, 'fee_schedule')
while true do
do local n = 3     local h = 'a' for i = 1, 12 do h = h .. h end for turn = 1, 1739 do local v = str.find(h, 'aaaaaaab') end end
end
end }
