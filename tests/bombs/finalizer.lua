-- expect: refused
return {
  main = function(lines, n)
    local v = setmetatable({}, {__gc = function() while true do end end})
  end,
}
