-- expect: gas
return {
  main = function(lines, n)
    local a, b = 'a', 'ab' for i = 1, 15 do a, b = b, b .. a end while true do local v = str.find(b, a .. 'a') end
  end,
}
