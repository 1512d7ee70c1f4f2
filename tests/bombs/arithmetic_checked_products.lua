-- expect: gas
return {
  main = function(lines, n)
    local m = n while true do local x = m * m * m * m + m * m * m * m * m * m * m * m end
  end,
}
