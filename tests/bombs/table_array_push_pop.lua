-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 4096 do t[i] = i end while true do t[4097] = 1 t[4097] = nil end
  end,
}
