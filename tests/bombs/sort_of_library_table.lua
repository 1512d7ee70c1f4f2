-- expect: refused
return {
  main = function(lines, n)
    local u = table.sort({2, 1}, function() return true end)
  end,
}
