-- expect: range
return {
  main = function(lines, n)
    local d = date.of('0001-01-01') while true do d = date.add_months(d, -1) end
  end,
}
