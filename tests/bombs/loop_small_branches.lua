-- expect: gas
return {
  main = function(lines, n)
    local x = n while true do if x == 1 then x = 1 end if x == 2 then x = 2 end if x == 3 then x = 3 end if x == 4 then x = 4 end end
  end,
}
