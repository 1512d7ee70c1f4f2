-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 500 do t[i] = i * 31 % 499 end while true do t = sort(sort(sort(t), t), sort(t)) end
  end,
}
