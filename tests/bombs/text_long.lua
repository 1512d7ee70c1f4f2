-- expect: gas
return {
  main = function(lines, n)
    local s = "x" for i = 1, 12 do s = s .. s end s = str.sub(s, 2) while true do local t = s .. "y" end
  end,
}
