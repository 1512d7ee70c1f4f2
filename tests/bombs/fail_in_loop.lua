-- expect: fail
return {
  main = function(lines, n)
    while true do fail("x") end
  end,
}
