-- expect: gas
return {
  main = function(lines, n)
    local t = {} while true do t[#t + 1] = 0 end
  end,
}
