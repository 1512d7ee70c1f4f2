-- expect: gas
return {
  main = function(lines, n)
    local a, b = 9223372036854775807, 3 while true do local c = a // b % b end
  end,
}
