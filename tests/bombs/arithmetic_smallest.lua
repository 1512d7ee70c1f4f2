-- expect: range
return {
  main = function(lines, n)
    local x = -9223372036854775807 - 1 local y = x // -1
  end,
}
