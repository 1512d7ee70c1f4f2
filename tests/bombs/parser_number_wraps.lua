-- expect: refused
return {
  main = function(lines, n)
    local x = 0xffffffffffffffff
  end,
}
