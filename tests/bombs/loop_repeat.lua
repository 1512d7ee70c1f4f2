-- expect: gas
return {
  main = function(lines, n)
    repeat until false
  end,
}
