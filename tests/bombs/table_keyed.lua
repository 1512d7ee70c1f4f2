-- expect: gas
return {
  main = function(lines, n)
    while true do local t = {a = 1, b = 2, c = 3, d = 4, e = 5} end
  end,
}
