-- expect: field
return {
  main = function(lines, n)
    local v = big().pairs
  end,
}
