-- expect: gas
return {
  main = function(lines, n)
    local b = big() while true do b = b.nested.nested.nested end
  end,
}
