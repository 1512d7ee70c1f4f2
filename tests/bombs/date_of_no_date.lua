-- expect: argument
return {
  main = function(lines, n)
    local d = date.of('2026-02-30')
  end,
}
