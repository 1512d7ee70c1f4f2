-- expect: gas
return {
  main = function(lines, n)
    for i = 9223372036854775807, 1, -1 do end
  end,
}
