-- expect: refused
return {
  main = function(lines, n)
    collectgarbage()
  end,
}
