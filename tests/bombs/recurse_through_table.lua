-- expect: range
return {
  main = function(lines, n)
    local t = {} t.f = function(k) return t.f(k + 1) end local x = t.f(0)
  end,
}
