-- expect: error
return {
  main = function(lines, n)
    local t = {} while true do local v = t.x.y end
  end,
}
