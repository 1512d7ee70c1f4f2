-- expect: gas
return {
  main = function(lines, n)
    local p = 'x' for i = 1, 7 do p = p .. p end while true do local t = {} for i = 1, 60 do t[p .. p .. '' == p and 1 or p .. i] = i end end
  end,
}
