-- expect: gas
return {
  main = function(lines, n)
    for i = -9223372036854775807, 9223372036854775807 do end
  end,
}
