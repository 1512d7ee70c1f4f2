-- expect: gas
return {
  main = function(lines, n)
    local a = "x" for i = 1, 11 do a = a .. a end local b, c = a .. a, a .. a while true do local d = str.compare(b, c) end
  end,
}
