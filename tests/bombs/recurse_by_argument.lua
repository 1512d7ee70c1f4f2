-- expect: range
return {
  main = function(lines, n)
    local function f(g, k) return g(g, k + 1) end local u = f(f, 0)
  end,
}
