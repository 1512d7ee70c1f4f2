-- expect: gas
return {
  main = function(lines, n)
    local d = date.of('2024-02-29') while true do d = date.of(date.text(date.add_months(d, 0))) end
  end,
}
