-- expect: gas
return {
  main = function(lines, n)
    while true do for i = -9223372036854775807, 9223372036854775807, 9223372036854775807 do end end
  end,
}
