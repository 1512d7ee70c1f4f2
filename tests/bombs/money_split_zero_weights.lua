-- expect: range
return {
  main = function(lines, n)
    local v = money.split(100, {0, 0, 0})
  end,
}
