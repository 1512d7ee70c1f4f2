-- expect: gas
return {
  main = function(lines, n)
    while true do end
  end,
}
