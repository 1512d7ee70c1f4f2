-- expect: range
return {
  main = function(lines, n)
    local function f(k) return 1 + f(k) end local x = f(1)
  end,
}
