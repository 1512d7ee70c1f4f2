-- expect: gas
return {
  main = function(lines, n)
    local t, i = {}, 0 for k = 1, 1023 do t["k" .. k] = k end while true do i = i + 1 t["x" .. i] = 1 t["x" .. i] = nil end
  end,
}
