-- expect: gas
return {
  main = function(lines, n)
    while true do local v = money.bps(9999999999999, 9999, "half_even") end
  end,
}
