-- expect: refused
return {
  main = function(lines, n)
    local x = table.concat({1, 2, 3})
  end,
}
