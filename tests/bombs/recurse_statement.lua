-- expect: range
return {
  main = function(lines, n)
    local function f() f() end f()
  end,
}
