-- expect: range
return {
  main = function(lines, n)
    local t, i = {}, 0 while true do i = i + 1 t["k" .. i] = i end
  end,
}
