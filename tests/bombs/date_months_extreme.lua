-- expect: range
return {
  main = function(lines, n)
    local d = date.add_months(0, -9223372036854775807)
  end,
}
