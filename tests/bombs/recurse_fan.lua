-- expect: gas
return {
  main = function(lines, n)
    local function f(k) if k > 0 then f(k - 1) f(k - 1) f(k - 1) end end f(120)
  end,
}
