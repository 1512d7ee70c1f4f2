-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 20000 do t[i] = i * 7919 % 20011 end while true do local u = sort(t) end
  end,
}
