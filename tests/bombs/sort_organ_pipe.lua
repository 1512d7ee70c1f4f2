-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 1024 do t[i] = i % 2 * i - (1 - i % 2) * i end while true do local u = sort(t) end
  end,
}
