-- expect: gas
return {
  main = function(lines, n)
    local a, b, c, d, e, f, g, h = 1, 2, 3, 4, 5, 6, 7, 8 while true do local k = function() return a + b + c + d + e + f + g + h end end
  end,
}
