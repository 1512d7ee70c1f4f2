-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 900 do t['k' .. i] = i end while true do for k in sorted_pairs(t) do t[k] = nil t[k] = 1 end end
  end,
}
