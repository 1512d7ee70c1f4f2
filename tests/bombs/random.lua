-- expect: refused
return {
  main = function(lines, n)
    local x = math.random()
  end,
}
