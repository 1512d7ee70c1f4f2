-- expect: range
return {
  main = function(lines, n)
    local a = 0 while true do a = money.sub(a, 999999999999) end
  end,
}
