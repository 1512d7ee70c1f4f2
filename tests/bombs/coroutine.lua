-- expect: refused
return {
  main = function(lines, n)
    while true do coroutine.wrap(function() end)() end
  end,
}
