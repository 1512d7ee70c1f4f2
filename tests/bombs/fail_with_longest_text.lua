-- expect: fail
return {
  main = function(lines, n)
    local s = 'x' for i = 1, 12 do s = s .. s end fail(s)
  end,
}
