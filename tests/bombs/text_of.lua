-- expect: gas
return {
  main = function(lines, n)
    while true do local v = text(9223372036854775807) end
  end,
}
