-- expect: gas
return {
  main = function(lines, n)
    local b = big() while true do local v = #b + len(b) end
  end,
}
