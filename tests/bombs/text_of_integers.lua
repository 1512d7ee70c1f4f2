-- expect: gas
return {
  main = function(lines, n)
    local i = -9223372036854775807 while true do local t = i .. i .. i .. i .. i .. i .. i .. i end
  end,
}
