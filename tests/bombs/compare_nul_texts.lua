-- expect: error
return {
  main = function(lines, n)
    local a = "\0" for i = 1, 12 do a = a .. a end while true do local d = a < a end
  end,
}
