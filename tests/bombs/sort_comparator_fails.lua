-- expect: argument
return {
  main = function(lines, n)
    local u = sort({2, 1}, function(a, b) fail('no') end)
  end,
}
