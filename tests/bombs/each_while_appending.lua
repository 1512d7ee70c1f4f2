-- expect: gas
return {
  main = function(lines, n)
    local t = {1} for v, i in each(t) do t[#t + 1] = i end
  end,
}
