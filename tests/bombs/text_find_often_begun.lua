-- expect: gas
return {
  main = function(lines, n)
    local h = 'ab' for i = 1, 11 do h = h .. h end while true do local v = str.find(h, 'aa') end
  end,
}
