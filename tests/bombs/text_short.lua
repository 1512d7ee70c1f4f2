-- expect: gas
return {
  main = function(lines, n)
    local i = 0 while true do i = i + 1 local t = "k" .. i end
  end,
}
