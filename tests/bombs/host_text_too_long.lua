-- expect: range
return {
  main = function(lines, n)
    local v = big().longer
  end,
}
