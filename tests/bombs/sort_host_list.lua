-- expect: gas
return {
  main = function(lines, n)
    while true do local u = sort(big()) end
  end,
}
