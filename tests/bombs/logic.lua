-- expect: gas
return {
  main = function(lines, n)
    local a = false while true do local v = a and a and a or not a and not not a end
  end,
}
