-- expect: gas
return {
  main = function(lines, n)
    local a, b = lines[1], lines[1] while true do local v = a == b end
  end,
}
