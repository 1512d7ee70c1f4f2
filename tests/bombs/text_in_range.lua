-- expect: gas
return {
  main = function(lines, n)
    while true do local v = str.in_range("70500", "70450-70559") end
  end,
}
