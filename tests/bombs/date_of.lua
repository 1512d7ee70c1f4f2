-- expect: gas
return {
  main = function(lines, n)
    while true do local d = date.of('9999-12-31') end
  end,
}
