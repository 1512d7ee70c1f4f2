-- expect: gas
return {
  main = function(lines, n)
    local a, b = n, n + 1 while a < b or a <= b or a > b or a >= b do end
  end,
}
