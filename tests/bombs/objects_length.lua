-- expect: gas
return {
  main = function(lines, n)
    while true do local v = #lines + len(lines) end
  end,
}
