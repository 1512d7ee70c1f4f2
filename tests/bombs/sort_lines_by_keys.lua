-- expect: gas
return {
  main = function(lines, n)
    while true do local u = sort(lines, {3, 1, 2}) end
  end,
}
