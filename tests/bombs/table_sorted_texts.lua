-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 1000 do t["key" .. i] = i end while true do for k in sorted_pairs(t) do break end end
  end,
}
