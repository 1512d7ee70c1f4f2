-- expect: error
return {
  main = function(lines, n)
    for i = 1, 10, n - n do end
  end,
}
