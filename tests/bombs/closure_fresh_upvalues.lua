-- expect: gas
return {
  main = function(lines, n)
    while true do local a, b, c, d = 1, 2, 3, 4 local k = function() return a + b + c + d end end
  end,
}
