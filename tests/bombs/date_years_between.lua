-- expect: gas
return {
  main = function(lines, n)
    local a, b = date.of('0001-01-01'), date.of('9999-12-31') while true do local y = date.years_between(a, b) end
  end,
}
