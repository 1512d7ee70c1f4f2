-- expect: range
return {
  main = function(lines, n)
    local function f(a, b, c, d, e, g, h, i) return f(b, c, d, e, g, h, i, a) end local u = f(1, 2, 3, 4, 5, 6, 7, 8)
  end,
}
