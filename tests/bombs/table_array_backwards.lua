-- expect: range
return {
  main = function(lines, n)
    local t = {} for i = 100000, 1, -1 do t[i] = i end
  end,
}
