-- expect: refused
return {
  main = function(lines, n)
    local t = setmetatable({}, {__index = function(a, b) while true do end end}) local v = t.x
  end,
}
