-- expect: gas
return {
  main = function(lines, n)
    local function f(k) if k > 0 then for i = 1, 10 do f(k - 1) end end end f(100)
  end,
}
