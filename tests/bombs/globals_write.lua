-- expect: refused
return {
  main = function(lines, n)
    while true do x = 1 end
  end,
}
