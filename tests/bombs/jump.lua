-- expect: refused
return {
  main = function(lines, n)
    ::again:: goto again
  end,
}
