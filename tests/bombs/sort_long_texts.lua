-- expect: gas
return {
  main = function(lines, n)
    local p = 'x' for i = 1, 11 do p = p .. p end local t = {} for i = 1, 100 do t[i] = p .. 1000 - i end while true do local u = sort(t) end
  end,
}
