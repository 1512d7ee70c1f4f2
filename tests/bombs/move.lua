-- expect: refused
return {
  main = function(lines, n)
    table.move({}, 1, 1000000000, 1)
  end,
}
