-- expect: gas
return {
  main = function(lines, n)
    for i = 1, 9223372036854775807 do end
  end,
}
