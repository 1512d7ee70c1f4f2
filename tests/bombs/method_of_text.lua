-- expect: error
return {
  main = function(lines, n)
    local v = ("x"):rep(1000000000)
  end,
}
