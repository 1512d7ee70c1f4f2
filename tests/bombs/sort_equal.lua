-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 1025 do t[i] = 7 end while true do local u = sort(t, t) end
  end,
}
