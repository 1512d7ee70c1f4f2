-- expect: range
return {
  main = function(lines, n)
    local d = date.of('9999-12-31') while true do d = date.add_months(d, 1) end
  end,
}
