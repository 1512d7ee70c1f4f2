-- expect: gas
return {
  main = function(lines, n)
    local h, k = 'ab', 'ab' for i = 1, 10 do h = h .. h end for i = 1, 9 do k = k .. k end k = k .. 'b' while true do local v = str.find(h, k) end
  end,
}
