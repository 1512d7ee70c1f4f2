-- expect: gas
return {
  main = function(lines, n)
    while true do local v = date.of(date.text(20000)) end
  end,
}
