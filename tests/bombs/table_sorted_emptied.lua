-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 20000 do t[i] = i end for i = 20000, 1, -1 do t[i] = nil end while true do for k in sorted_pairs(t) do end end
  end,
}
