-- expect: gas
return {
  main = function(lines, n)
    while true do local v = #{1, 2, 3, 4, 5, 6, 7, 8} end
  end,
}
