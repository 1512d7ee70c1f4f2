-- expect: gas
return {
  main = function(lines, n)
    local fs = {} while true do local a, b, c = n, n, n fs[#fs + 1] = function() a = b b = c c = a return fs end end
  end,
}
