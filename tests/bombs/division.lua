-- expect: gas
return {
  main = function(lines, n)
    local a = 9223372036854775807 while true do a = a // 3 % 1000003 + 9223372036854775807 // 7 end
  end,
}
