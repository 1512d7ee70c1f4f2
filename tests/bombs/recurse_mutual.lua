-- expect: range
return {
  main = function(lines, n)
    local g local function f() return g() end g = function() return f() end local x = f()
  end,
}
