-- expect: range
return {
  main = function(lines, n)
    local a, b, c = 1, 2, 3 while true do a = b * c + a b = a - c * 7 c = a * b - c end
  end,
}
