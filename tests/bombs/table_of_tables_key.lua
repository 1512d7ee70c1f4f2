-- expect: error
return {
  main = function(lines, n)
    local t = {} t[t] = 1
  end,
}
