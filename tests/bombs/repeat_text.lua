-- expect: refused
return {
  main = function(lines, n)
    local v = ("x"):rep(1 << 40)
  end,
}
