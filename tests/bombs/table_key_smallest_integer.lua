-- expect: range
return {
  main = function(lines, n)
    local t = {} local k = -9223372036854775807 while true do t[k] = 1 k = k + 2 end
  end,
}
