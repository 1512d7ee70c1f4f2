-- expect: gas
return {
  main = function(lines, n)
    local t, i = {a = 1}, 0 while true do i = i + 1 t["x" .. i] = 1 t["x" .. i] = nil end
  end,
}
