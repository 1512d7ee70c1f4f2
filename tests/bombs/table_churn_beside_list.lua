-- expect: gas
return {
  main = function(lines, n)
    local t, i = {}, 0 for k = 1, 30000 do t[k] = k end while true do i = i + 1 t["x" .. i % 7] = 1 t["x" .. i % 7] = nil end
  end,
}
