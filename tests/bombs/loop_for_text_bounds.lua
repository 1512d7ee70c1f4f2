-- expect: error
return {
  main = function(lines, n)
    for i = '1', 10 do end
  end,
}
