-- expect: refused
return {
  main = function(lines, n)
    xpcall(function() while true do end end, function() while true do end end)
  end,
}
