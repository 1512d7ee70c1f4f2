-- expect: argument
return {
  main = function(lines, n)
    local d = date.year(9223372036854775807)
  end,
}
