-- expect: gas
return {
  main = function(lines, n)
    while true do local t = {} t[1] = 1 end
  end,
}
