-- expect: gas
return {
  main = function(lines, n)
    local f while true do local g = f f = function() return g end end
  end,
}
