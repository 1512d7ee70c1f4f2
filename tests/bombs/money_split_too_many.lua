-- expect: argument
return {
  main = function(lines, n)
    local w = {} for i = 1, 257 do w[i] = 1 end local v = money.split(100, w)
  end,
}
