-- expect: field
return {
  main = function(lines, n)
    lines[1].charge = 0
  end,
}
