-- expect: gas
return {
  main = function(lines, n)
    local t = {} while true do t = sort(t) t[#t + 1] = 0 - #t end
  end,
}
