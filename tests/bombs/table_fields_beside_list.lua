-- expect: range
return {
  main = function(lines, n)
    local t, i = {}, 0 for k = 1, 30000 do t[k] = k end while true do i = i + 1 t["x" .. i] = 1 end
  end,
}
