-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 100 do t[i] = {i, i, i} end while true do local u = {} for v, i in each(t) do u[i] = {v[1], v[2], v[3]} end end
  end,
}
