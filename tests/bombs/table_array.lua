-- expect: gas
return {
  main = function(lines, n)
    local t, i = {}, 0 while true do i = i + 1 t[i] = i end
  end,
}
