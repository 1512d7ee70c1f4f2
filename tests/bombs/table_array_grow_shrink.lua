-- expect: gas
return {
  main = function(lines, n)
    local t = {} while true do for i = 1, 1024 do t[i] = i end for i = 1024, 1, -1 do t[i] = nil end end
  end,
}
