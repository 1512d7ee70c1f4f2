-- expect: refused
return {
  main = function(lines, n)
    local x = 1e308 while x do x = x * 10 end
  end,
}
