-- expect: range
return {
  main = function(lines, n)
    local function f(t) return sort({f(t), 1}) end local u = f({})
  end,
}
