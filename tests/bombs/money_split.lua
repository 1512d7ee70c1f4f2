-- expect: gas
return {
  main = function(lines, n)
    local w = {} for i = 1, 256 do w[i] = i end while true do local v = money.split(99999, w) end
  end,
}
