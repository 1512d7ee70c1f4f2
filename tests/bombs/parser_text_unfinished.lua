-- expect: refused
return {
  main = function(lines, n)
    local x = [==[ ]=] ]] 
  end,
}
