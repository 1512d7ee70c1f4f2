-- expect: refused
return {
  main = function(lines, n)
    local x = 1 --[==[ ]=] ]] 
  end,
}
