-- expect: gas
return {
  main = function(lines, n)
    local function f() end for i = 1, 9223372036854775807 do f() end
  end,
}
