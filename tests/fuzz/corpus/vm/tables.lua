local M, t = {}, {b = 1, [3] = 2, a = {}}
function M.main(l, n)
  for k, v in sorted_pairs(t) do put(k) end
  for i = 1, 50 do t["k" .. i] = i; t["k" .. (i - 3)] = nil end
  local s = str.sub(str.upper("abc"), 2, #l)
  while str.compare(s, "BZ") < 0 do t[t] = {t}; s = s .. 1 end
  return date.text(date.add_months(date.of("2024-02-29"), -n))
end
return M
