-- expect: refused
return {
  main = function(lines, n)
    local v = 1e308 * 10
  end,
}
