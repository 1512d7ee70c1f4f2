-- expect: gas
return {
  main = function(lines, n)
    local s = "a" for i = 1, 12 do s = s .. s end local k = str.sub(s, 1, 2000) .. "b" while true do local v = str.find(s, k) end
  end,
}
