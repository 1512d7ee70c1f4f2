local M, a <const>, t = {}, 1, {1, 2; x = 3, ["y"] = 4, [5] = {}}
local function f(p, q) if p == 0 then return q elseif p < 2 then return f(p - 1, q) else p, q = q, p end end
function M.main(lines, n)
  for i = 1, n do t[i] = -i end
  for v, i in each(lines) do v:adjust("CO", i) end
  for k, v in sorted_pairs(t) do if k == 1 then break end end
  while n > 0 do n = n - 1 end
  repeat local z = n until z == 0
  do t.x = #t .. "a" .. text(a) end
  return f(n, not nil and 1 or 2)
end
return M
