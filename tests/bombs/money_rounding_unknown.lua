-- expect: argument
return {
  main = function(lines, n)
    local v = money.bps(1, 1, 'ceiling')
  end,
}
