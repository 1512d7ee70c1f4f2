-- expect: gas
return {
  main = function(lines, n)
    local a, b = 1, 2 while true do a = a * 31 + b b = b * 17 - a end
  end,
}
