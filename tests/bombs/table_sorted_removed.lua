-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 1000 do t["k" .. i] = i end while true do for k in sorted_pairs(t) do t[k] = nil end for i = 1, 1000 do t["k" .. i] = i end end
  end,
}
