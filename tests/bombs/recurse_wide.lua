-- expect: gas
return {
  main = function(lines, n)
    local function f(k) if k == 0 then return 0 end return f(k - 1) + f(k - 1) end local x = f(100)
  end,
}
