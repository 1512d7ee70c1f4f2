-- expect: argument
return {
  main = function(lines, n)
    local v = money.muldiv(1, 1, 0)
  end,
}
