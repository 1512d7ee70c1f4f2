-- expect: gas
return {
  main = function(lines, n)
    while true do for l in each(lines) do end end
  end,
}
