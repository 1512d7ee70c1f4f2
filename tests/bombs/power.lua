-- expect: refused
return {
  main = function(lines, n)
    local v = 2 ^ 1000
  end,
}
