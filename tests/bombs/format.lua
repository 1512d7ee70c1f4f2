-- expect: refused
return {
  main = function(lines, n)
    local x = string.format('%99d', 1)
  end,
}
