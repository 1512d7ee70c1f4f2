-- expect: gas
return {
  main = function(lines, n)
    local t = {} for i = 1, 500 do t[i] = text(i * 7919 % 503) end while true do local u = sort(t) end
  end,
}
