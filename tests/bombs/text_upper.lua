-- expect: gas
return {
  main = function(lines, n)
    local s = "a" for i = 1, 12 do s = s .. s end while true do local v = str.upper(s) end
  end,
}
