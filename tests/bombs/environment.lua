-- expect: refused
return {
  main = function(lines, n)
    local _ENV = {}
  end,
}
