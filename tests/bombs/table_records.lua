-- expect: gas
return {
  main = function(lines, n)
    while true do local t = {} t.x = 1 end
  end,
}
