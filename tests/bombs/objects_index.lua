-- expect: gas
return {
  main = function(lines, n)
    while true do local a, b, c = lines[1], lines[2], lines[3] end
  end,
}
