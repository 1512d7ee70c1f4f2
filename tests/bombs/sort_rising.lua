-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 1000 do t[i] = i end while true do local u = sort(t) end
  end,
}
