-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 200 do t[i] = i end for a in each(t) do for b in each(t) do for c in each(t) do for d in each(t) do end end end end
  end,
}
