-- expect: gas
return {
  main = function(lines, n)
    for i = 1, 1000000 do for j = 1, 1000000 do end end
  end,
}
