-- expect: error
return {
  main = function(lines, n)
    local f = n f()
  end,
}
