-- expect: refused
return {
  main = function(lines, n)
    string.dump(function() end)
  end,
}
