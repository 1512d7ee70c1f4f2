-- expect: gas
return {
  main = function(lines, n)
    while true do local v = date.add_months(date.add_months(20000, 95000), -95000) end
  end,
}
