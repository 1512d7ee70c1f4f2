-- expect: gas
return {
  main = function(lines, n)
    local b = big() while true do local v = b[9223372036854775807] end
  end,
}
