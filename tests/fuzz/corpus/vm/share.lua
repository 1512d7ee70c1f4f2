local M = {}
local function share(cents, bps) return money.bps(cents, bps, "half_even") end
function M.payout(lines, n)
  local sum = 0
  for cents, i in each(lines) do sum = money.add(sum, share(cents, 2000) * i) end
  put({rarc = {"N130", text(sum)}})
  if sum > n then fail("too much") end
end
return M
