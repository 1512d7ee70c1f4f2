-- expect: argument
return {
  main = function(lines, n)
    local u = sort({2, 1}, function(a, b) return a < b end)
  end,
}
