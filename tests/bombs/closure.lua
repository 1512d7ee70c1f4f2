-- expect: gas
return {
  main = function(lines, n)
    while true do local f = function() end end
  end,
}
