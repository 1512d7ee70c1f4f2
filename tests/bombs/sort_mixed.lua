-- expect: argument
return {
  main = function(lines, n)
    local t = {} for i = 1, 1000 do t[i] = i end t[1001] = 'x' local u = sort(t)
  end,
}
