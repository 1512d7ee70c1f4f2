-- expect: gas
return {
  main = function(lines, n)
    while true do local v = lines[1].charge end
  end,
}
