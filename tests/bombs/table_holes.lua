-- expect: range
return {
  main = function(lines, n)
    local t = {} for i = 1, 60000 do t[i] = i end for i = 1, 60000 do if i % 255 ~= 0 then t[i] = nil end end
  end,
}
