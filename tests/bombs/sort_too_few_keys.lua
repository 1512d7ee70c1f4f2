-- expect: argument
return {
  main = function(lines, n)
    local t = {} for i = 1, 1000 do t[i] = i end local u = sort(t, {1})
  end,
}
