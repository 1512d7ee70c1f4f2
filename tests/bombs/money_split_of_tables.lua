-- expect: argument
return {
  main = function(lines, n)
    local v = money.split(100, {{}, {}, {}})
  end,
}
