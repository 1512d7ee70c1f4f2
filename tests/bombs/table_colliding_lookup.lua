-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 64 do t[i * 127 + 1000000] = i end while true do local v = t[127 + 1000000] == t[254 + 1000000] end
  end,
}
