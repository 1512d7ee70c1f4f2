-- expect: refused
return {
  main = function(lines, n)
    local function f(...) return f(..., ...) end f(1)
  end,
}
