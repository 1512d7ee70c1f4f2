-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 10000 do t[i] = i end while true do t[1] = nil t[1] = 1 end
  end,
}
