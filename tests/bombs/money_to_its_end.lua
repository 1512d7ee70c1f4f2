-- expect: range
return {
  main = function(lines, n)
    local a = 1 while true do a = money.add(a, a) end
  end,
}
