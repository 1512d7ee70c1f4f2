-- expect: range
return {
  main = function(lines, n)
    local s = "a" for i = 1, 9 do s = s .. s end local t = {} t[s] = 1
  end,
}
