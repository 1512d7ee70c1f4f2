-- expect: gas
return {
  main = function(lines, n)
    local w = {1} while true do local v = money.split(1, w) end
  end,
}
