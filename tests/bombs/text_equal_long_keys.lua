-- expect: gas
return {
  main = function(lines, n)
    local s = "x" for i = 1, 8 do s = s .. s end local t = {[s] = 1} while true do local v = t[s] end
  end,
}
