-- expect: range
return {
  main = function(lines, n)
    local v = money.bps(9999999999999, 9223372036854775807)
  end,
}
