-- expect: refused
return {
  main = function(lines, n)
    local v = table.unpack({}, 1, 1000000000)
  end,
}
