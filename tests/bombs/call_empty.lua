-- expect: gas
return {
  main = function(lines, n)
    local function f() end while true do f() end
  end,
}
