-- expect: gas
return {
  main = function(lines, n)
    local h = 'a' for i = 1, 12 do h = h .. h end while true do local v = str.find(h, 'aaaaaaab') end
  end,
}
