-- expect: range
return {
  main = function(lines, n)
    local w = {} for i = 1, 256 do w[i] = 9223372036854775807 end local v = money.split(9999999999999, w)
  end,
}
