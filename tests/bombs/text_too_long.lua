-- expect: range
return {
  main = function(lines, n)
    local s = 'x' while true do s = s .. s .. s end
  end,
}
