-- expect: argument
return {
  main = function(lines, n)
    local u = sort({2, 1}, function(a, b) while true do end end)
  end,
}
