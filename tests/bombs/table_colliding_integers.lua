-- expect: range
return {
  main = function(lines, n)
    local t = {} for i = 1, 2000 do t[i * 1023] = i end
  end,
}
