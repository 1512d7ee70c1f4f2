-- expect: refused
return {
  main = function(lines, n)
    load("while true do end")()
  end,
}
