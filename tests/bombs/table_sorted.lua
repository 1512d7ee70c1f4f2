-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 10000 do t[i] = 10000 - i end while true do for k in sorted_pairs(t) do break end end
  end,
}
