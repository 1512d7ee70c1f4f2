-- expect: range
return {
  main = function(lines, n)
    local function f(t) for v in each(t) do f(t) end end f({1, 2, 3})
  end,
}
