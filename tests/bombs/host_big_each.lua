-- expect: gas
return {
  main = function(lines, n)
    while true do for v in each(big()) do end end
  end,
}
