-- expect: gas
return {
  main = function(lines, n)
    local s = "x" for i = 1, 7 do s = s .. s end local t = {} while true do local v = t[s .. s] end
  end,
}
