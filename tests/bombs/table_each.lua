-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 1000 do t[i] = i end while true do for v in each(t) do end end
  end,
}
