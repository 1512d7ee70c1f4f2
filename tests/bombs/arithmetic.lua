-- expect: gas
return {
  main = function(lines, n)
    local a, b, c = 1, 2, 3 while true do a = (b * c + a) % 1000003 b = (a - c * 7) % 1000003 c = (a * b - c) % 1000003 end
  end,
}
